package touch

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
)

// How many of the newest courses and fan-outs are kept that may have to do with an item.
// MySQL is asked about each fan-out, and about some hundred courses at once.
const (
	maxCourses = 10_000
	maxFanOuts = 1_000
	askCourses = 500
)

// moment is a transaction and its place on the stream.
type moment struct {
	g  binlog.GTID
	at int
}

// sink keeps what may have touched one item: the newest transaction that surely did,
// and those after it that did if a course or a parent is the item's.
type sink struct {
	key    catalog.Key
	wanted gtid.Set
	left   uint64 // of wanted
	at     int
	oldest time.Time // commit of the first that was looked at

	direct  *moment
	courses recent[int64]
	fanOuts recent[binlog.FanOut]
}

var _ binlog.Sink = (*sink)(nil)

func newSink(key catalog.Key, wanted gtid.Set) *sink {
	return &sink{
		key: key, wanted: wanted, left: wanted.Count(),
		courses: newRecent[int64](maxCourses), fanOuts: newRecent[binlog.FanOut](maxFanOuts),
	}
}

// Early implements binlog.Sink. What is on the binlog is committed, even if the rest of it
// is still to come.
func (s *sink) Early(_ context.Context, open binlog.GTID, keys binlog.Keys) error {
	s.note(open, keys)
	return nil
}

// Seal implements binlog.Sink. It ends the stream with errLookedAt after the last that is
// wanted: what was committed since the search began is not waited for.
func (s *sink) Seal(_ context.Context, g binlog.GTID, keys binlog.Keys) error {
	if !s.wanted.Has(g.UUID, g.Number) {
		return nil
	}
	s.note(g, keys)
	if s.left--; s.left == 0 {
		return errLookedAt
	}
	return nil
}

func (s *sink) note(g binlog.GTID, keys binlog.Keys) {
	if !s.wanted.Has(g.UUID, g.Number) {
		return
	}
	if s.oldest.IsZero() {
		s.oldest = g.Committed
	}
	s.at++
	now := moment{g, s.at}
	_, direct := keys.Direct[s.key]
	if _, sums := keys.Sums[s.key]; direct || sums {
		// Whatever came before is not the newest.
		s.direct = &now
		s.courses.clear()
		s.fanOuts.clear()
		return
	}
	if s.key.Kind != catalog.KindCourse {
		for course := range keys.Parents {
			s.courses.put(course, now)
		}
	}
	for f := range keys.FanOut {
		if f.Relation.Target() == s.key.Kind {
			s.fanOuts.put(f, now)
		}
	}
}

// recent keeps the newest moment of each of up to limit newest keys, and for a while of as
// many more.
type recent[K comparable] struct {
	limit   int
	moments map[K]moment
	dropped int // the newest place on the stream of what is not kept
}

func newRecent[K comparable](limit int) recent[K] {
	return recent[K]{limit: limit, moments: map[K]moment{}}
}

func (r *recent[K]) put(key K, m moment) {
	r.moments[key] = m
	if len(r.moments) <= 2*r.limit {
		return
	}
	for _, old := range r.newestFirst()[r.limit:] {
		r.dropped = max(r.dropped, r.moments[old].at)
		delete(r.moments, old)
	}
}

func (r *recent[K]) clear() {
	clear(r.moments)
	r.dropped = 0
}

func (r *recent[K]) newestFirst() []K {
	return slices.SortedFunc(maps.Keys(r.moments), func(a, b K) int { return r.moments[b].at - r.moments[a].at })
}

// newest asks MySQL which of what a sink kept has to do with the item. sweep is a sweep
// over all documents that is newer than anything found, where it is not known whether the
// item was there at all.
func (t *Finder) newest(ctx context.Context, s *sink) (found, sweep *Touch, err error) {
	at, sweptAt := 0, 0
	take := func(m moment, how How, of int64) {
		if m.at > at {
			found, at = &Touch{Mark: *indexer.MarkOf(m.g), How: how, Of: of}, m.at
		}
	}
	if s.direct != nil {
		take(*s.direct, ByRow, 0)
	}
	for _, f := range s.fanOuts.newestFirst() {
		reached, err := t.reaches(ctx, f, s.key)
		if err != nil {
			return nil, nil, err
		}
		m, every := s.fanOuts.moments[f], f.Relation == binlog.Every(s.key.Kind)
		if reached || every && s.direct != nil {
			take(m, How(f.Relation), f.ID)
			break // the others are older
		}
		if every {
			sweep, sweptAt = &Touch{Mark: *indexer.MarkOf(m.g), How: How(f.Relation)}, m.at
		}
	}
	courses := s.courses.newestFirst()
	i, err := t.counting(ctx, courses, s.key)
	if err != nil {
		return nil, nil, err
	}
	if i < len(courses) {
		take(s.courses.moments[courses[i]], ByCourse, courses[i])
	}
	if at < max(s.courses.dropped, s.fanOuts.dropped) {
		return nil, nil, errTooMany
	}
	if sweptAt < at {
		sweep = nil
	}
	return found, sweep, nil
}

// reaches says whether an item is one of a relation's.
func (t *Finder) reaches(ctx context.Context, f binlog.FanOut, key catalog.Key) (bool, error) {
	ids, err := t.Reader.Page(ctx, f, key.ID-1, 1)
	return len(ids) > 0 && ids[0] == key.ID, err
}

// counting is the place of the first of some courses that counts in an item's figures,
// their number when none does.
func (t *Finder) counting(ctx context.Context, courses []int64, key catalog.Key) (int, error) {
	for from := 0; from < len(courses); from += askCourses {
		batch := courses[from:min(from+askCourses, len(courses))]
		parents, _, err := t.Reader.Parents(ctx, "", batch, nil)
		if err != nil {
			return 0, err
		}
		if i := slices.IndexFunc(batch, func(id int64) bool { return slices.Contains(parents[id], key) }); i >= 0 {
			return from + i, nil
		}
	}
	return len(courses), nil
}
