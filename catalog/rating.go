package catalog

import (
	"math"
	"strconv"
)

// MaxStars is the best that a learner can give a course; 1 is the worst.
const MaxStars = 5

// Rating is the mean of the stars that learners gave a course, from 1 to MaxStars. As text
// and as JSON it has one decimal; the index and everything that computes have all of it.
type Rating float64

// MeanRating is the mean of a number of ratings and the sum of their stars; nil without
// any. It is one division, so whoever counts the same rows has the same value to the bit.
func MeanRating(ratings, stars int64) *float64 {
	if ratings <= 0 {
		return nil
	}
	mean := float64(stars) / float64(ratings)
	return &mean
}

// What WeightedRating supposes of every course: as many ratings as this, with this mean.
const (
	priorRatings = 5
	priorMean    = 4
)

// WeightedRating orders courses by their ratings, 0 where there are none. It is the Bayesian
// mean (R·v + C·m) / (v + m) that IMDb published for its Top 250: the v ratings of mean R,
// joined by m of mean C that nobody gave. One learner's 5 stars make 4.17 of it, and 200
// ratings of 4.8 make 4.78. C is 4 and not the mean of the catalogue, so that a course's
// document depends on its own row alone; most ratings of anything are 4 or 5 (N. Hu,
// P. Pavlou, J. Zhang, "Overcoming the J-shaped distribution of product reviews", 2009).
// With m = 5 a course's own ratings count for more than half from the sixth one on.
func WeightedRating(ratings, stars int64) float64 {
	if ratings <= 0 {
		return 0
	}
	return float64(stars+priorRatings*priorMean) / float64(ratings+priorRatings)
}

// String is the rating as people read it: "4.6".
func (r Rating) String() string { return strconv.FormatFloat(r.oneDecimal(), 'f', 1, 64) }

// MarshalJSON writes the rating with one decimal at most.
func (r Rating) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, r.oneDecimal(), 'f', -1, 64), nil
}

func (r Rating) oneDecimal() float64 { return math.Round(float64(r)*10) / 10 }

// Stars is the rating in whole stars.
func (r Rating) Stars() int { return int(math.Round(float64(r))) }
