package webtest

import (
	"strings"
	"testing"
)

// Contains fails for each text that a page lacks.
func Contains(t *testing.T, p Page, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(p.Body, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}

// Lacks fails for each text that a page has.
func Lacks(t *testing.T, p Page, unwanted ...string) {
	t.Helper()
	for _, u := range unwanted {
		if strings.Contains(p.Body, u) {
			t.Errorf("the page has %q", u)
		}
	}
}

// Status fails for another status.
func Status(t *testing.T, p Page, want int) {
	t.Helper()
	if p.Status != want {
		t.Errorf("status %d, want %d", p.Status, want)
	}
}
