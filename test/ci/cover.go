package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// checkCoverage is tests and e2e once more with counters, which make both slower: of packages,
// and of a binary whose processes write them down when they end in order.
func (c *checks) checkCoverage(ctx context.Context) error {
	tests, program := filepath.Join(c.results, "tests.out"), filepath.Join(c.results, "program.out")
	counters := filepath.Join(c.results, "counters")
	if err := c.testSome(ctx, "cover", every, "-timeout", "40m", "-coverpkg=./...", "-coverprofile="+tests); err != nil {
		return err
	}
	if err := c.writeCoverage(ctx, "unit and integration tests", tests); err != nil {
		return err
	}
	if err := os.Mkdir(counters, 0o700); err != nil {
		return err
	}
	if err := c.buildForTests(ctx, "xunke", "-race", "-cover", "-coverpkg=./..."); err != nil {
		return err
	}
	if err := os.Setenv("GOCOVERDIR", counters); err != nil {
		return err
	}
	if err := c.goTests(ctx, "cover-e2e", "-timeout", "30m", "./test/e2e/..."); err != nil {
		return err
	}
	if err := goCommand(ctx, "tool", "covdata", "textfmt", "-i="+counters, "-o", program); err != nil {
		return err
	}
	return c.writeCoverage(ctx, "unit, integration and end-to-end tests", tests, program)
}

// writeCoverage writes coverage.out and prints the share of statements that ran.
func (c *checks) writeCoverage(ctx context.Context, by string, profiles ...string) error {
	var texts [][]byte
	for _, profile := range profiles {
		text, err := os.ReadFile(profile)
		if err != nil {
			return fmt.Errorf("read coverage: %w", err)
		}
		texts = append(texts, text)
	}
	file := filepath.Join(c.root, "coverage.out")
	if err := os.WriteFile(file, joinProfiles(texts), 0o600); err != nil {
		return fmt.Errorf("write coverage: %w", err)
	}
	table, err := output(ctx, "go", "tool", "cover", "-func="+file)
	if err != nil {
		return err
	}
	fields := strings.Fields(table)
	fmt.Printf("coverage of all packages by %s: %s\n", by, fields[len(fields)-1])
	return nil
}

// joinProfiles makes one profile of several, without what only tests use.
func joinProfiles(texts [][]byte) []byte {
	var all bytes.Buffer
	for i, text := range texts {
		for line := range bytes.Lines(text) {
			mode := bytes.HasPrefix(line, []byte("mode:"))
			if mode && i > 0 || bytes.Contains(line, []byte("/internal/testenv/")) || bytes.Contains(line, []byte("/test/")) || bytes.Contains(line, []byte("/bench/")) {
				continue
			}
			all.Write(line)
		}
	}
	return all.Bytes()
}
