package catalog

import (
	"encoding/json"
	"testing"
)

func TestRating(t *testing.T) {
	for _, tt := range []struct {
		ratings, stars int64
		text, json     string
		whole          int
	}{
		{0, 0, "", "null", 0},
		{1, 5, "5.0", "5", 5},
		{12, 55, "4.6", "4.6", 5},
		{3, 13, "4.3", "4.3", 4},
		{4_294_967_295, 4_294_967_295, "1.0", "1", 1},
	} {
		mean := (*Rating)(MeanRating(tt.ratings, tt.stars))
		raw, err := json.Marshal(mean)
		if err != nil || string(raw) != tt.json {
			t.Errorf("%d stars of %d: %s, %v, want %s", tt.stars, tt.ratings, raw, err, tt.json)
		}
		if mean == nil {
			if tt.text != "" {
				t.Errorf("%d stars of %d: no rating", tt.stars, tt.ratings)
			}
			continue
		}
		if mean.String() != tt.text || mean.Stars() != tt.whole {
			t.Errorf("%d stars of %d: %s and %d stars, want %s and %d", tt.stars, tt.ratings, mean, mean.Stars(), tt.text, tt.whole)
		}
	}
}

// TestWeightedRating lists courses from the best to the worst.
func TestWeightedRating(t *testing.T) {
	before := float64(MaxStars)
	for _, c := range []struct{ ratings, stars int64 }{
		{2000, 9800}, {200, 960}, {40, 190}, {5, 25}, {12, 55}, {1, 5}, {1, 4}, {1, 3}, {1, 1}, {30, 60}, {0, 0},
	} {
		w := WeightedRating(c.ratings, c.stars)
		if w >= before {
			t.Errorf("%d stars of %d ratings are %v, no less than %v", c.stars, c.ratings, w, before)
		}
		before = w
	}
}
