package accounts_test

import (
	"fmt"
	"slices"
	"time"
)

// compareTimes says how long known and unknown took, and how they compare.
func compareTimes(took [2][]time.Duration) string {
	var median, p95 [2]time.Duration
	for i, list := range took {
		slices.Sort(list)
		median[i], p95[i] = list[len(list)/2], list[len(list)*95/100]
	}
	return fmt.Sprintf("known median %v p95 %v, unknown median %v p95 %v, ratio of medians %.3f, of p95 %.3f",
		median[0].Round(time.Microsecond), p95[0].Round(time.Microsecond), median[1].Round(time.Microsecond), p95[1].Round(time.Microsecond),
		float64(median[0])/float64(median[1]), float64(p95[0])/float64(p95[1]))
}
