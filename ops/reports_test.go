package ops_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/rankings"
	"github.com/xunke/xunke/searchlog"
)

var reportDay = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func checkLines(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, line := range wanted {
		if !strings.Contains(text, line) {
			t.Errorf("%q is not in\n%s", line, text)
		}
	}
}

func TestSearchesText(t *testing.T) {
	five := int64(5)
	r := searchlog.Report{
		From: reportDay, To: reportDay.AddDate(0, 0, 6),
		Totals:    searchlog.Counts{Searches: 2000, ZeroHits: 500, Clicked: 1000},
		Top:       []searchlog.QueryCounts{{Query: "数据结构", Counts: searchlog.Counts{Searches: 1200}, LastTotal: &five}},
		ZeroHits:  []searchlog.QueryCounts{{Query: "量子烹饪", Counts: searchlog.Counts{Searches: 3, ZeroHits: 2}}},
		Positions: []searchlog.PositionCounts{{Kind: catalog.KindCourse, Position: 1, Shown: 100, Clicks: 50}, {Kind: catalog.KindCourse, Position: 2, Shown: 100, Clicks: 25}, {Kind: catalog.KindCourse, Position: 11, Shown: 100, Clicks: 99}},
	}
	text := ops.SearchesText(r)
	checkLines(t, text, "searches from 2026-11-23 to 2026-11-29 (UTC): 2,000\n", "25.0%", "数据结构", "1,200", "量子烹饪", "50.0%  "+strings.Repeat("█", 30)+"\n", "25.0%  "+strings.Repeat("█", 15)+"\n")
	if strings.Contains(text, "99.0%") {
		t.Errorf("position 11 is shown:\n%s", text)
	}
	if text := ops.SearchesText(searchlog.Report{From: reportDay, To: reportDay}); text != "searches from 2026-11-23 to 2026-11-23 (UTC): 0\n" {
		t.Errorf("without searches: %q", text)
	}
}

func TestCappedViewsText(t *testing.T) {
	u := catalog.CappedViews{From: reportDay, To: reportDay, Views: 1980, Items: []catalog.CappedItem{{Kind: catalog.KindCourse, ID: 42, Name: "C++", Views: 1980, Counted: 20}}}
	checkLines(t, ops.CappedViewsText(u), "views that are not counted, from 2026-11-23 to 2026-11-23 (UTC): 1,980\n", "course:42", "C++", "20\n")
}

func TestBoardsText(t *testing.T) {
	same := rankings.CheckResult{Kind: catalog.KindOrg, Items: 3}
	checkLines(t, ops.BoardsText([]rankings.CheckResult{same}), "org", "The boards equal MySQL.\n")
	other := rankings.CheckResult{Kind: catalog.KindCourse, Items: 1000, Different: 200}
	for id := range int64(200) {
		other.Named = append(other.Named, rankings.Mismatch{ID: id, Says: "week is 1 and should be 2"})
	}
	text := ops.BoardsText([]rankings.CheckResult{same, other})
	checkLines(t, text, "course 99: week is 1 and should be 2\n", "… and more (--json lists them)\n", "1,000")
	if strings.Contains(text, "course 100:") || strings.Contains(text, "equal MySQL") {
		t.Errorf("too much is said:\n%s", text)
	}
}
