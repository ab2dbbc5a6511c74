package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/testenv"
)

func TestImportCommands(t *testing.T) {
	c := testenv.Config(t)
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.jsonl", `{"type":"org","key":"o","name":"青藤"}`)
	if _, err := runCommand(t, "import", good); catalog.CodeOf(err) != catalog.CodeUnavailable || !strings.Contains(err.Error(), "xunke migrate") {
		t.Errorf("an import before the migrations: %v", err)
	}
	for _, args := range [][]string{{"migrate", "--dry-run"}, {"migrate"}, {"migrate", "--json"}, {"import", good}, {"import", "--json", good}} {
		if _, err := runCommand(t, args...); err != nil {
			t.Fatalf("xunke %s: %v", strings.Join(args, " "), err)
		}
	}
	// A bad line: the rest goes in and the exit status says so.
	bad := write("bad.jsonl", `{"type":"org","key":"o2","name":"云溪"}`+"\n"+`{"type":"org","key":"o3"}`)
	out, err := runCommand(t, "import", "--json", bad)
	if code, ok := errors.AsType[exitError](err); !ok || code != 1 {
		t.Errorf("a bad line ends with %v", err)
	}
	var summary struct {
		Orgs     intake.Count
		Bad      int64
		Problems []string
	}
	if err := json.Unmarshal([]byte(out), &summary); err != nil || summary.Orgs.Created != 1 || summary.Bad != 1 ||
		len(summary.Problems) != 1 || summary.Problems[0] != "bad.jsonl:2: name: is missing" {
		t.Errorf("it prints %s, %v", out, err)
	}
	db := testenv.MySQL(t, c)
	var orgs, courses int
	count := func() {
		t.Helper()
		if err := db.QueryRow("SELECT (SELECT COUNT(*) FROM orgs), (SELECT COUNT(*) FROM courses)").Scan(&orgs, &courses); err != nil {
			t.Fatal(err)
		}
	}
	if count(); orgs != 2 {
		t.Errorf("%d orgs", orgs)
	}
	if _, err := runCommand(t, "demo", "--if-empty"); err != nil {
		t.Fatal(err)
	}
	if count(); courses != 0 {
		t.Errorf("--if-empty made %d courses in a catalogue", courses)
	}
	if _, err := runCommand(t, "demo", "--courses", "30", "--json"); err != nil {
		t.Fatal(err)
	}
	if count(); orgs != 42 || courses != 30 {
		t.Errorf("%d orgs, %d courses", orgs, courses)
	}
	for _, args := range [][]string{
		{"demo", "--courses", "0"}, {"import", "nowhere.jsonl"}, {"import"}, {"import", "mxonline"},
		{"import", "mxonline", "--dsn", c.MySQL.DSN}, {"import", "mxonline", "--dsn", c.MySQL.DSN, "--time-zone", "Mars/Base"},
	} {
		if _, err := runCommand(t, args...); err == nil {
			t.Errorf("xunke %s succeeded", strings.Join(args, " "))
		}
	}
}
