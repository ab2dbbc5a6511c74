package related

import (
	"cmp"
	"math"
	"slices"

	"github.com/xunke/xunke/catalog"
)

// Support is how many learners two courses have in common at least. What fewer do is no
// pattern, and it would show strangers what single people take.
const Support = 3

// shrinkage is the number of common learners at which a likeness counts half.
const shrinkage = 5

// rankConstant dampens the first ranks when lists are merged. 60 is what the authors of the
// method found to be near the best on all of their collections.
const rankConstant = 60

// CoEnrolment is a course that learners of another took too.
type CoEnrolment struct {
	Course   int64
	Together int64 // of the learners that were looked at, how many took both
	Learners int64 // of this course in all, at least Together
}

// score is the cosine between the columns of two courses in the table of who takes what
// (item-to-item collaborative filtering: G. Linden, B. Smith, J. York, "Amazon.com
// Recommendations", IEEE Internet Computing 7(1), 2003), the factor left out that is the
// same for all. Its root of the number of learners keeps a course that everybody takes
// from being related to everything. Few common learners say little, so the score is shrunk by n/(n+λ)
// (R. Bell, Y. Koren, "Scalable Collaborative Filtering with Jointly Derived Neighborhood
// Interpolation Weights", ICDM 2007).
func (c CoEnrolment) score() float64 {
	n := float64(c.Together)
	return n / math.Sqrt(float64(max(c.Learners, c.Together))) * n / (n + shrinkage)
}

// rank returns the ids of courses, best first; of equal ones the older first.
func rank(courses []CoEnrolment) []int64 {
	courses = slices.DeleteFunc(slices.Clone(courses), func(c CoEnrolment) bool { return c.Together < Support })
	slices.SortFunc(courses, func(a, b CoEnrolment) int {
		return cmp.Or(cmp.Compare(b.score(), a.score()), cmp.Compare(a.Course, b.Course))
	})
	ids := make([]int64, len(courses))
	for i, c := range courses {
		ids[i] = c.Course
	}
	return ids
}

// merge joins two lists by the sum of 1/(60 + rank), which needs no common measure of their
// scores (reciprocal rank fusion: G. Cormack, C. Clarke, S. Büttcher, SIGIR 2009). The
// second list's entry is taken for a course that is in both: it has all of the reasons.
func merge(alike, also []catalog.RelatedCourse) []catalog.RelatedCourse {
	all := slices.Clone(also)
	for _, c := range alike {
		if place(also, c.ID) < 0 {
			all = append(all, c)
		}
	}
	scores := map[int64]float64{}
	for _, list := range [][]catalog.RelatedCourse{alike, also} {
		for i, c := range list {
			scores[c.ID] += 1 / float64(rankConstant+i+1)
		}
	}
	for i := range all {
		all[i].Score = scores[all[i].ID]
	}
	notAlike := func(id int64) int {
		if place(alike, id) >= 0 {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b catalog.RelatedCourse) int {
		// Of equal scores courses that are alike come first: they are known to be about the same.
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(notAlike(a.ID), notAlike(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return all
}
