package catalog

import (
	"math"
	"slices"
	"time"
)

// Scoring is how scores are made of what happens to items. It is one for a whole
// installation: boards and documents that were made with another are made again. The
// weights are whole numbers, so that sums are exact in whatever order they are added.
type Scoring struct {
	View      int64         `json:"view"` // a visitor's view counts once a day
	Favorite  int64         `json:"favorite"`
	Enrolment int64         `json:"enrolment"`
	HalfLife  time.Duration `json:"half_life"` // of points in the score of all time; in JSON nanoseconds
}

// StandardScoring is what is used where nothing else is configured.
func StandardScoring() Scoring {
	return Scoring{View: 1, Favorite: 5, Enrolment: 10, HalfLife: 7 * 24 * time.Hour}
}

// HalfLifeDays is the half-life in days.
func (s Scoring) HalfLifeDays() float64 { return s.HalfLife.Hours() / 24 }

// hotEpoch is the day from which forward decay and the days of documents count. Only
// differences of scores matter, so any fixed day does; a recent one keeps numbers small.
var hotEpoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Points is the weighted sum of a day's counts.
func (s Scoring) Points(d DailyCounts) float64 {
	return float64(s.View)*float64(d.Views) + float64(s.Favorite)*float64(d.Favorites) + float64(s.Enrolment)*float64(d.Enrolments)
}

// Hot is log2 of the forward-decayed sum of an item's history:
//
//	log2(1 + Σ points(day) · 2^((day − epoch) / half-life))
//
// It is a pure function of the daily counts (so replaying a change cannot count it
// twice) and the order of two scores does not change as time passes (so nothing has to
// be recomputed at night). The logarithm is taken because the sum itself overflows a
// double in under three years at a one-day half-life. 0 means that nothing ever happened.
// Forward decay: G. Cormode, V. Shkapenyuk, D. Srivastava, B. Xu, "Forward Decay: A
// Practical Time Decay Model for Streaming Systems", ICDE 2009.
func (s Scoring) Hot(history []DailyCounts) float64 {
	best := math.Inf(-1)
	for _, d := range history {
		if s.Points(d) > 0 {
			best = math.Max(best, s.halfLives(d.Day))
		}
	}
	if math.IsInf(best, -1) {
		return 0
	}
	// The largest exponent is factored out, so that no term overflows.
	sum := 0.0
	for _, d := range history {
		if p := s.Points(d); p > 0 {
			sum += p * math.Exp2(s.halfLives(d.Day)-best)
		}
	}
	score := best + math.Log2(sum)
	if score < 50 {
		score = math.Log2(1 + math.Exp2(score))
	}
	return score
}

// halfLives counts in seconds: a time.Duration ends after 292 years.
func (s Scoring) halfLives(day time.Time) float64 {
	return float64(day.Unix()-hotEpoch.Unix()) / s.HalfLife.Seconds()
}

// A document's recent days are numbers: the day, counted from 2020-01-01, times
// RecentUnit, plus the points of the day. They stay below 2^53 and so exact in JSON.
const (
	RecentUnit = 1_000_000_000
	// RecentDays is how many days a document has, up to the newest on which something
	// happened: those of a month, and one for a clock that is ahead.
	RecentDays = 31
)

// Recent is the last days of a history as a document has them, ascending; empty where
// nothing happened. It depends on the history alone and on no clock: whatever day it is,
// a window that ends today finds its days in there, since the newest day is not after
// today. So nothing has to be written again at midnight. What happened before 2020 is
// left out, and the points of a day end below RecentUnit.
func (s Scoring) Recent(history []DailyCounts) []int64 {
	points := map[int64]float64{}
	newest := int64(-1)
	for _, d := range history {
		if n, p := DayNumber(d.Day), s.Points(d); n >= 0 && p > 0 {
			points[n] += p
			newest = max(newest, n)
		}
	}
	recent := []int64{}
	for n, p := range points {
		if n > newest-RecentDays {
			recent = append(recent, n*RecentUnit+int64(min(p, RecentUnit-1)))
		}
	}
	slices.Sort(recent)
	return recent
}

// DayNumber counts days (UTC) from 2020-01-01.
func DayNumber(t time.Time) int64 {
	seconds := t.Unix() - hotEpoch.Unix()
	const day = 24 * 60 * 60
	if seconds < 0 {
		seconds -= day - 1
	}
	return seconds / day
}

// DayOf is the day with a number of DayNumber.
func DayOf(number int64) time.Time { return hotEpoch.AddDate(0, 0, int(number)) }
