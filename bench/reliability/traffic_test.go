package main

import (
	"strings"
	"testing"
	"time"
)

// TestOnceFoundOut: only what was asked while it was known that a server is away counts.
func TestOnceFoundOut(t *testing.T) {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ended := began.Add(15 * time.Second)
	tr := &traffic{}
	for _, a := range []struct{ at, took time.Duration }{
		{time.Second, 3 * time.Second}, {9 * time.Second, 20 * time.Millisecond}, {14 * time.Second, 40 * time.Millisecond}, {16 * time.Second, 2 * time.Second},
	} {
		tr.answers = append(tr.answers, answer{route: "/", began: began.Add(a.at), took: a.took})
	}
	if p95, n := tr.onceFoundOut(began, ended); p95 != 40 || n != 2 {
		t.Errorf("p95 %d ms of %d", p95, n)
	}
	if line := tr.summary(began, ended); !strings.Contains(line, "3000        40      3000") {
		t.Errorf("%q", line)
	}
	if line := tr.summary(began, began.Add(time.Second)); !strings.Contains(line, " - ") {
		t.Errorf("a fault that is over before it is known: %q", line)
	}
}

func TestCostlyPathsDiffer(t *testing.T) {
	if a, b := costlyPath(), costlyPath(); a == b || strings.Count(a, "+") != attackedWords-1 {
		t.Errorf("%s and %s", a, b)
	}
}
