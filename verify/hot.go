package verify

import (
	"math"

	"github.com/xunke/xunke/catalog"
)

const hotTolerance = 1e-12

// pointsOf weighs what happened on a day.
func pointsOf(d Day, s catalog.Scoring) int64 {
	return d.Views*s.View + d.Favorites*s.Favorite + d.Enrolments*s.Enrolment
}

// hotOf is log2(1 + Σ points · 2^(day / half-life)), added up in the domain of logarithms,
// where nothing overflows: log2(2^a + 2^b) = max + log2(1 + 2^(min − max)).
func hotOf(days []Day, s catalog.Scoring) float64 {
	hot := 0.0 // log2(1)
	for _, d := range days {
		points := pointsOf(d, s)
		if points <= 0 {
			continue
		}
		term := math.Log2(float64(points)) + float64(d.Number)/(s.HalfLife.Hours()/24)
		hot = max(hot, term) + math.Log1p(math.Exp2(-math.Abs(hot-term)))/math.Ln2
	}
	return hot
}

// recentOf is the points of the last 31 days up to the newest one, one number a day: the
// day, nine digits of points. It goes through the calendar from there and looks each day
// up, where the indexer goes through the history.
func recentOf(days []Day, s catalog.Scoring) []int64 {
	const nineDigits = 1_000_000_000
	points := map[int64]int64{}
	newest := int64(-1)
	for _, d := range days {
		if p := pointsOf(d, s); p > 0 && d.Number >= 0 {
			points[d.Number] += p
			newest = max(newest, d.Number)
		}
	}
	recent := []int64{}
	for day := max(0, newest-30); day <= newest; day++ {
		if p := points[day]; p > 0 {
			recent = append(recent, day*nineDigits+min(p, nineDigits-1))
		}
	}
	return recent
}

// sameHot allows for the roundings of two ways to add up the same sum.
func sameHot(a, b float64) bool {
	return math.Abs(a-b) <= hotTolerance*max(1, math.Abs(a))
}
