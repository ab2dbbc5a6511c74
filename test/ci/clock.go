package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// clock is an instant at which tests begin, and the zone that is local then. Most are a few
// seconds before the end of a day, so that it ends meanwhile.
type clock struct{ name, instant, zone string }

var clocks = []clock{
	{"after-midnight", "2027-01-13T00:30:00Z", "UTC"},
	{"before-eight", "2027-01-13T07:59:56Z", "UTC"},
	{"before-sixteen", "2027-01-13T15:59:56Z", "UTC"},
	{"end-of-month", "2027-01-31T23:59:56Z", "UTC"},
	{"leap-day", "2028-02-29T23:59:56Z", "UTC"},
	{"shanghai", "2028-02-29T15:59:56Z", "Asia/Shanghai"},
	{"shanghai-is-ahead", "2027-12-31T23:59:56Z", "Asia/Shanghai"},
	{"los-angeles", "2027-02-01T07:59:56Z", "America/Los_Angeles"},
	{"hour-that-is-not", "2027-03-14T09:59:56Z", "America/Los_Angeles"},
}

// chooseClocks returns those of the names, all without any.
func chooseClocks(names []string) ([]clock, error) {
	var chosen []clock
	var known []string
	for _, k := range clocks {
		known = append(known, k.name)
	}
	if len(names) == 0 {
		return clocks, nil
	}
	for _, name := range names {
		i := slices.Index(known, name)
		if i < 0 {
			return nil, fmt.Errorf("there is no clock %q; these are: %s", name, strings.Join(known, " "))
		}
		chosen = append(chosen, clocks[i])
	}
	return chosen, nil
}

// anotherDay is a zone where it is another day than in UTC: that of the tests everywhere else,
// so that whatever mixes the two up fails at every hour.
func anotherDay(now time.Time) string {
	if now.UTC().Hour() < 12 {
		return "Etc/GMT+12"
	}
	return "Etc/GMT-14"
}

// clockStages builds the tests once, and has one stage a clock, in which each package's tests
// begin at its instant.
func (c *checks) clockStages(names []string) ([]stage, error) {
	chosen, err := chooseClocks(names)
	if err != nil {
		return nil, err
	}
	stages := []stage{{"clock-build", 3600, c.buildClockTests}}
	for _, k := range chosen {
		stages = append(stages, stage{"clock-" + k.name, 3600, func(ctx context.Context) error { return c.checkClock(ctx, k) }})
	}
	return stages, c.setMySQLClock()
}

// clockTest is a package's tests, built so that their clock can be moved.
type clockTest struct{ Path, Folder, Program string }

// clockTests is the file that lists them, in the folder that they are in.
func (c *checks) clockTests() string { return filepath.Join(c.results, "clock", "tests.json") }

func (c *checks) buildClockTests(ctx context.Context) error {
	folder := filepath.Dir(c.clockTests())
	if err := makeClock(ctx, folder); err != nil {
		return err
	}
	all, err := testPackages(ctx)
	if err != nil {
		return err
	}
	var tests []clockTest
	for i, p := range all {
		test := clockTest{p.path, p.folder, filepath.Join(folder, fmt.Sprint(i, ".test"))}
		cmd := command(ctx, "go", "test", "-c", "-vet=off", "-overlay", filepath.Join(folder, "overlay.json"), "-o", test.Program, p.path)
		cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(folder, "go.work"))
		if err := runCommand(ctx, cmd); err != nil {
			return fmt.Errorf("build the tests of %s: %w", p.path, err)
		}
		tests = append(tests, test)
	}
	text, err := json.Marshal(tests)
	if err != nil {
		return err
	}
	return os.WriteFile(c.clockTests(), text, 0o600)
}

func (c *checks) checkClock(ctx context.Context, k clock) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	return c.runTests(ctx, testRun{
		name: "clock-" + k.name, environment: []string{"XUNKE_TEST_CLOCK=" + k.instant, "TZ=" + k.zone},
		program: []string{program, "at-clock", c.clockTests()},
	})
}

// setMySQLClock has MySQL, which is about to start, follow the clock of the tests: what it calls
// NOW() and CURRENT_TIMESTAMP is compared with theirs. The clocks of Elasticsearch and Redis
// are left alone: they only order events and let keys and scrolls expire, and all of that
// counts from when it was asked for.
func (c *checks) setMySQLClock() error {
	libraries, _ := filepath.Glob("/usr/lib*/*/faketime/libfaketimeMT.so.1")
	if len(libraries) == 0 {
		return errors.New("there is no libfaketimeMT.so.1: install libfaketime, MySQL needs it to have another clock")
	}
	file := filepath.Join(c.servers.folder(), "clock")
	return errors.Join(
		os.MkdirAll(c.servers.folder(), 0o700), writeAhead(file, 0), os.Setenv("XUNKE_TEST_CLOCK_FILE", file),
		os.Setenv("XUNKE_MYSQL_ENV", "LD_PRELOAD="+libraries[0]+" FAKETIME_TIMESTAMP_FILE="+file+" FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_FORCE_MONOTONIC_FIX=0"))
}

// writeAhead says how many seconds MySQL's clock is ahead; it runs as another user.
func writeAhead(file string, seconds int64) error {
	return errors.Join(os.WriteFile(file, fmt.Appendf(nil, "%+d\n", seconds), 0o644), os.Chmod(file, 0o644))
}

