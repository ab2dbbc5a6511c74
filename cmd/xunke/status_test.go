package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/touch"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/verify"
)

// runJSON runs a command with --json and decodes what it prints.
func runJSON[T any](t *testing.T, args ...string) (T, error) {
	t.Helper()
	var out T
	printed, failure := runCommand(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(printed), &out); err != nil {
		t.Fatalf("xunke %s prints %q: %v (%v)", strings.Join(args, " "), printed, err, failure)
	}
	return out, failure
}

// hasFailed says whether a command ended with exit status 1 after telling why.
func hasFailed(err error) bool {
	code, ok := errors.AsType[exitError](err)
	return ok && code == 1
}

// TestOperatorCommands follows an installation from its first moments: nothing there,
// indexed, tampered with, mended, without an indexer.
func TestOperatorCommands(t *testing.T) {
	c := testenv.Config(t)
	db := testenv.MySQL(t, c)
	if _, err := db.Exec(`INSERT INTO orgs (id, name) VALUES (1, '清华大学')`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO courses (id, name, org_id) VALUES (1, '数据结构', 1), (2, 'C++', 1)`); err != nil {
		t.Fatal(err)
	}
	s, err := runJSON[ops.Status](t, "status")
	if !hasFailed(err) || s.Usable || len(s.Problems) != 4 || s.Lag.Transactions != nil {
		t.Errorf("before the first index: %v, %+v", err, s)
	}
	if _, err := runCommand(t, "verify"); catalog.CodeOf(err) != catalog.CodeUnavailable {
		t.Errorf("verify before the first index: %v", err)
	}
	if d, err := runJSON[ops.Diagnosis](t, "doctor"); !hasFailed(err) || d.Status != doctor.Failure {
		t.Errorf("doctor before the first index: %v, %+v", err, d)
	}

	stop := startIndexer(t)
	testenv.Eventually(t, 2*time.Minute, "status", func() (bool, string) {
		s, err = runJSON[ops.Status](t, "status")
		return err == nil && s.Lag.Transactions != nil && s.Reindex != nil && s.Reindex.Phase == indexer.PhaseDone, fmt.Sprintf("%v, %+v", err, s.Problems)
	})
	if len(s.Kinds) != 3 || s.Kinds[0].Alias != c.Elasticsearch.Prefix+"-courses" || s.Kinds[0].NeedsReindex ||
		s.Leader.Leads == nil || !*s.Leader.Leads || s.Leader.PID != os.Getpid() || s.DeadLetters == nil || *s.DeadLetters != 0 {
		t.Errorf("status: %+v", s)
	}
	report, err := runJSON[verify.Report](t, "verify")
	if err != nil || !report.Equal || report.Kinds[0].Documents != 2 {
		t.Errorf("verify: %v, %+v", err, report)
	}
	if s, err = runJSON[ops.Status](t, "status"); err != nil || s.Kinds[0].Documents == nil || *s.Kinds[0].Documents != 2 {
		t.Errorf("documents: %v, %+v", err, s.Kinds)
	}
	d, err := runJSON[ops.Diagnosis](t, "doctor")
	if err != nil {
		t.Errorf("doctor: %v, %+v", err, d)
	}
	for _, f := range d.Findings {
		if f.Status == doctor.Failure {
			t.Errorf("%+v", f)
		}
	}

	client := testenv.Elasticsearch(t, c)
	if err := client.Do(t.Context(), "POST", "/"+client.Alias(catalog.KindCourse)+"/_update/2", map[string]any{"doc": map[string]any{"minutes": 7}}, nil); err != nil {
		t.Fatal(err)
	}
	out, err := runCommand(t, "verify", "--kind", "course")
	if !hasFailed(err) || !strings.Contains(out, "course 2: minutes is 7 and should be 0") || !strings.Contains(out, "Documents that differ from MySQL: 1") {
		t.Errorf("verify after a change by hand: %v\n%s", err, out)
	}
	e, err := runJSON[verify.Explanation](t, "explain", "course", "2")
	if err != nil || !e.Visible || len(e.Documents) != 1 || e.Documents[0].Problem != verify.Different || e.Documents[0].Epoch != 1 ||
		len(e.Documents[0].Fields) != 1 || e.Row["name"] != "C++" || string(e.Expected["minutes"]) != "0" {
		t.Errorf("explain a document that was changed by hand: %v, %+v", err, e)
	}
	if e.Touched == nil || e.Touched.How != touch.ByRow || !e.Touched.Indexed || e.TouchedUnknown != "" {
		t.Errorf("what touched it last: %+v, %q", e.Touched, e.TouchedUnknown)
	}
	if out, err = runCommand(t, "verify", "--fix"); err != nil || !strings.Contains(out, "(repaired)") {
		t.Errorf("verify --fix: %v\n%s", err, out)
	}
	if report, err = runJSON[verify.Report](t, "verify"); err != nil || len(report.Differences) > 0 {
		t.Errorf("verify after the repair: %v, %+v", err, report)
	}

	stop()
	if _, err := db.Exec(`UPDATE courses SET minutes = 5 WHERE id = 1`); err != nil {
		t.Fatal(err)
	}
	s, err = runJSON[ops.Status](t, "status")
	if err != nil || *s.Leader.Leads || *s.Lag.Transactions == 0 || s.Lag.OldestAge == nil || !s.Lag.AtMost || !strings.Contains(strings.Join(s.Problems, "\n"), "no indexer leads") {
		t.Errorf("without an indexer: %v, %+v", err, s)
	}
	for words, args := range map[string][]string{
		"none (the last was":                           {"status"},
		"minutes is 0 and should be 5":                 {"explain", "course", "1"},
		"No indexer leads":                             {"explain", "course", "1"},
		": its own row or a row of it (not indexed":    {"explain", "course", "1"},
		"ago: its own row or a row of it":              {"explain", "org", "1"},
		"touched last   not known: ":                   {"explain", "teacher", "1"},
		"The document is what the row says":            {"explain", "org", "1"},
		"There is nothing to be found, and nothing is": {"explain", "teacher", "1"},
	} {
		if out, err = runCommand(t, args...); err != nil || !strings.Contains(out, words) {
			t.Errorf("without an indexer %v: %v\n%s", args, err, out)
		}
	}
	t.Setenv("XUNKE_INDEXER_REPLICATION_DSN", "u:hunter2@tcp(127.0.0.1:1)/x")
	if out, err = runCommand(t, "explain", "org", "1"); err != nil || !strings.Contains(out, "touched last   not known: connect as replication user") ||
		!strings.Contains(out, "The document is what the row says") || strings.Contains(out, "hunter2") {
		t.Errorf("explain without a replication user: %v\n%s", err, out)
	}
	for _, wrong := range [][]string{{"explain"}, {"explain", "planet", "1"}, {"explain", "course", "0"}, {"explain", "course", "x"}} {
		if _, err := runCommand(t, wrong...); err == nil {
			t.Errorf("%v succeeded", wrong)
		}
	}
}

// startIndexer runs the indexer as the command does.
func startIndexer(t *testing.T) (stop func()) {
	t.Helper()
	a := &app{}
	if err := a.load(os.Stderr); err != nil {
		t.Fatal(err)
	}
	a.log = slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.index(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("indexer: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func TestStatusWithoutServers(t *testing.T) {
	testenv.Config(t)
	t.Setenv("XUNKE_MYSQL_DSN", "u:hunter2@tcp(127.0.0.1:1)/x")
	t.Setenv("XUNKE_ELASTICSEARCH_ADDRESSES", "http://u:hunter2@127.0.0.1:1")
	t.Setenv("XUNKE_REDIS_ADDRESSES", "127.0.0.1:1")
	for _, command := range []string{"status", "doctor"} {
		out, err := runCommand(t, command)
		if !hasFailed(err) || strings.Contains(out, "hunter2") {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
	s, err := runJSON[ops.Status](t, "status")
	if !hasFailed(err) || s.Usable || len(s.Servers) != 3 {
		t.Errorf("status: %v, %+v", err, s)
	}
	for _, server := range s.Servers {
		if server.Reachable || server.Error == "" {
			t.Errorf("%+v", server)
		}
	}
}

// TestStatusOfAModelThatIsNoneOfOurs: what is the matter with the model's file stands in both commands,
// with what to do.
func TestStatusOfAModelThatIsNoneOfOurs(t *testing.T) {
	testenv.Config(t)
	good := testenv.Variable(t, "XUNKE_TEST_MODEL")
	short := filepath.Join(t.TempDir(), "short.bin")
	if err := os.WriteFile(short, []byte("E5S1"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":    "no model is configured",
		short: "has 4 bytes in place of 71622400: it is cut short or another version",
	} {
		t.Setenv("XUNKE_MEANING_MODEL", path)
		for _, command := range []string{"status", "doctor"} {
			out, _ := runCommand(t, command) // there is no index yet, so both fail
			if !strings.Contains(out, want) || !strings.Contains(out, "servers.sh model") {
				t.Errorf("%s with the model %q:\n%s", command, path, out)
			}
		}
	}
	t.Setenv("XUNKE_MEANING_MODEL", good)
	if s, _ := runJSON[ops.Status](t, "status"); s.Meaning != "" {
		t.Errorf("with the model: %q", s.Meaning)
	}
}
