package ops

import (
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/indexer"
)

func TestFreshnessIsLost(t *testing.T) {
	long := time.Now().Add(-3 * time.Minute)
	for name, f := range map[string]indexer.Freshness{
		"never found":  {Since: long, Count: 3, Missed: 3, Recent: []float64{60, 60, 60}},
		"not any more": {Since: long.Add(-time.Hour), Found: long, Count: 9, Missed: 3, Recent: []float64{60, 60, 60}},
	} {
		s := Status{}
		s.addFreshness(&f)
		if len(s.Problems) != 1 || !strings.Contains(s.Problems[0], "for 3m00s") || !strings.Contains(s.Freshness.String(), "3 missed") {
			t.Errorf("%s: %v, %s", name, s.Problems, s.Freshness)
		}
	}
	s := Status{}
	s.addFreshness(&indexer.Freshness{Since: long, Found: time.Now(), Count: 1, Recent: []float64{0.25}})
	if got := s.Freshness.String(); len(s.Problems) > 0 || !strings.HasPrefix(got, "0.25 s from commit to search; of the last 1 p50 0.25 s, p99 0.25 s; ") {
		t.Errorf("all is well: %v, %s", s.Problems, got)
	}
}
