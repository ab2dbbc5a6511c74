package verify

import "math"

const (
	hotHalfLife  = 7.0 // days
	hotTolerance = 1e-12
)

// hotOf is log2(1 + Σ points · 2^(day / half-life)), added up in the domain of logarithms,
// where nothing overflows: log2(2^a + 2^b) = max + log2(1 + 2^(min − max)).
func hotOf(days []Day) float64 {
	hot := 0.0 // log2(1)
	for _, d := range days {
		if d.Points <= 0 {
			continue
		}
		term := math.Log2(float64(d.Points)) + float64(d.Number)/hotHalfLife
		hot = max(hot, term) + math.Log1p(math.Exp2(-math.Abs(hot-term)))/math.Ln2
	}
	return hot
}

// sameHot allows for the roundings of two ways to add up the same sum.
func sameHot(a, b float64) bool {
	return math.Abs(a-b) <= hotTolerance*max(1, math.Abs(a))
}
