package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/verify"
)

// freshness waits until it is measured, and looks where the row that measures it must not
// be seen. What the other parts of the test find they find with it in the index.
func (s *site) freshness(t *testing.T) {
	s.t = t
	var st ops.Status
	testenv.Eventually(t, 2*time.Minute, "freshness is measured", func() (bool, string) {
		var err error
		st, err = runJSON[ops.Status](t, "status")
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
	report, err := runJSON[verify.Report](t, "verify")
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
