package demo

import (
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

const (
	// learnerCount is how many learners there are, and favouriteTopics how many topics each
	// of them comes back to.
	learnerCount    = 2000
	favouriteTopics = 3
	// shownLearners is how many learners of one course are made up at most. Its history
	// counts many more.
	shownLearners = 40
)

// subject is a topic of an area.
type subject struct{ area, topic int }

func (w weighted) subject() subject { return subject{w.area, w.topic} }

// tastes are the learners who come back to a topic, and to an area.
type tastes struct {
	topics map[subject][]int
	areas  map[int][]int
}

// tastes gives each learner a few topics, popular ones more often, and the second from the
// area of the first: who learns Go may well learn Redis next.
func (g *Generator) tastes() tastes {
	t := tastes{topics: map[subject][]int{}, areas: map[int][]int{}}
	for n := range learnerCount {
		d := g.dice(saltLearner, n)
		home := g.draw(d).subject()
		t.areas[home.area] = append(t.areas[home.area], n)
		for i := range favouriteTopics {
			topic := home
			for tries := 0; i == 1 && tries < 20 && (topic == home || topic.area != home.area); tries++ {
				topic = g.draw(d).subject()
			}
			if i == 2 {
				topic = g.draw(d).subject()
			}
			t.topics[topic] = append(t.topics[topic], n)
		}
	}
	return t
}

// subjectOf is what a course is about: its first throw of the dice, see brief.
func (g *Generator) subjectOf(n int) subject {
	if n < len(g.anchors) {
		return g.anchors[n].topic.subject()
	}
	return g.draw(g.dice(saltCourse, n)).subject()
}

// enrolments yields who takes what of the first courses: most of a course's learners like
// its topic, some its area, and a few come by chance. They are among those that its history
// counts.
func (g *Generator) enrolments() iter.Seq2[intake.Enrolment, error] {
	return func(yield func(intake.Enrolment, error) bool) {
		tastes := g.tastes()
		for n := range min(g.courses, DefaultCourses) {
			item := g.courseItem(n).Course
			var enrolled int64
			for _, day := range item.History {
				enrolled += day.Enrolments
			}
			topic := g.subjectOf(n)
			d := g.dice(saltEnrolment, n)
			seen := map[int]bool{}
			for range min(shownLearners, int64(math.Sqrt(float64(enrolled))*2)) {
				pool, learner := tastes.topics[topic], d.IntN(learnerCount)
				if d.chance(25) {
					pool = tastes.areas[topic.area]
				}
				if len(pool) > 0 && !d.chance(8) {
					learner = pick(d, pool)
				}
				if seen[learner] {
					continue
				}
				seen[learner] = true
				e := intake.Enrolment{
					Learner: fmt.Sprintf("demo:learner:%d", learner+1), Course: key(catalog.KindCourse, n), Counted: true,
					At: epoch.Add(-time.Duration(d.IntN(historyDays*24)) * time.Hour),
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}
