package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/verify"
)

// freshness waits until it is measured, and looks where the row that measures it must not
// be seen. What the other parts of the test find they find with it in the index.
func (s *site) freshness(t *testing.T) {
	s.t = t
	var st status
	testenv.Eventually(t, 2*time.Minute, "freshness is measured", func() (bool, string) {
		var err error
		st, err = answered[status](t, "status")
		return st.Freshness != nil && st.Freshness.Recent > 1 && !st.Freshness.Found.IsZero(), fmt.Sprintf("%v, %+v", err, st.Freshness)
	})
	if f := st.Freshness; f.Last <= 0 || f.P50 <= 0 || f.P99 < f.P50 || f.FoundAge <= 0 {
		t.Errorf("%+v", f)
	}
	if n := st.Kinds[0].Documents; n == nil || *n != 4 {
		t.Errorf("status counts %v courses", n)
	}
	if out, err := runCommand(t, "status"); err != nil || !regexp.MustCompile(`(?m)^freshness +\d+\.\d\d s from commit to search; `).MatchString(out) {
		t.Errorf("status: %v\n%s", err, out)
	}
	report, err := answered[verify.Report](t, "verify")
	if err != nil || !report.Equal || len(report.Differences) > 0 || report.Kinds[0].Documents != 4 || report.Kinds[0].Rows != 4 {
		t.Errorf("verify: %v, %+v", err, report)
	}
	if out, err := runCommand(t, "rankings", "show"); err != nil || strings.Contains(out, "-1") {
		t.Errorf("rankings: %v\n%s", err, out)
	}
	testenv.Eventually(t, time.Minute, "metrics have it", func() (bool, string) {
		_, body := s.get("/metrics")
		return strings.Contains(body, `xunke_index_freshness_seconds_bucket{le="+Inf"}`) &&
			strings.Contains(body, "\nxunke_index_freshness_found_timestamp_seconds "), body
	})
}

func TestFreshnessIsLost(t *testing.T) {
	long := time.Now().Add(-3 * time.Minute)
	for name, f := range map[string]indexer.Freshness{
		"never found":  {Since: long, Count: 3, Missed: 3, Recent: []float64{60, 60, 60}},
		"not any more": {Since: long.Add(-time.Hour), Found: long, Count: 9, Missed: 3, Recent: []float64{60, 60, 60}},
	} {
		s := status{}
		s.addFreshness(&f)
		if len(s.Problems) != 1 || !strings.Contains(s.Problems[0], "for 3m00s") || !strings.Contains(s.Freshness.String(), "3 missed") {
			t.Errorf("%s: %v, %s", name, s.Problems, s.Freshness)
		}
	}
	s := status{}
	s.addFreshness(&indexer.Freshness{Since: long, Found: time.Now(), Count: 1, Recent: []float64{0.25}})
	if got := s.Freshness.String(); len(s.Problems) > 0 || !strings.HasPrefix(got, "0.25 s from commit to search; of the last 1 p50 0.25 s, p99 0.25 s; ") {
		t.Errorf("all is well: %v, %s", s.Problems, got)
	}
}