// runAtClock runs the tests of a file, one package after the other because they share one
// MySQL, each from the time $XUNKE_TEST_CLOCK on. It writes what go test -json writes.
func runAtClock(list string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return fmt.Errorf("read the list of tests: %w", err)
	}
	var tests []clockTest
	if err := json.Unmarshal(text, &tests); err != nil {
		return fmt.Errorf("read %s: %w", list, err)
	}
	instant, err := time.Parse(time.RFC3339, os.Getenv("XUNKE_TEST_CLOCK"))
	if err != nil {
		return fmt.Errorf("read XUNKE_TEST_CLOCK: %w", err)
	}
	var errs []error
	for _, test := range tests {
		ahead := instant.Unix() - time.Now().Unix()
		if err := writeAhead(os.Getenv("XUNKE_TEST_CLOCK_FILE"), ahead); err != nil {
			return fmt.Errorf("set MySQL's clock: %w", err)
		}
		time.Sleep(2200 * time.Millisecond)                                                                                           // MySQL looks at the file again when more than a second has passed by whole seconds
		cmd := exec.Command("go", "tool", "test2json", "-t", "-p", test.Path, test.Program, "-test.v=test2json", "-test.timeout=15m") //nolint:noctx // it ends with this process's group
		cmd.Dir, cmd.Env = test.Folder, append(os.Environ(), fmt.Sprint("XUNKE_TEST_CLOCK_AHEAD=", ahead), "PWD="+test.Folder)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", test.Path, err))
		}
	}
	return errors.Join(errs...)
}

// makeClock writes what go test takes to a folder: overlay.json, by which time.Now is as many
// seconds ahead as XUNKE_TEST_CLOCK_AHEAD says, in every package, and go.work, with another
// go-mysql. (libfaketime does not reach Go programs, which ask the kernel without the C library.)
func makeClock(ctx context.Context, folder string) error {
	root, err := output(ctx, "go", "env", "GOROOT")
	if err != nil {
		return err
	}
	source := filepath.Join(root, "src/time/time.go")
	text, err := os.ReadFile(source)
	if err != nil {
		return fmt.Errorf("read the source of time.Now: %w", err)
	}
	changed, err := moveNow(text)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	replacement := filepath.Join(folder, "time.go")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {source: replacement}})
	if err != nil {
		return err
	}
	if err := errors.Join(
		os.MkdirAll(folder, 0o700), os.WriteFile(replacement, changed, 0o600),
		os.WriteFile(filepath.Join(folder, "overlay.json"), overlay, 0o600),
	); err != nil {
		return err
	}
	return makeDriver(ctx, folder)
}

// moveNow changes the source of package time. Timers, durations and the bubbles of synctest are
// as they are.
func moveNow(source []byte) ([]byte, error) {
	const now = "\tsec, nsec, mono := runtimeNow()\n"
	begin := bytes.Index(source, []byte("\nfunc Now() Time {\n"))
	if begin < 0 {
		return nil, errors.New("there is no time.Now (test/ci/clock.go)")
	}
	body, rest, found := bytes.Cut(source[begin:], []byte("\n}\n"))
	if !found || bytes.Count(body, []byte(now)) != 1 || bytes.Count(source, []byte("\nimport (\n")) != 1 {
		return nil, errors.New("time.Now is not as expected (test/ci/clock.go)")
	}
	body = bytes.Replace(body, []byte(now), []byte(now+"\tif !runtimeIsBubbled() {\n\t\tsec += secondsAhead\n\t}\n"), 1)
	head := bytes.Replace(source[:begin], []byte("\nimport (\n"), []byte("\nimport (\n\t\"syscall\"\n"), 1)
	return bytes.Join([][]byte{head, body, []byte("\n}\n"), rest, []byte(`
var secondsAhead = readSecondsAhead()

func readSecondsAhead() int64 {
	text, _ := syscall.Getenv("XUNKE_TEST_CLOCK_AHEAD")
	n, _ := atoi(text)
	return int64(n)
}
`)}, nil), nil
}

// makeDriver copies go-mysql without the clock of its own that it takes deadlines from: they
// would have passed already. What is in Go's cache of modules cannot be replaced by an overlay.
func makeDriver(ctx context.Context, folder string) error {
	const module = "github.com/go-mysql-org/go-mysql"
	source, err := output(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module)
	if err != nil {
		return err
	}
	driver := filepath.Join(folder, "go-mysql")
	if err := os.CopyFS(driver, os.DirFS(source)); err != nil {
		return fmt.Errorf("copy go-mysql: %w", err)
	}
	own := filepath.Join(driver, "utils/now_unix.go")
	if _, err := os.Stat(own); err != nil {
		return fmt.Errorf("go-mysql has no clock of its own any more (test/ci/clock.go): %w", err)
	}
	if err := errors.Join(os.Remove(own), os.WriteFile(own, []byte("package utils\n\nimport \"time\"\n\nvar Now = time.Now\n"), 0o600)); err != nil {
		return err
	}
	sums, err := os.ReadFile("go.work.sum")
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	version, err := output(ctx, "go", "list", "-f", "{{.Module.GoVersion}}", "./test/ci")
	if err != nil {
		return err
	}
	work := fmt.Sprintf("go %s\n\nuse (\n\t%q\n\t%q\n)\n\nreplace %s => %q\n", version, here, filepath.Join(here, "test"), module, driver)
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "go.work"), []byte(work), 0o600), os.WriteFile(filepath.Join(folder, "go.work.sum"), sums, 0o600))
}
