package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/searchlog"
)

func TestReportSearches(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	out, err := runCommand(t, "report", "searches")
	if err != nil || !strings.HasSuffix(out, "(UTC): 0\n") {
		t.Errorf("nothing yet: %v\n%s", err, out)
	}
	for _, statement := range []string{
		`INSERT INTO search_daily_counts (day, query, spelling, searches, visitors, zero_hits, corrected, clicks, clicked, last_total) VALUES
			(UTC_DATE(), '机器学习', '机器学习', 1500, 900, 0, 0, 800, 600, 40), (UTC_DATE(), '量子烹饪', '量子烹饪', 7, 5, 7, 0, 0, 0, 0),
			(UTC_DATE(), '', '', 3, 3, 1, 0, 0, 0, 0), (UTC_DATE() - INTERVAL 8 DAY, 'old', 'old', 9, 9, 9, 0, 0, 0, 0)`,
		`INSERT INTO search_position_daily_counts (day, kind, position, shown, clicks) VALUES
			(UTC_DATE(), 'course', 1, 1500, 300), (UTC_DATE(), 'course', 2, 1500, 150), (UTC_DATE(), 'course', 11, 100, 1), (UTC_DATE(), 'org', 1, 50, 1)`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	out, err = runCommand(t, "report", "searches", "--since", "7d")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"(UTC): 1,510",
		"  nothing found    0.5%    8", "  led to a click  39.7%  600",
		"机器学习        1,500       900    40    40.0%",
		"量子烹饪           7         7         0",
		"course         1  1,500     300   20.0%  " + strings.Repeat("█", 30),
		"course         2  1,500     150   10.0%  " + strings.Repeat("█", 15),
	} {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("the report lacks %q:\n%s", line, out)
		}
	}
	if strings.Contains(out, "old") || strings.Contains(out, " 11 ") {
		t.Errorf("the report has too much:\n%s", out)
	}
	var report searchlog.Report
	out, err = runCommand(t, "report", "searches", "--since", "30d", "--limit", "1", "--json")
	if err == nil {
		err = json.Unmarshal([]byte(out), &report)
	}
	if err != nil || report.Totals.Searches != 1519 || report.Nameless != 3 || len(report.Top) != 1 || report.Top[0].Query != "机器学习" ||
		len(report.ZeroHits) != 1 || report.ZeroHits[0].Query != "old" || len(report.Positions) != 4 {
		t.Errorf("as JSON: %v\n%s", err, out)
	}
	for field, wrong := range map[string][]string{"since": {"--since", "soon"}, "limit": {"--limit", "0"}} {
		_, err := runCommand(t, append([]string{"report", "searches"}, wrong...)...)
		if catalog.CodeOf(err) != catalog.CodeInvalid || !strings.Contains(err.Error(), field) || !strings.Contains(err.Error(), wrong[1]) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

func TestReportCappedViews(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	out, err := runCommand(t, "report", "uncounted")
	if err != nil || !strings.HasSuffix(out, "(UTC): 0\n") {
		t.Errorf("nothing yet: %v\n%s", err, out)
	}
	for _, statement := range []string{
		`INSERT INTO courses (id, name) VALUES (7, '买来的课')`,
		`INSERT INTO course_daily_counts (course_id, day, views) VALUES (7, UTC_DATE(), 25), (7, UTC_DATE() - INTERVAL 8 DAY, 1000)`,
		`INSERT INTO uncounted_daily_views (day, kind, item_id, views) VALUES (UTC_DATE(), 'course', 7, 4620), (UTC_DATE(), 'teacher', 9, 3),
			(UTC_DATE() - INTERVAL 8 DAY, 'course', 7, 5)`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	out, err = runCommand(t, "report", "uncounted")
	if err != nil || !strings.Contains(out, "(UTC): 4,623\n") || !strings.Contains(out, "course:7   买来的课        4,620       25\n") || !strings.Contains(out, "teacher:9") {
		t.Errorf("%v\n%s", err, out)
	}
	var report catalog.CappedViews
	out, err = runCommand(t, "report", "uncounted", "--since", "30d", "--limit", "1", "--json")
	if err == nil {
		err = json.Unmarshal([]byte(out), &report)
	}
	if err != nil || report.Views != 4628 || len(report.Items) != 1 || report.Items[0].Counted != 1025 {
		t.Errorf("as JSON: %v\n%s", err, out)
	}
}
