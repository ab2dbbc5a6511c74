package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestResultsOfGoTest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tests.json")
	text := `{"Action":"start","Package":"a"}
{"Action":"run","Package":"a","Test":"TestOne"}
{"Action":"output","Package":"a","Test":"TestOne","Output":"{\"Action\":\"fail\",\"Test\":\"x\"}\n"}
{"Action":"pass","Package":"a","Test":"TestOne","Elapsed":0.1}
{"Action":"fail","Package":"a","Test":"TestTwo/part"}
{"Action":"fail","Package":"a","Test":"TestTwo"}
{"Action":"skip","Package":"a","Test":"TestThree"}
this is no event
{"Action":"fail","Package":"a"}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := readResults(file)
	if want := (testCounts{passed: 1, failed: 2, skipped: []string{"a TestThree"}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestPackagesWithTests(t *testing.T) {
	got, err := parsePackages(strings.NewReader(`
{"ImportPath": "github.com/xunke/xunke/catalog", "Dir": "/x/catalog", "XTestGoFiles": ["a_test.go"], "XTestImports": ["testing"]}
{"ImportPath": "github.com/xunke/xunke/indexer", "TestGoFiles": ["a_test.go"], "TestImports": ["github.com/xunke/xunke/internal/testenv"]}
{"ImportPath": "github.com/xunke/xunke/test/browser", "XTestGoFiles": ["a_test.go"], "XTestImports": ["github.com/xunke/xunke/internal/testenv"]}
{"ImportPath": "github.com/xunke/xunke/internal/testenv"}
{"ImportPath": "github.com/xunke/xunke/test/e2e", "TestGoFiles": ["a_test.go"]}
{"ImportPath": "github.com/xunke/xunke/test/chaos/mutants", "TestGoFiles": ["a_test.go"]}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []testedPackage{
		{"github.com/xunke/xunke/catalog", "/x/catalog", false}, {"github.com/xunke/xunke/indexer", "", true}, {"github.com/xunke/xunke/test/browser", "", true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The long ones begin first, and all of them are there.
func TestLongPackagesBeginFirst(t *testing.T) {
	some := []testedPackage{{path: module + "catalog"}, {path: module + "verify"}, {path: module + "test/browser"}, {path: module + "indexer"}, {path: module + "ops"}}
	sortPackages(some)
	var order []string
	for _, p := range some {
		order = append(order, strings.TrimPrefix(p.path, module))
	}
	if got := strings.Join(order, " "); got != "indexer verify test/browser catalog ops" {
		t.Errorf("the order is %s", got)
	}
	for _, name := range longest {
		if files, _ := filepath.Glob(filepath.Join("../..", name, "*_test.go")); len(files) == 0 {
			t.Errorf("there are no tests in %s", name)
		}
	}
}

// A stage that fails or takes too long counts, and the next one runs nevertheless.
func TestStagesThatFail(t *testing.T) {
	r := stageRunner{results: t.TempDir()}
	ran := 0
	r.run(t.Context(), stage{"fails", 60, func(context.Context) error { ran++; return errors.New("no") }})
	r.run(t.Context(), stage{"hangs", 0, func(ctx context.Context) error { ran++; <-ctx.Done(); return nil }})
	r.run(t.Context(), stage{"passes", 60, func(context.Context) error { ran++; return nil }})
	if got := strings.Join(r.failed, " "); ran != 3 || got != "fails hangs" || r.passed != 1 || r.finish() != 1 {
		t.Errorf("ran %d, failed %q, passed %d", ran, got, r.passed)
	}
	good := stageRunner{results: t.TempDir()}
	good.run(t.Context(), stage{"passes", 60, func(context.Context) error { return nil }})
	if status := good.finish(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// Whatever a command has started ends with the stage: the pipe that all of them write to does.
func TestCommandsEndWithTheirStage(t *testing.T) {
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cmd := command(ctx, "sh", "-c", "sleep 600 & echo begun; wait")
	cmd.Stdout = to
	ended := make(chan error)
	go func() {
		err := runCommand(ctx, cmd)
		ended <- errors.Join(err, to.Close())
	}()
	said := bufio.NewReader(from)
	if line, err := said.ReadString('\n'); err != nil || line != "begun\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("a command that was ended is no success")
	}
	if _, err := io.ReadAll(said); err != nil {
		t.Error(err)
	}
}

func TestPlans(t *testing.T) {
	c := &checks{}
	all, err := c.plan("all")
	if err != nil || len(all.first) != 5 || !all.servers || len(all.then) != 3 {
		t.Errorf("all: %+v, %v", all, err)
	}
	unit, err := c.plan("unit")
	if err != nil || len(unit.first) != 1 || unit.servers {
		t.Errorf("unit: %+v, %v", unit, err)
	}
	if _, err := c.plan("nothing"); err == nil {
		t.Error("an unknown verb is accepted")
	}
	// The Makefile's targets all lead to a plan.
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	verbs := 0
	for line := range strings.Lines(string(makefile)) {
		_, verb, found := strings.Cut(line, ".ci/test.sh ")
		verb = strings.TrimSpace(verb)
		if !found || strings.HasPrefix(verb, "dev") || verb == "clock" {
			continue
		}
		verbs++
		if p, err := c.plan(verb); err != nil || len(p.first)+len(p.then) == 0 {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if verbs < 15 {
		t.Errorf("only %d verbs in the Makefile", verbs)
	}
}

func TestClocks(t *testing.T) {
	some, err := chooseClocks([]string{"leap-day", "los-angeles"})
	if err != nil || len(some) != 2 || some[1].zone != "America/Los_Angeles" {
		t.Errorf("got %v, %v", some, err)
	}
	if _, err := chooseClocks([]string{"tea-time"}); err == nil || !strings.Contains(err.Error(), "leap-day") {
		t.Errorf("got %v, want an error that names the clocks there are", err)
	}
	for _, k := range clocks {
		if _, err := time.Parse(time.RFC3339, k.instant); err != nil {
			t.Error(err)
		}
		if _, err := time.LoadLocation(k.zone); err != nil {
			t.Error(err)
		}
	}
	for hour := range 24 {
		now := time.Date(2026, 5, 6, hour, 30, 0, 0, time.UTC)
		zone, err := time.LoadLocation(anotherDay(now))
		if err != nil {
			t.Fatal(err)
		}
		if now.In(zone).Day() == now.Day() {
			t.Errorf("at %v it is the same day in %s", now, zone)
		}
	}
}

// The source of this very Go is one that can be changed.
func TestTheSourceOfNow(t *testing.T) {
	root, err := output(t.Context(), "go", "env", "GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(root, "src/time/time.go"))
	if err != nil {
		t.Fatal(err)
	}
	changed, err := moveNow(source)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(changed), "\tsec, nsec, mono := runtimeNow()\n\tif !runtimeIsBubbled() {\n\t\tsec += secondsAhead\n\t}\n\tif mono == 0 {") {
		t.Error("time.Now is as it was")
	}
	if _, err := moveNow([]byte(strings.ReplaceAll(string(source), "runtimeNow()", "clock()"))); err == nil {
		t.Error("another time.Now is accepted")
	}
}

func TestDescribeDependencies(t *testing.T) {
	got, err := describeDependencies(strings.NewReader(`
{"Path": "example.org/new", "Version": "v1.2.3"}
{"Path": "example.org/old", "Version": "v1.0.0", "Update": {"Version": "v1.1.0"}}
{"Path": "example.org/deep", "Version": "v0.1.0", "Indirect": true, "Update": {"Version": "v0.2.0"}}
{"Path": "example.org/lost", "Version": "v0.1.0", "Error": {"Err": "not found"}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"4 modules; behind their latest release: 2; not known to the module proxy: 1\n", "v1.0.0 -> v1.1.0", "  indirect example.org/deep", "  unknown  example.org/lost"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "example.org/new") {
		t.Errorf("a module that is not behind is in\n%s", got)
	}
}

// A version that only the tests' module asks for is not tested as it is released.
func TestCompareModules(t *testing.T) {
	if err := compareModules("a v1.0.0\nb v1.2.0", "b v1.2.0\na v1.0.0"); err != nil {
		t.Error(err)
	}
	if err := compareModules("a v1.0.0\nb v1.3.0", "b v1.2.0\na v1.0.0"); err == nil || !strings.Contains(err.Error(), "b v1.3.0") {
		t.Errorf("got %v, want an error that names b v1.3.0", err)
	}
}

func TestCoverageLeavesOutWhatTestsUse(t *testing.T) {
	got := string(joinProfiles([][]byte{
		[]byte("mode: atomic\nx/catalog/a.go:1.1,2.2 1 1\nx/internal/testenv/a.go:1.1,2.2 1 1\n"), []byte("mode: atomic\nx/cmd/a.go:1.1,2.2 1 0\nx/test/harness/a.go:1.1,2.2 1 1\n"),
	}))
	if want := "mode: atomic\nx/catalog/a.go:1.1,2.2 1 1\nx/cmd/a.go:1.1,2.2 1 0\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReportOfWapiti(t *testing.T) {
	found, err := vulnerabilities([]byte(`{"vulnerabilities": {"SQL Injection": [], "Cross Site Scripting": [{"method": "GET", "path": "/", "info": "by q"}]}}`))
	if err != nil || len(found) != 1 || found[0] != "Cross Site Scripting GET / by q" {
		t.Errorf("got %q, %v", found, err)
	}
	if _, err := vulnerabilities([]byte("none")); err == nil {
		t.Error("a report that cannot be read finds nothing")
	}
}

func TestOrphansAreToldByTheirStart(t *testing.T) {
	own := strconv.Itoa(os.Getpid())
	if got := startTime(own); got == "" || got != startTime("self") {
		t.Errorf("this process began at %q", got)
	}
	if got := startTime("0"); got != "" {
		t.Errorf("no process began at %s", got)
	}
}
