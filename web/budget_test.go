package web_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
)

// purse is a budget of so much for everybody together.
type purse struct{ left int }

func (p *purse) TakeMany(_ context.Context, _ string, count int) time.Duration {
	if count > p.left {
		return 90 * time.Second
	}
	p.left -= count
	return 0
}

// TestDearSearchesAreOnABudget: whoever asks for too much of what costs more than ordinary
// searches waits, before the index is asked; ordinary searches are free.
func TestDearSearchesAreOnABudget(t *testing.T) {
	s := newSite()
	s.budget = &purse{left: 10}
	s.price = func(q catalog.Query) int {
		if q.Text == "dear" {
			return 7
		}
		return 0
	}
	s.start(t)
	status(t, s.get(t, "/api/v1/search?q=dear"), http.StatusOK)
	asked := len(s.asked)
	for _, path := range []string{"/api/v1/search?q=dear", "/?q=dear"} {
		p := s.get(t, path)
		status(t, p, http.StatusTooManyRequests)
		if got := p.header.Get("Retry-After"); got != "90" {
			t.Errorf("%s: Retry-After: %s", path, got)
		}
	}
	if len(s.asked) != asked {
		t.Errorf("%d searches were asked that nobody had paid for", len(s.asked)-asked)
	}
	for _, path := range []string{"/api/v1/search?q=cheap", "/?q=cheap", "/"} {
		status(t, s.get(t, path), http.StatusOK)
	}
}
