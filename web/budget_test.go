package web_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
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
	s := webtest.NewSite()
	s.Budget = &purse{left: 10}
	s.Price = func(q catalog.Query) int {
		if q.Text == "dear" {
			return 7
		}
		return 0
	}
	s.Start(t)
	webtest.Status(t, s.Get(t, "/api/v1/search?q=dear"), http.StatusOK)
	asked := s.Asked()
	for _, path := range []string{"/api/v1/search?q=dear", "/?q=dear"} {
		p := s.Get(t, path)
		webtest.Status(t, p, http.StatusTooManyRequests)
		if got := p.Header.Get("Retry-After"); got != "90" {
			t.Errorf("%s: Retry-After: %s", path, got)
		}
	}
	if got := s.Asked(); got != asked {
		t.Errorf("%d searches were asked that nobody had paid for", got-asked)
	}
	for _, path := range []string{"/api/v1/search?q=cheap", "/?q=cheap", "/"} {
		webtest.Status(t, s.Get(t, path), http.StatusOK)
	}
}
