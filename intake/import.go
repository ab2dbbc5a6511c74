package intake

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/xunke/xunke/catalog"
)

// maxKept is how many problems a summary repeats; all of them are reported.
const maxKept = 1000

// Summary says what became of an import.
type Summary struct {
	Orgs         Count     `json:"orgs"`
	Teachers     Count     `json:"teachers"`
	Courses      Count     `json:"courses"`
	Enrolments   Count     `json:"enrolments"`
	Ratings      Count     `json:"ratings"`
	OrgsMade     int64     `json:"orgs_made"`     // named by an item, defined nowhere
	TeachersMade int64     `json:"teachers_made"` // likewise
	Bad          int64     `json:"bad"`           // lines or rows that did not go in
	Replaced     int64     `json:"replaced"`      // lines that a later file defines again
	Warnings     int64     `json:"warnings"`      // values and references that were left out
	Seconds      float64   `json:"seconds"`
	PerSecond    float64   `json:"per_second"` // items a second
	Problems     []Problem `json:"problems"`   // the first thousand
}

// Items is how many items were looked at and were good.
func (s Summary) Items() int64 { return s.Orgs.Total() + s.Teachers.Total() + s.Courses.Total() }

// Options of an import. Every one may be left out.
type Options struct {
	Stdin    io.Reader     // what the path "-" stands for
	Progress Progress      // hears how far it is
	Report   func(Problem) // called with each bad line when it is found
}

// Import loads files of JSON lines into a store. All lines of all files are checked
// first; then orgs go in, then teachers, then courses, so that a line may refer to one
// that comes after it. A bad line is reported and left out. The summary is right even
// if there is an error: it then says what had gone in.
func Import(ctx context.Context, store Store, paths []string, o Options) (summary Summary, err error) {
	record := NewRecord(o.Report)
	defer func() { summary = record.Summary() }()
	files, remove, err := spool(paths, o.Stdin)
	if err != nil {
		return summary, err
	}
	defer func() { err = errors.Join(err, remove()) }()

	step := func(int64) {}
	if o.Progress != nil {
		o.Progress.Phase("check", 0)
		step = o.Progress.Add
	}
	s := newScan(files, record.Report, step)
	err = s.run(ctx)
	record.bad, record.replaced = s.bad, s.replaced
	if err != nil {
		return summary, err
	}
	record.Loader = &Loader{Store: store, Progress: o.Progress, Report: record.Report}
	for _, k := range []catalog.Kind{catalog.KindOrg, catalog.KindTeacher, catalog.KindCourse} {
		if n := s.counts[kindStates[k]]; n > 0 {
			if err := record.Loader.Load(ctx, k.Plural(), n, s.items(k)); err != nil {
				return summary, err
			}
		}
	}
	return summary, nil
}

// Record keeps what a summary needs while something is loaded. Reader and writer report
// to it from their own goroutines.
type Record struct {
	Loader *Loader
	begun  time.Time

	mu       sync.Mutex // guards what follows, and calls of report
	report   func(Problem)
	problems []Problem
	bad      int64
	replaced int64
	warnings int64
}

// NewRecord begins a record; report may be nil.
func NewRecord(report func(Problem)) *Record {
	return &Record{report: report, begun: time.Now()}
}

// Report passes a problem on and keeps it if it is among the first.
func (r *Record) Report(p Problem) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.Warning {
		r.warnings++
	}
	if len(r.problems) < maxKept {
		r.problems = append(r.problems, p)
	}
	if r.report != nil {
		r.report(p)
	}
}

// Reject reports the problems of an item that does not go in.
func (r *Record) Reject(at Position, problems []Problem) {
	r.mu.Lock()
	r.bad++
	r.mu.Unlock()
	for _, p := range problems {
		p.Position = at
		r.Report(p)
	}
}

// Summary is what happened so far.
func (r *Record) Summary() Summary {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Summary{Bad: r.bad, Replaced: r.replaced, Warnings: r.warnings, Problems: r.problems, Seconds: time.Since(r.begun).Seconds()}
	if s.Problems == nil {
		s.Problems = []Problem{}
	}
	if l := r.Loader; l != nil {
		s.Orgs, s.Teachers, s.Courses = l.Tally.Orgs, l.Tally.Teachers, l.Tally.Courses
		s.Enrolments, s.Ratings = l.Tally.Enrolments, l.Tally.Ratings
		s.OrgsMade, s.TeachersMade = l.Tally.OrgsMade, l.Tally.TeachersMade
	}
	if s.Seconds > 0 {
		s.PerSecond = float64(s.Items()) / s.Seconds
	}
	return s
}
