// The checks of this repository, on servers that are started for them and removed again: own
// ports, own data. .ci/test.sh gets what they need and runs this; `make test` is its verb all.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// checks are what is to be checked, and where.
type checks struct {
	root    string // of the repository
	cache   string // where servers and tools are kept
	results string // a folder for what the checks of one run leave to each other
	servers servers
}

func main() { os.Exit(run(os.Args[1:])) }

// run returns the exit status.
func run(args []string) int {
	if len(args) > 1 && args[0] == "at-clock" {
		return report(runAtClock(args[1]))
	}
	verb := "all"
	if len(args) > 0 {
		verb = args[0]
	}
	if program, err := os.Executable(); err == nil { // .ci/test.sh built it for this run
		defer func() { _ = os.Remove(program) }()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	root, err := os.Getwd()
	if err != nil {
		return report(err)
	}
	c := &checks{root: root, cache: os.Getenv("XUNKE_CACHE")}
	if c.cache == "" {
		return report(errors.New("XUNKE_CACHE is not set: run .ci/test.sh"))
	}
	c.servers = servers{root: root, cache: c.cache, instance: fmt.Sprint("test-", os.Getpid())}
	if c.results, err = os.MkdirTemp("", "xunke-ci"); err != nil {
		return report(err)
	}
	defer func() { _ = os.RemoveAll(c.results) }()
	switch verb {
	case "dev":
		return report(c.servers.startDev(ctx))
	case "dev-down":
		return report(c.servers.resetDev(ctx))
	}
	p, err := c.plan(verb)
	if err != nil {
		return report(err)
	}
	defer c.servers.remove()
	return c.runPlan(ctx, p)
}

func report(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "error: %v\n", err)
	return 1
}

// plan is what a verb runs: stages that need no servers, during which these start, and
// stages that use them.
type plan struct {
	first   []stage
	servers bool
	then    []stage
}

// plan says what a verb runs, and how many seconds each stage may take. A new check is a line
// here, a method and a target in the Makefile.
func (c *checks) plan(verb string) (plan, error) {
	static := []stage{
		{"format", 60, c.checkFormat}, {"vet", 400, c.checkVet}, {"lint", 900, c.checkLint},
		{"scripts", 120, c.checkScripts}, {"docker", 180, c.checkDocker},
	}
	switch verb {
	case "all":
		return plan{static, true, []stage{{"tests", 1500, c.checkTests}, {"e2e", 1900, c.checkE2E}, {"chaos", 1800, c.checkChaos}}}, nil
	case "static":
		return plan{first: static}, nil
	case "unit":
		return plan{first: []stage{{"unit", 700, c.checkUnit}}}, nil
	case "vuln":
		return plan{first: []stage{{"vuln", 600, c.checkVulnerabilities}}}, nil
	case "deps":
		return plan{first: []stage{{"deps", 900, c.checkDependencies}}}, nil
	case "hostile":
		return plan{first: hostileStages(c)}, nil
	case "clock":
		stages, err := c.clockStages(strings.Fields(os.Getenv("CLOCK")))
		return plan{servers: true, then: stages}, err
	}
	// Or one stage by its name.
	if i := slices.IndexFunc(static, func(s stage) bool { return s.name == verb }); i >= 0 {
		return plan{first: static[i : i+1]}, nil
	}
	withServers := []stage{
		{"tests", 1500, c.checkTests}, {"integration", 1900, c.checkIntegration}, {"e2e", 1900, c.checkE2E}, {"cover", 5400, c.checkCoverage},
		{"chaos-short", 1800, c.checkChaos}, {"chaos", 14400, c.checkChaosAtRandom}, {"chaos-mutants", 5400, c.checkMutants},
		{"repeat", 7200, c.checkRepeatedly}, {"fuzz", 7200, c.checkFuzz},
		{"bench", 21600, c.measure}, {"microbench", 7200, c.measureFunctions},
	}
	i := slices.IndexFunc(withServers, func(s stage) bool { return s.name == verb })
	if i < 0 {
		return plan{}, fmt.Errorf("there is no check %q: see make help", verb)
	}
	return plan{servers: true, then: withServers[i : i+1]}, nil
}

// runPlan runs the stages, and returns the exit status.
func (c *checks) runPlan(ctx context.Context, p plan) int {
	runner := stageRunner{results: c.results}
	if p.servers {
		if err := c.servers.begin(ctx, filepath.Join(c.results, "servers.log")); err != nil {
			return report(err)
		}
	}
	for _, s := range p.first {
		runner.run(ctx, s)
	}
	if p.servers && ctx.Err() == nil {
		if err := c.servers.await(); err != nil {
			return report(err)
		}
	}
	for _, s := range p.then {
		runner.run(ctx, s)
	}
	if ctx.Err() != nil {
		return 130
	}
	return runner.finish()
}
