package ops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/doctor"
)

// examineWithin bounds the examination of the servers.
const examineWithin = 30 * time.Second

// Examination has who makes the findings about each part of an installation.
type Examination struct {
	Settings      Settings
	States        States
	MySQL         func(ctx context.Context, state indexer.State, unknown error) doctor.Findings // unknown: why there is no state
	Elasticsearch func(ctx context.Context, state indexer.State) doctor.Findings
	Redis         func(ctx context.Context) doctor.Findings
}

// Run examines everything. It asks the servers at the same time, so that one that is down
// keeps nobody waiting.
func (e Examination) Run(ctx context.Context) doctor.Findings {
	ctx, cancel := context.WithTimeout(ctx, examineWithin)
	defer cancel()
	state, unknown := e.States.LoadState(ctx)
	var inMySQL, inElasticsearch, inRedis doctor.Findings
	var wg sync.WaitGroup
	wg.Go(func() { inMySQL = e.MySQL(ctx, state, unknown) })
	wg.Go(func() { inElasticsearch = e.Elasticsearch(ctx, state) })
	wg.Go(func() { inRedis = e.Redis(ctx) })
	wg.Wait()
	findings := append(e.Settings.Examine(), inMySQL...)
	return append(append(findings, inElasticsearch...), inRedis...)
}

// Settings is what is looked at of the configuration itself.
type Settings struct {
	File         string // where it was read from; empty: defaults and environment
	CursorSecret bool   // one is set
	RunDir       string // empty: none
}

// Examine makes the findings about the configuration.
func (s Settings) Examine() doctor.Findings {
	area := doctor.Area{Name: "configuration"}
	from := s.File
	if from == "" {
		from = "defaults and environment"
	}
	area.Good(doctor.Check{Name: "settings", Why: "they were all checked when they were read"}, "from %s", from)
	if info, err := os.Stat(s.File); err == nil {
		// A group may read it: that of the user who runs Xunke, where the file is root's.
		area.Judge(info.Mode().Perm()&0o037 == 0, doctor.Warning, doctor.Check{
			Name: "file mode", Why: "the file may hold passwords", Fix: "chmod u=rw,g-wx,o= " + s.File,
		}, "%s", info.Mode().Perm())
	}
	area.Judge(s.CursorSecret, doctor.Warning, doctor.Check{
		Name: "api.cursor_secret", Why: "without one it is made at each start: cursors end then, and several servers refuse each other's",
		Fix: "export XUNKE_API_CURSOR_SECRET=$(openssl rand -hex 32), or set api.cursor_secret in the file",
	}, "%s", map[bool]string{true: "set", false: "not set"}[s.CursorSecret])
	if s.RunDir == "" {
		return area.Findings
	}
	found, err := s.RunDir, checkWritable(s.RunDir)
	if err != nil {
		found += ": " + err.Error()
	}
	made := errors.Is(err, fs.ErrNotExist) // by the first process that needs it
	area.Judge(err == nil || made, doctor.Failure, doctor.Check{
		Name: "run_dir", Why: "pid files are written there, and events while MySQL and Redis are away",
		Fix: "mkdir -p " + s.RunDir + " && chown $(id -u) " + s.RunDir,
	}, "%s", found)
	return area.Findings
}

// checkWritable says why files cannot be made in a folder.
func checkWritable(dir string) error {
	file, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// Diagnosis is what an examination came to.
type Diagnosis struct {
	Status   doctor.Status   `json:"status"` // of the worst finding
	Findings doctor.Findings `json:"findings"`
}

// marks stand before the lines of findings.
var marks = map[doctor.Status]string{doctor.OK: "✓ ok", doctor.Warning: "! warning", doctor.Failure: "✗ FAILURE"}

// String is the diagnosis for a person: the findings by area, and how many there are.
func (d Diagnosis) String() string {
	var b strings.Builder
	area := ""
	counts := map[doctor.Status]int{}
	for _, f := range d.Findings {
		counts[f.Status]++
		if f.Area != area {
			area = f.Area
			fmt.Fprintf(&b, "%s\n", area)
		}
		fmt.Fprintf(&b, "  %-9s  %s: %s\n", marks[f.Status], f.Check, f.Found)
		if f.Status != doctor.OK {
			fmt.Fprintf(&b, "             why: %s\n", f.Why)
			fmt.Fprintf(&b, "             fix: %s\n", f.Fix)
		}
	}
	fmt.Fprintf(&b, "%d ok, %d warnings, %d failures\n", counts[doctor.OK], counts[doctor.Warning], counts[doctor.Failure])
	return b.String()
}
