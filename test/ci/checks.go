package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func (c *checks) checkFormat(ctx context.Context) error {
	files, err := output(ctx, "gofmt", "-l", ".")
	if err == nil && files != "" {
		err = fmt.Errorf("these files are not formatted, make fmt does it:\n%s", files)
	}
	return err
}

// everything are the packages of the program and those of test, which is a module of its own.
var everything = []string{"./...", "./test/..."}

func (c *checks) checkVet(ctx context.Context) error {
	return errors.Join(goCommand(ctx, append([]string{"vet"}, everything...)...), c.checkModules(ctx))
}

// checkModules sees that each go.mod names what its module imports and nothing else, and that
// go.work, by which tests are built, chooses no other version for the program than go.mod does,
// by which it is released.
func (c *checks) checkModules(ctx context.Context) error {
	for _, folder := range []string{".", "test", "docker/composetest"} {
		if err := runCommand(ctx, withoutWorkspace(command(ctx, "go", "-C", folder, "mod", "tidy", "-diff"))); err != nil {
			return fmt.Errorf("go mod tidy in %s: %w", folder, err)
		}
	}
	args := []string{"list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", "./cmd/..."}
	tested, err := output(ctx, "go", args...)
	if err != nil {
		return err
	}
	released, err := outputOf(withoutWorkspace(command(ctx, "go", args...)))
	if err != nil {
		return err
	}
	return compareModules(tested, released)
}

// compareModules takes lines of a module and its version each.
func compareModules(tested, released string) error {
	var errs []error
	known := strings.Split(released, "\n")
	for line := range strings.SplitSeq(tested, "\n") {
		if !slices.Contains(known, line) {
			errs = append(errs, fmt.Errorf("tests have the program with %s, and go.mod names another version: raise it there", line))
		}
	}
	return errors.Join(errs...)
}

func (c *checks) checkLint(ctx context.Context) error {
	program, err := c.tool(ctx, golangciLint)
	if err != nil {
		return err
	}
	return runCommand(ctx, command(ctx, program, append([]string{"run", "--allow-parallel-runners"}, everything...)...))
}

// checkScripts checks the scripts that are run, and what they source.
func (c *checks) checkScripts(ctx context.Context) error {
	program, err := c.tool(ctx, shellcheck)
	if err != nil {
		return err
	}
	scripts := []string{"--check-sourced", "--external-sources", ".ci/run"}
	for _, pattern := range []string{".ci/*.sh", "docker/*.sh", "docker/local/servers.sh", "docker/mysql/*.sh"} {
		files, _ := filepath.Glob(pattern)
		scripts = append(scripts, files...)
	}
	return runCommand(ctx, command(ctx, program, scripts...))
}

// checkDocker checks what cannot be built here; no engine is needed for it.
func (c *checks) checkDocker(ctx context.Context) error {
	program, err := c.tool(ctx, hadolint)
	if err != nil {
		return err
	}
	if err := runCommand(ctx, command(ctx, program, "docker/Dockerfile")); err != nil {
		return err
	}
	if err := runCommand(ctx, withoutWorkspace(command(ctx, "go", "vet", "-C", "docker/composetest", "./..."))); err != nil {
		return err
	}
	return c.runTests(ctx, testRun{name: "compose", folder: "docker/composetest", environment: []string{"GOWORK=off"}, args: []string{"-race", "-count=1", "./..."}})
}

// testRun is one run of go test.
type testRun struct {
	name        string
	folder      string   // of another module; else that of the repository
	environment []string // variables beside those that are there
	args        []string
	program     []string // what writes the events instead of go test
}

// goTests runs go test with the race detector, where it is another day than in UTC. Vet is a
// stage of its own, and would take its time once more here.
func (c *checks) goTests(ctx context.Context, name string, args ...string) error {
	return c.runTests(ctx, testRun{name: name, environment: []string{"TZ=" + anotherDay(time.Now())}, args: append([]string{"-race", "-vet=off", "-count=1"}, args...)})
}

