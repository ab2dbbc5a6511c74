package ops

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/doctor"
)

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "xunke.yaml")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	shared := filepath.Join(dir, "shared.yaml")
	if err := os.WriteFile(shared, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o640); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open.yaml")
	if err := os.WriteFile(open, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		settings Settings
		want     []string
	}{
		"defaults":            {Settings{}, []string{"settings ok", "api.cursor_secret warning"}},
		"all is well":         {Settings{file, true, dir}, []string{"settings ok", "file mode ok", "api.cursor_secret ok", "run_dir ok"}},
		"readable by a group": {Settings{shared, true, ""}, []string{"settings ok", "file mode ok", "api.cursor_secret ok"}},
		"readable by others":  {Settings{open, true, ""}, []string{"settings ok", "file mode warning", "api.cursor_secret ok"}},
		"a folder to be made": {Settings{"", true, filepath.Join(dir, "new")}, []string{"settings ok", "api.cursor_secret ok", "run_dir ok"}},
		"no folder":           {Settings{"", true, file}, []string{"settings ok", "api.cursor_secret ok", "run_dir failure"}},
	} {
		var got []string
		for _, f := range tt.settings.Examine() {
			got = append(got, f.Check+" "+string(f.Status))
			if (f.Fix == "") != (f.Status == doctor.OK) || f.Why == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 3 {
		t.Errorf("the examination leaves %v, %v", left, err)
	}
}

type fakeStates struct {
	loadState func() (indexer.State, error)
}

func (f fakeStates) LoadState(context.Context) (indexer.State, error) { return f.loadState() }

// TestExamination: whatever a server does, the findings come in one order, and MySQL is
// examined also where the indexer's state cannot be read.
func TestExamination(t *testing.T) {
	down := errors.New("down")
	finding := func(area string) doctor.Findings {
		a := doctor.Area{Name: area}
		a.Fail(doctor.Check{Name: "connection", Why: "it is needed", Fix: "start it"}, "it is down")
		return a.Findings
	}
	redis := make(chan struct{})
	e := Examination{
		Settings: Settings{CursorSecret: true},
		States:   fakeStates{func() (indexer.State, error) { return indexer.State{}, down }},
		MySQL: func(_ context.Context, _ indexer.State, unknown error) doctor.Findings {
			<-redis // answers before
			if !errors.Is(unknown, down) {
				t.Errorf("why there is no state: %v", unknown)
			}
			return finding("mysql")
		},
		Elasticsearch: func(context.Context, indexer.State) doctor.Findings { return finding("elasticsearch") },
		Redis: func(context.Context) doctor.Findings {
			close(redis)
			return finding("redis")
		},
	}
	findings := e.Run(t.Context())
	text := Diagnosis{findings.Worst(), findings}.String()
	want := `configuration
  ✓ ok       settings: from defaults and environment
  ✓ ok       api.cursor_secret: set
mysql
  ✗ FAILURE  connection: it is down
             why: it is needed
             fix: start it
elasticsearch
  ✗ FAILURE  connection: it is down
             why: it is needed
             fix: start it
redis
  ✗ FAILURE  connection: it is down
             why: it is needed
             fix: start it
2 ok, 0 warnings, 3 failures
`
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}
