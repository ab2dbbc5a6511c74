package catalog

import (
	"math"
	"time"
)

// Weights of what happens to an item, and the half-life of that, as published in the
// documentation of the rankings. A visitor's view counts once a day.
const (
	ViewWeight      = 1.0
	FavoriteWeight  = 5.0
	EnrolmentWeight = 10.0
	HotHalfLife     = 7 * 24 * time.Hour
)

// hotEpoch is the day from which forward decay counts. Only differences of scores
// matter, so any fixed day does; a recent one keeps the numbers small.
var hotEpoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Points is the weighted sum of a day's counts.
func (d DailyCounts) Points() float64 {
	return ViewWeight*float64(d.Views) + FavoriteWeight*float64(d.Favorites) + EnrolmentWeight*float64(d.Enrolments)
}

// HotScore is log2 of the forward-decayed sum of an item's history:
//
//	log2(1 + Σ points(day) · 2^((day − epoch) / half-life))
//
// It is a pure function of the daily counts (so replaying a change cannot count it
// twice) and the order of two scores does not change as time passes (so nothing has to
// be recomputed at night). The logarithm is taken because the sum itself overflows a
// double in under three years at a one-day half-life. 0 means that nothing ever happened.
// Forward decay: G. Cormode, V. Shkapenyuk, D. Srivastava, B. Xu, "Forward Decay: A
// Practical Time Decay Model for Streaming Systems", ICDE 2009.
func HotScore(history []DailyCounts) float64 {
	best := math.Inf(-1)
	for _, d := range history {
		if d.Points() > 0 {
			best = math.Max(best, halfLives(d.Day))
		}
	}
	if math.IsInf(best, -1) {
		return 0
	}
	// The largest exponent is factored out, so that no term overflows.
	sum := 0.0
	for _, d := range history {
		if p := d.Points(); p > 0 {
			sum += p * math.Exp2(halfLives(d.Day)-best)
		}
	}
	score := best + math.Log2(sum)
	if score < 50 {
		score = math.Log2(1 + math.Exp2(score))
	}
	return score
}

// halfLives counts in seconds: a time.Duration ends after 292 years.
func halfLives(day time.Time) float64 {
	return float64(day.Unix()-hotEpoch.Unix()) / HotHalfLife.Seconds()
}