// runTests runs go test, keeps its events for the count, and fails on a skipped test: what
// cannot run is not tested.
func (c *checks) runTests(ctx context.Context, run testRun) error {
	program, err := c.tool(ctx, gotestsum)
	if err != nil {
		return err
	}
	events := filepath.Join(c.results, run.name+".json")
	args := []string{"--format", "pkgname-and-test-fails", "--hide-summary=skipped", "--jsonfile", events}
	if run.program != nil {
		args = append(args, "--raw-command")
	}
	cmd := command(ctx, program, slices.Concat(args, []string{"--"}, run.program, run.args)...)
	cmd.Dir, cmd.Env = run.folder, append(os.Environ(), run.environment...)
	if err := runCommand(ctx, cmd); err != nil {
		return err
	}
	counts, err := readResults(events)
	if err != nil {
		return err
	}
	if len(counts.skipped) > 0 {
		return fmt.Errorf("a test that cannot run must fail; skipped were:\n  %s", strings.Join(counts.skipped, "\n  "))
	}
	return nil
}

// testSome tests the packages that are wanted.
func (c *checks) testSome(ctx context.Context, name string, wanted func(testedPackage) bool, options ...string) error {
	all, err := testPackages(ctx)
	if err != nil {
		return err
	}
	some := paths(all, wanted)
	if len(some) == 0 {
		return errors.New("no package has such tests")
	}
	return c.goTests(ctx, name, append(options, some...)...)
}

func every(testedPackage) bool { return true }

func (c *checks) checkUnit(ctx context.Context) error {
	return c.testSome(ctx, "unit", func(p testedPackage) bool { return !p.servers }, "-timeout", "10m")
}

func (c *checks) checkIntegration(ctx context.Context) error {
	return c.testSome(ctx, "integration", func(p testedPackage) bool { return p.servers }, "-timeout", "15m")
}

// checkTests is unit and integration in one, so that packages of both kinds run side by side.
func (c *checks) checkTests(ctx context.Context) error {
	return c.testSome(ctx, "tests", every, "-timeout", "24m")
}

// buildForTests builds the binary that end-to-end tests drive.
func (c *checks) buildForTests(ctx context.Context, name string, options ...string) error {
	program := filepath.Join(c.results, name)
	if err := os.Setenv("XUNKE_TEST_BINARY", program); err != nil {
		return err
	}
	return goCommand(ctx, append(append([]string{"build", "-o", program}, options...), "./cmd/xunke")...)
}

// checkE2E drives a binary built with the race detector.
func (c *checks) checkE2E(ctx context.Context) error {
	if err := c.buildForTests(ctx, "xunke", "-race"); err != nil {
		return err
	}
	return c.goTests(ctx, "e2e", "-timeout", "30m", "./test/e2e/...")
}

// checkChaos has each sort of fault happen once. It kills the servers, so nothing else may use
// them meanwhile. Its binary is without the race detector: memory is measured.
func (c *checks) checkChaos(ctx context.Context) error {
	if err := c.buildForTests(ctx, "xunke-chaos"); err != nil {
		return err
	}
	return c.goTests(ctx, "chaos", "-timeout", "28m", "-run",
		"^(TestDirected|TestEvents|TestFaults|TestHistory|TestHealing|TestFailover|TestServersKilled|TestMutantsFit|TestMutantsAreDocumented|TestEdits)$",
		"./test/chaos/...")
}

// checkChaosAtRandom has faults happen at random for as long as $FOR says, in the order of
// $SEED where it is set.
func (c *checks) checkChaosAtRandom(ctx context.Context) error {
	if err := c.buildForTests(ctx, "xunke-chaos"); err != nil {
		return err
	}
	cmd := command(ctx, "go", "test", "-count=1", "-v", "-timeout", "4h", "-run", "^(TestRandom|TestEventsAtRandom|TestFailoverAtRandom)$", "./test/chaos")
	cmd.Env = append(os.Environ(), "XUNKE_CHAOS_FOR="+variable("FOR", "30m"), "XUNKE_TEST_SEED="+os.Getenv("SEED"))
	return runCommand(ctx, cmd)
}

// checkMutants sees that the tests notice a program without one of its safeguards.
func (c *checks) checkMutants(ctx context.Context) error {
	return goCommand(ctx, "test", "-count=1", "-v", "-timeout", "90m", "-run", "^TestMutantsAreCaught$", "./test/chaos/mutants")
}

// measure runs ./bench with what is asked for in $BENCH, flags and parts.
func (c *checks) measure(ctx context.Context) error {
	return goCommand(ctx, append([]string{"run", "./bench"}, strings.Fields(os.Getenv("BENCH"))...)...)
}

func (c *checks) measureFunctions(ctx context.Context) error {
	return goCommand(ctx, "test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", variable("BENCHTIME", "1s"), "./...")
}

// variable is one of the environment, or what stands for it where it is empty.
func variable(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
