package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/verify"
)

// TestVerifyWithOtherWeights: the comparison computes scores with the configured weights, as
// the indexer does.
func TestVerifyWithOtherWeights(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	t.Setenv("XUNKE_RANKINGS_VIEW_WEIGHT", "7")
	for _, statement := range []string{
		`INSERT INTO courses (id, name) VALUES (1, '数据结构')`,
		`INSERT INTO course_daily_counts (course_id, day, views) VALUES (1, UTC_DATE(), 3)`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	startIndexer(t)
	testenv.Eventually(t, 2*time.Minute, "the first index", func() (bool, string) {
		s, err := runJSON[ops.Status](t, "status")
		return err == nil && s.Kinds[0].Documents != nil && *s.Kinds[0].Documents == 1, fmt.Sprint(err, s.Problems)
	})
	if report, err := runJSON[verify.Report](t, "verify"); err != nil || !report.Equal {
		t.Errorf("verify: %v, %+v", err, report)
	}
}
