package demo

import (
	"iter"
	"math"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// ratings yields what learners think of the courses that they take. One course in four has
// no ratings; of the others a part of the learners gives stars around how good it is.
func (g *Generator) ratings() iter.Seq2[intake.Rating, error] {
	return func(yield func(intake.Rating, error) bool) {
		var d dice
		course, nth := "", 0
		share, quality := 0, 0.0
		for e, err := range g.enrolments() {
			if err != nil {
				yield(intake.Rating{}, err)
				return
			}
			if e.Course != course {
				course, d = e.Course, g.dice(saltRating, nth)
				nth++
				share, quality = 20+d.IntN(60), 3.4+d.Float64()*1.5
				if d.chance(25) {
					share = 0
				}
			}
			if !d.chance(share) {
				continue
			}
			stars := min(max(int64(math.Round(quality+d.NormFloat64()*0.8)), 1), catalog.MaxStars)
			if !yield(intake.Rating{Learner: e.Learner, Course: e.Course, Stars: stars, At: e.At.Add(24 * time.Hour)}, nil) {
				return
			}
		}
	}
}
