package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// stage is a step of its own with the seconds that it may take.
type stage struct {
	name    string
	seconds int
	check   func(context.Context) error
}

// stageRunner runs stages and remembers how they ended. A failed stage does not stop the run;
// its last line tells.
type stageRunner struct {
	results string
	began   time.Time
	passed  int
	failed  []string
}

func (r *stageRunner) run(ctx context.Context, s stage) {
	if ctx.Err() != nil {
		return
	}
	began := time.Now()
	if r.began.IsZero() {
		r.began = began
	}
	fmt.Printf("\n=== %s (at most %d s)\n", s.name, s.seconds)
	limited, cancel := context.WithTimeout(ctx, time.Duration(s.seconds)*time.Second)
	defer cancel()
	err := s.check(limited)
	outcome := fmt.Sprintf("passed in %.0f s", time.Since(began).Seconds())
	switch {
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		outcome = fmt.Sprintf("FAILED, not done within %d s", s.seconds)
		r.failed = append(r.failed, s.name)
	case err != nil:
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		outcome = fmt.Sprintf("FAILED in %.0f s", time.Since(began).Seconds())
		r.failed = append(r.failed, s.name)
	default:
		r.passed++
	}
	fmt.Printf("--- %s: %s\n", s.name, outcome)
}

// finish prints the counts and returns the exit status. A stage counts as one check more, so
// that a failed lint shows there too.
func (r *stageRunner) finish() int {
	files, _ := filepath.Glob(filepath.Join(r.results, "*.json"))
	passed, failed := r.passed, len(r.failed)
	for _, file := range files {
		counts, err := readResults(file)
		if err != nil {
			return report(err)
		}
		passed, failed = passed+counts.passed, failed+counts.failed
	}
	fmt.Println()
	if len(r.failed) > 0 {
		fmt.Println("failed stages:", strings.Join(r.failed, " "))
	}
	took := int(time.Since(r.began).Seconds())
	fmt.Printf("done in %d min %d s\n%d passed, %d failed\n", took/60, took%60, passed, failed)
	if failed > 0 {
		return 1
	}
	return 0
}
