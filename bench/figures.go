package main

import (
	"math"
	"slices"
	"time"
)

// quantiles sum up latencies, in milliseconds.
type quantiles struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50_ms"`
	P90   float64 `json:"p90_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

// quantilesOf sorts the latencies and picks: the p-quantile is the smallest value that
// at least the share p of all does not exceed.
func quantilesOf(all []time.Duration) quantiles {
	if len(all) == 0 {
		return quantiles{}
	}
	slices.Sort(all)
	at := func(p float64) float64 {
		return all[int(math.Ceil(p*float64(len(all))))-1].Seconds() * 1000
	}
	return quantiles{Count: len(all), P50: at(0.5), P90: at(0.9), P99: at(0.99), Max: at(1)}
}

// ratio is a/b, 0 where there is no b.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func mean(of ...float64) float64 {
	sum := 0.0
	for _, v := range of {
		sum += v
	}
	return ratio(sum, float64(len(of)))
}
