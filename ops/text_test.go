package ops

import (
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
)

func TestFanOutLine(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	org := binlog.FanOut{Relation: binlog.CoursesOfOrg, ID: 7}
	for want, task := range map[string]indexer.Task{
		"2 wait; now courses_of_org of 7, 0 documents":           {FanOut: org},
		"2 wait; now courses_of_org of 7, 0 of 40,000 documents": {FanOut: org, Total: 40_000, BegunAt: at},
		"2 wait; now courses_of_org of 7, 10,000 of 40,000 documents, 2,000/s, about 15s left, 550 at a time": {
			FanOut: org, Total: 40_000, Done: 10_000, BegunAt: at.Add(-5 * time.Second), Page: 550,
		},
	} {
		if got := fanOutLine(task, 2, at); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRankingList(t *testing.T) {
	r := catalog.Ranking{Items: []catalog.RankingItem{{Rank: 1, ID: 7, Score: 2.5, Name: "数据结构"}}}
	const want = "rank  id  score  name\n   1   7  2.500  数据结构\n"
	if got := RankingList(r); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r.Degraded = true
	if got := RankingList(r); got != want+"degraded: Redis has no boards; this is computed from the index\n" {
		t.Errorf("%q", got)
	}
}
