package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// dependency is a module as go list -m -u -json tells of it.
type dependency struct {
	Path, Version string
	Indirect      bool
	Update        *struct{ Version string }
	Error         *struct{ Err string }
}

// checkDependencies tells which modules that are linked, or that tests use, are behind their
// latest release. That is no failure: whether to follow is decided by reading what changed.
// What is, is a module with a known vulnerability in what is called.
func (c *checks) checkDependencies(ctx context.Context) error {
	modules, err := output(ctx, "go", "list", "-test", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", "./...", "./test/...")
	if err != nil {
		return err
	}
	paths := strings.Fields(modules)
	slices.Sort(paths)
	out, err := output(ctx, "go", append([]string{"list", "-e", "-m", "-u", "-json"}, slices.Compact(paths)...)...)
	if err != nil {
		return err
	}
	text, err := describeDependencies(strings.NewReader(out))
	if err != nil {
		return err
	}
	fmt.Print(text)
	return c.checkVulnerabilities(ctx)
}

// describeDependencies reads what go list writes, and says what is behind.
func describeDependencies(r io.Reader) (string, error) {
	var count, unknown int
	var lines []string
	for decoder := json.NewDecoder(r); ; count++ {
		var d dependency
		if err := decoder.Decode(&d); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "", fmt.Errorf("list modules: %w", err)
		}
		kind := "direct"
		if d.Indirect {
			kind = "indirect"
		}
		switch {
		case d.Error != nil:
			unknown++
			lines = append(lines, fmt.Sprintf("  %-8s %-48s %s\n", "unknown", d.Path, d.Version))
		case d.Update != nil:
			lines = append(lines, fmt.Sprintf("  %-8s %-48s %s -> %s\n", kind, d.Path, d.Version, d.Update.Version))
		}
	}
	slices.Sort(lines)
	return fmt.Sprintf("%d modules; behind their latest release: %d; not known to the module proxy: %d\n%s",
		count, len(lines)-unknown, unknown, strings.Join(lines, "")), nil
}

// outOfReach is what govulncheck says where there is no way to its database.
var outOfReach = regexp.MustCompile(`(?i)vuln\.go\.dev|fetching vulnerabilities|no such host|dial tcp|HTTP GET|timeout`)

// checkVulnerabilities looks for known vulnerabilities in what is called. Where the database is
// not within reach it says so: that is no mistake in the code.
func (c *checks) checkVulnerabilities(ctx context.Context) error {
	program, err := c.tool(ctx, govulncheck)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	cmd := command(limited, program, everything...)
	cmd.Stdout, cmd.Stderr = nil, nil
	out, err := cmd.CombinedOutput()
	const found = 3 // the exit status where there are some
	exit, ended := errors.AsType[*exec.ExitError](err)
	if err != nil && (!ended || exit.ExitCode() != found) && (limited.Err() != nil || outOfReach.Match(out)) {
		fmt.Println("NOT CHECKED for known vulnerabilities: the Go vulnerability database is not within reach")
		return ctx.Err()
	}
	_, _ = os.Stderr.Write(out)
	return err
}
