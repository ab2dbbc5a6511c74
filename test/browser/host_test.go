package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

// newHost is a site of another origin with the strictest policies under which widgets have
// to work. open fails a test when the browser complains of one that was broken.
func newHost(t *testing.T, s *webtest.Site, lang, head, body string) *webtest.Site {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", fmt.Sprintf(
			"default-src 'none'; img-src data:; script-src %[1]s; connect-src %[1]s http://127.0.0.1:1; style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'", s.Base))
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		fmt.Fprintf(w, `<!doctype html><html lang=%q><head><title>Host</title><link rel="icon" href="data:,">%s<script src="%s/widgets.js" async></script></head><body>%s</body></html>`,
			lang, head, s.Base, body)
	}))
	t.Cleanup(server.Close)
	return &webtest.Site{Base: strings.Replace(server.URL, "127.0.0.1", "localhost", 1)}
}

const (
	firstWidget = `document.querySelector("xunke-ranking, xunke-related, xunke-consultation")`
	widgetText  = `[...` + firstWidget + `.shadowRoot.querySelectorAll(".xunke-item")].map(e => [...e.querySelectorAll(".xunke-rank, .xunke-link, .xunke-by span")].map(e => e.textContent).join("|")).join("\n")`
	allReady    = `document.readyState === "complete" && [...document.querySelectorAll("xunke-ranking, xunke-related, xunke-consultation")].every(e => e.dataset.state === "ready")`
)

// countRankings makes a site note the rankings that it is asked.
func countRankings(s *webtest.Site) func() []catalog.RankingQuery {
	var mu sync.Mutex
	var asked []catalog.RankingQuery
	s.Ranker.OnRanking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, q)
		return webtest.RankingOf(q), nil
	}
	return func() []catalog.RankingQuery {
		mu.Lock()
		defer mu.Unlock()
		return asked
	}
}

// quote is a text as a string of JavaScript.
func quote(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// openOnHost opens a page of another site with a body.
func openOnHost(t *testing.T, browser context.Context, s *webtest.Site, lang, body string) *tab {
	t.Helper()
	return open(browser, t, newHost(t, s, lang, "", body), "/")
}
