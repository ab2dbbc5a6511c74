package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// testCounts are the outcomes of tests, subtests among them.
type testCounts struct {
	passed, failed int
	skipped        []string
}

// readResults counts the events that go test -json wrote into a file. Builds write events of
// their own, and lines that are no event are what a program said.
func readResults(file string) (testCounts, error) {
	var counts testCounts
	f, err := os.Open(file)
	if err != nil {
		return counts, fmt.Errorf("count tests: %w", err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var event struct{ Action, Package, Test string }
		if json.Unmarshal(lines.Bytes(), &event) != nil || event.Test == "" {
			continue
		}
		switch event.Action {
		case "pass":
			counts.passed++
		case "fail":
			counts.failed++
		case "skip":
			counts.skipped = append(counts.skipped, event.Package+" "+event.Test)
		}
	}
	if err := lines.Err(); err != nil {
		return counts, fmt.Errorf("count tests in %s: %w", file, err)
	}
	return counts, nil
}
