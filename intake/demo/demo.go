// Package demo makes up a catalogue: orgs, teachers and courses with believable names,
// texts, lessons and histories, in Chinese and English. The same seed gives the same
// catalogue, and a larger one begins with the smaller ones. People and institutions are
// invented.
package demo

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// Sizes of the catalogue that is made unless another number of courses is asked for.
const (
	DefaultCourses = 3000
	DefaultSeed    = 1
	MaxCourses     = 10_000_000
	baseOrgs       = 40
	baseTeachers   = 200
	perOrg         = 5 // teachers of an org beyond the first forty
)

// epoch is the fixed day before which everything in the demo began.
var epoch = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// Generator makes the items of one catalogue. Item n depends on the seed and on n
// alone, so nothing has to be made in order and only the orgs are kept in memory.
type Generator struct {
	courses int
	seed    uint64
	today   time.Time
	areas   []area
	orgs    []orgSeed // the first forty
	made    []org     // all orgs
	owners  []int     // org of each of the first two hundred teachers
	anchors []anchor  // courses written by hand; the catalogue begins with them
	topics  []weighted
	sum     int // of the weights of topics
}

// New prepares a catalogue of that many courses. today is the last day of the histories.
func New(courses int, seed uint64, today time.Time) (*Generator, error) {
	if courses < 1 || courses > MaxCourses {
		return nil, catalog.Invalidf("courses", "%d is not between 1 and %d", courses, MaxCourses)
	}
	g := &Generator{courses: courses, seed: seed, today: catalog.Day(today)}
	if err := g.read(); err != nil {
		return nil, fmt.Errorf("read the words of the demo: %w", err)
	}
	g.made = make([]org, orgsFor(courses))
	for i := range g.made {
		g.made[i] = g.makeOrg(i)
	}
	return g, nil
}

// Sizes says how many orgs, teachers and courses there will be.
func (g *Generator) Sizes() (orgs, teachers, courses int) {
	orgs = orgsFor(g.courses)
	return orgs, baseTeachers + (orgs-baseOrgs)*perOrg, g.courses
}

// orgsFor is how many orgs a catalogue of n courses has: forty for the usual one, about
// 2,000 for 200,000 courses, 5,000 for a million. It never falls when n grows.
func orgsFor(n int) int {
	switch {
	case n <= DefaultCourses:
		return baseOrgs
	case n <= 200_000:
		return baseOrgs + (n-DefaultCourses)/100
	default:
		return baseOrgs + (200_000-DefaultCourses)/100 + (n-200_000)/270
	}
}

// Import makes everything and writes it to a store, in the manner of intake.Import.
func (g *Generator) Import(ctx context.Context, store intake.Store, o intake.Options) (intake.Summary, error) {
	record := intake.NewRecord(o.Report)
	record.Loader = &intake.Loader{Store: store, Progress: o.Progress, Report: record.Report}
	err := g.load(ctx, record.Loader)
	return record.Summary(), err
}

// load hands everything to a loader: orgs, then teachers, then courses.
func (g *Generator) load(ctx context.Context, l *intake.Loader) error {
	orgs, teachers, courses := g.Sizes()
	for _, part := range []struct {
		kind  catalog.Kind
		count int
		item  func(int) intake.Item
	}{
		{catalog.KindOrg, orgs, g.orgItem},
		{catalog.KindTeacher, teachers, g.teacherItem},
		{catalog.KindCourse, courses, g.courseItem},
	} {
		if err := l.Load(ctx, part.kind.Plural(), int64(part.count), checkItems(part.count, part.item)); err != nil {
			return err
		}
	}
	if err := l.LoadEnrolments(ctx, 0, g.enrolments()); err != nil {
		return err
	}
	return l.LoadRatings(ctx, 0, g.ratings())
}

// checkItems yields items 0 to n-1. One that an import would refuse is a mistake of this
// package and ends the sequence.
func checkItems(n int, item func(int) intake.Item) iter.Seq2[intake.Item, error] {
	return func(yield func(intake.Item, error) bool) {
		for i := range n {
			made := item(i)
			made.Position = intake.Position{Source: "demo", Line: int64(i) + 1}
			var err error
			if problems := intake.Check(made); problems != nil {
				problems[0].Position = made.Position
				err = fmt.Errorf("make %s: %s", made.Kind(), problems[0])
			}
			if !yield(made, err) || err != nil {
				return
			}
		}
	}
}

// Salts keep the random numbers of the kinds apart.
const (
	saltOrg = iota + 1
	saltTeacher
	saltCourse
	saltHistory
	saltOrgText
	saltBio
	saltLearner
	saltEnrolment
	saltRating
)

// dice are the random numbers of one item.
type dice struct{ *rand.Rand }

func (g *Generator) dice(salt, n int) dice {
	return dice{rand.New(rand.NewPCG(mix(g.seed^uint64(salt)<<56), mix(uint64(n)*2+uint64(salt))))}
}

// mix spreads neighbouring numbers over all of 64 bits (the finalizer of SplitMix64:
// G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// chance is true in percent of 100 cases.
func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// sample is n different elements, in their order; all of them if there are no more.
func sample[T any](d dice, from []T, n int) []T {
	if n >= len(from) {
		return from
	}
	var some []T
	for i, v := range from {
		if d.IntN(len(from)-i) < n-len(some) {
			some = append(some, v)
		}
	}
	return some
}

// day is a moment in the years before the epoch; recent ones are more frequent.
func (d dice) day(years float64) time.Time {
	age := min(d.ExpFloat64()*years/3, years) * 365 * 24
	return epoch.Add(-time.Duration(age * float64(time.Hour))).Truncate(time.Minute)
}

// key is the key of item n of a kind; keys count from 1.
func key(k catalog.Kind, n int) string { return fmt.Sprintf("demo:%s:%d", k, n+1) }
