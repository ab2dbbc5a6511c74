package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/rankings"
)

// runCommand runs the program with arguments and returns what it prints. The
// configuration is that of the environment, which testenv.Config has set.
func runCommand(t *testing.T, args ...string) (string, error) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = out
	root := newRootCommand()
	root.SetArgs(args)
	failure := root.ExecuteContext(t.Context())
	os.Stdout = stdout
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	printed, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(printed), failure
}

func TestRankingsCommands(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	// There is no row of the day that begins when midnight passes meanwhile.
	began := catalog.Day(time.Now())
	for _, statement := range append(servedRows,
		`INSERT INTO course_daily_counts (course_id, day, views, enrolments) VALUES
			(1, UTC_DATE(), 3, 1), (2, UTC_DATE() - INTERVAL 5 DAY, 40, 0), (5, UTC_DATE(), 1000, 0)`,
	) {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	out, err := runCommand(t, "rankings", "rebuild", "--json")
	if err != nil || !strings.Contains(out, `"course": 2`) || !strings.Contains(out, `"org": 1`) {
		t.Fatalf("rebuild: %v\n%s", err, out)
	}
	var ranking catalog.Ranking
	out, err = runCommand(t, "rankings", "show", "courses", "--window", "week", "--category", "计算机", "--json")
	if err == nil {
		err = json.Unmarshal([]byte(out), &ranking)
	}
	if err != nil || ranking.Degraded || len(ranking.Items) != 2 || ranking.Items[0].ID != 2 || ranking.Items[1].Score != 13 {
		t.Errorf("show: %v\n%s", err, out)
	}
	if out, err = runCommand(t, "rankings", "show", "orgs"); err != nil || !strings.Contains(out, "清华大学") {
		t.Errorf("show orgs: %v\n%s", err, out)
	}
	var x rankings.Explanation
	out, err = runCommand(t, "rankings", "explain", "course", "1", "--json")
	if err == nil {
		err = json.Unmarshal([]byte(out), &x)
	}
	place := x.Windows[catalog.WindowDay].Place
	first := place != nil && place.Rank == 1
	if err != nil || x.Boards != "" || x.Hot == 0 || !first && catalog.Day(time.Now()).Equal(began) {
		t.Errorf("explain: %v\n%s", err, out)
	}
	if out, err = runCommand(t, "rankings", "explain", "course", "5"); err != nil || !strings.Contains(out, "hidden") {
		t.Errorf("explain a hidden course: %v\n%s", err, out)
	}
	if out, err = runCommand(t, "rankings", "check"); err != nil || !strings.Contains(out, "equal") {
		t.Errorf("check: %v\n%s", err, out)
	}
	// No indexer runs, so the boards do not hear of this.
	if _, err := db.Exec(`UPDATE course_daily_counts SET views = views + 1 WHERE course_id = 2`); err != nil {
		t.Fatal(err)
	}
	out, err = runCommand(t, "rankings", "check", "--json")
	if status, failed := errors.AsType[exitError](err); !failed || status != 1 || !strings.Contains(out, "week: 41, and 40") {
		t.Errorf("check of boards that differ: %v\n%s", err, out)
	}
	if out, err = runCommand(t, "rankings", "check", "--fix"); err != nil || !strings.Contains(out, "equal") {
		t.Errorf("check --fix: %v\n%s", err, out)
	}
	for _, wrong := range [][]string{
		{"explain", "school", "1"}, {"explain", "course", "0"}, {"show", "courses", "--window", "year"},
		{"show", "teachers", "--level", "beginner"}, {"show", "--limit", "101"},
	} {
		if out, err := runCommand(t, append([]string{"rankings"}, wrong...)...); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%v: %v\n%s", wrong, err, out)
		}
	}
	if _, err := runCommand(t, "rankings", "explain", "course", "99"); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("an unknown course: %v", err)
	}
}
