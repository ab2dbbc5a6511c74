package catalog

import "math"

// RisingLeast is how many points a week needs at least for an item to be called rising,
// and RisingUsual how many points a day it is taken to have had before, at least: with
// less, the first few visitors would be a growth without bound.
const (
	RisingLeast = 10.0
	RisingUsual = 1.0
)

// risingZ is the 95 % quantile of the normal distribution.
const risingZ = 1.6448536269514722

// RisingCurve is what the score of what rises is computed from, given the points of the
// last week and of the last month. What computes it elsewhere, such as a script in a
// server, takes these numbers and this order of operations, and then comes to the same
// bits: there is nothing in it but + − × ÷ and √.
type RisingCurve struct {
	Least  float64 `json:"least"`  // points that the week must have
	Usual  float64 `json:"usual"`  // points that the days before it are taken to have at least
	Spread float64 `json:"spread"` // points that say as much as one event
	Z      float64 `json:"z"`
	Odds   float64 `json:"odds"` // days before the week / days of the week
}

// RisingCurve is the curve of these weights.
//
// Spread corrects that points are no events: ten points of one enrolment are one
// decision. Counts of weighted events have a variance of Σw²n/Σwn times their mean
// (overdispersion; P. McCullagh, J. Nelder, "Generalized Linear Models", 1989, section
// 6.2). The mix is taken to be 100 views to 2 favourites to 1 enrolment.
func (s Scoring) RisingCurve() RisingCurve {
	v, f, e := float64(s.View), float64(s.Favorite), float64(s.Enrolment)
	week, month := float64(WindowWeek.Days()), float64(WindowMonth.Days())
	return RisingCurve{
		Least: RisingLeast, Usual: RisingUsual * (month - week), Z: risingZ, Odds: (month - week) / week,
		Spread: math.Max(1, (100*v*v+2*f*f+e*e)/(100*v+2*f+e)),
	}
}

// Score is by what factor an item has grown at the least: its points a day in the last
// week over those in the 23 days before, at the lower end of a 95 % interval. 0 means
// that it does not rise.
//
// Both are counts of visits that come independently, so given their sum the week's share
// of it is binomial, and a bound of the share gives one of the ratio of the two rates (J.
// Przyborowski, H. Wilenski, "Homogeneity of results in testing samples from Poisson
// series", Biometrika 31, 1940; R. Price, D. Bonett, "Estimating the ratio of two Poisson
// rates", Computational Statistics & Data Analysis 34, 2000). The bound is Wilson's (E.
// Wilson, "Probable inference, the law of succession, and statistical inference", JASA
// 22, 1927): unlike the quotient it does not put an item with three visitors first, and
// unlike the quantile of a Gamma-Poisson posterior it needs no special function, so that
// Redis, Elasticsearch and this program compute the same.
func (c RisingCurve) Score(week, month float64) float64 {
	if week < c.Least {
		return 0
	}
	recent, usual := week/c.Spread, math.Max(month-week, c.Usual)/c.Spread
	n := recent + usual
	share := recent / n
	// The conversions keep a compiler from fusing a multiplication with an addition.
	zz := float64(c.Z * c.Z)
	root := math.Sqrt((float64(share*(1-share)) + zz/(4*n)) / n)
	low := (share + zz/(2*n) - float64(c.Z*root)) / (1 + zz/n)
	if growth := low / (1 - low) * c.Odds; growth > 1 {
		return growth
	}
	return 0
}
