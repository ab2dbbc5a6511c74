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
		tr.answers = append(tr.answers, answer{route: "/?q=Python", began: began.Add(a.at), took: a.took})
	}
	tr.answers = append(tr.answers, answer{route: "/api/v1/courses/7", began: began.Add(10 * time.Second), took: 7 * time.Millisecond})
	for route, want := range map[string]struct{ search, details bool }{
		"/?q=Python": {true, false}, "/api/v1/search?q=shuju&type=course": {true, false}, "/api/v1/courses": {}, "/courses/7": {false, true},
	} {
		if isSearch(route) != want.search || isDetails(route) != want.details {
			t.Errorf("%s: search %v, details %v", route, isSearch(route), isDetails(route))
		}
	}
	if line := tr.summary(began, ended); !strings.Contains(line, "3000        40        40         7      3000") {
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
