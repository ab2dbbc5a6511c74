package admin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web/admin"
	"github.com/xunke/xunke/web/webtest"
)

// fakeCurator has a made-up report; what is added is sent to done.
type fakeCurator struct {
	report func(ctx context.Context, from, to time.Time, limit int) (searchlog.Report, error)
	fails  chan error // what the next change fails with, if anything
	done   chan string
}

func (f *fakeCurator) change(what string) error {
	f.done <- what
	select {
	case err := <-f.fails:
		return err
	default:
		return nil
	}
}

func (f *fakeCurator) Report(ctx context.Context, from, to time.Time, limit int) (searchlog.Report, error) {
	return f.report(ctx, from, to, limit)
}
func (f *fakeCurator) Synonyms(query string) []string {
	if query == "量子烹饪" {
		return []string{"分子料理"}
	}
	return nil
}
func (f *fakeCurator) CountPins(_ context.Context, queries []string) (map[string]int, error) {
	return map[string]int{queries[0]: 2}, nil
}
func (f *fakeCurator) AddSynonym(_ context.Context, query, word string) error {
	return f.change(query + " = " + word)
}
func (f *fakeCurator) Pin(_ context.Context, query string, item catalog.Key) error {
	return f.change(fmt.Sprint(query, " < ", item))
}

// searchReport is a report of a made-up week.
func searchReport(_ context.Context, from, to time.Time, _ int) (searchlog.Report, error) {
	some, none := int64(12), int64(0)
	r := searchlog.Report{
		From: from, To: to, Nameless: 3,
		Totals: searchlog.Counts{Searches: 12_345, Visitors: 9000, ZeroHits: 617, Corrected: 247, Clicks: 9000, Clicked: 6173},
		Top: []searchlog.QueryCounts{
			{Query: "python", LastTotal: &some, Counts: searchlog.Counts{Searches: 4000, Visitors: 3000, Clicked: 2000}},
			{Query: "c++ & <b>", LastTotal: &some, Counts: searchlog.Counts{Searches: 1000, Visitors: 900, Clicked: 10}},
			{Query: "filtered", Counts: searchlog.Counts{Searches: 10, Visitors: 9}},
		},
		ZeroHits: []searchlog.QueryCounts{
			{Query: "pyhton", LastTotal: &none, Counts: searchlog.Counts{Searches: 40, Visitors: 30, ZeroHits: 40}},
			{Query: "量子烹饪", LastTotal: &none, Counts: searchlog.Counts{Searches: 9, Visitors: 9, ZeroHits: 9}},
		},
	}
	for i := range 20 {
		r.Positions = append(r.Positions, searchlog.PositionCounts{Kind: catalog.KindCourse, Position: i + 1, Shown: 1000, Clicks: int64(400 / (i + 1))})
	}
	r.Positions = append(r.Positions, searchlog.PositionCounts{Kind: catalog.KindOrg, Position: 1, Shown: 10})
	return r, nil
}

func adminSite() (*webtest.Site, *fakeCurator) {
	s, f := webtest.NewSite(), &fakeCurator{report: searchReport, fails: make(chan error, 1), done: make(chan string, 10)}
	s.Admin, s.Password = &admin.Deps{Curator: f}, webtest.AdminPassword
	return s, f
}

func TestAdminsAloneSeeTheReport(t *testing.T) {
	s, _ := adminSite()
	s.Start(t)
	for what, headers := range map[string][]string{
		"nobody":           nil,
		"a wrong password": {"Authorization", webtest.BasicAuth("guess")},
		"no password":      {"Authorization", webtest.BasicAuth("")},
		"another user":     {"Authorization", "Basic " + "eDph"},
		"nonsense":         {"Authorization", "Basic !"},
		"a token":          {"Authorization", "Bearer x"},
	} {
		p := s.Get(t, "/admin/searches", headers...)
		if p.Status != http.StatusUnauthorized || !strings.HasPrefix(p.Header.Get("WWW-Authenticate"), "Basic ") || strings.Contains(p.Body, "python") {
			t.Errorf("%s: %d, %s", what, p.Status, p.Header)
		}
	}
	p := s.Get(t, "/admin/searches?since=30d&lang=en", "Authorization", webtest.BasicAuth(webtest.AdminPassword))
	webtest.Status(t, p, http.StatusOK)
	if p.Header.Get("Cache-Control") != "no-store" || !strings.Contains(p.Header.Get("X-Robots-Tag"), "noindex") {
		t.Errorf("headers %v", p.Header)
	}
	webtest.Contains(t, p, "12,345", "5.0%", "2.0%", "50.0%", "c&#43;&#43; &amp; &lt;b&gt;", "40.0%", `value="python"`, "分子料理", "2 pinned", `content="noindex`)
	webtest.Lacks(t, p, "%!", "ZgotmplZ", "<no value>", webtest.AdminPassword)
	for path, want := range map[string]int{"/admin/searches?since=soon": http.StatusBadRequest, "/admin/synonyms": http.StatusMethodNotAllowed, "/admin": http.StatusNotFound} {
		webtest.Status(t, s.Get(t, path, "Authorization", webtest.BasicAuth(webtest.AdminPassword)), want)
	}
}

// fakeQueries suggests two queries, of which one is blocked.
type fakeQueries struct{ *fakeCurator }

func (fakeQueries) Suggested(int) []string { return []string{"数据结构", "数据 骗子 & <b>"} }
func (fakeQueries) Blocked(context.Context) ([]searchlog.BlockedQuery, error) {
	key, _, _ := searchlog.Normal("骗子学校")
	return []searchlog.BlockedQuery{{Key: key, Query: "骗子 学校"}}, nil
}
func (f fakeQueries) Block(_ context.Context, query string) error { return f.change("block " + query) }
func (f fakeQueries) Unblock(_ context.Context, query string) error {
	return f.change("unblock " + query)
}

// TestSuggestedQueriesAreBlockedByOneClick posts what the buttons of the page post.
func TestSuggestedQueriesAreBlockedByOneClick(t *testing.T) {
	s, f := adminSite()
	s.Admin.Queries = fakeQueries{f}
	s.Start(t)
	known := []string{"Authorization", webtest.BasicAuth(webtest.AdminPassword)}
	p := s.Get(t, "/admin/searches?lang=en", known...)
	webtest.Contains(t, p, "Suggested to everybody", `value="数据 骗子 &amp; &lt;b&gt;"`, `name="do" value="block"`, `value="骗子 学校"`, `name="do" value="unblock"`)
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(p.Body)[1]
	own := append(known, "Origin", s.Base)
	for _, do := range []string{"block", "unblock"} {
		form := url.Values{"token": {token}, "since": {"7d"}, "query": {"数据 骗子"}, "do": {do}}
		if res := s.Post(t, "/admin/queries", form, own...); res.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d", do, res.Status)
		}
		if got := <-f.done; got != do+" 数据 骗子" {
			t.Errorf("done: %s", got)
		}
	}
	for what, form := range map[string]url.Values{
		"another change": {"token": {token}, "query": {"x"}, "do": {"praise"}},
		"no token":       {"query": {"x"}, "do": {"block"}},
	} {
		if res := s.Post(t, "/admin/queries", form, own...); res.Status != http.StatusBadRequest && res.Status != http.StatusForbidden {
			t.Errorf("%s: %d", what, res.Status)
		}
	}
}

// fakeProposals has a word for the first query of the made-up report.
type fakeProposals struct {
	*fakeCurator
	fails error
}

func (f fakeProposals) Propose(_ context.Context, queries []searchlog.QueryCounts) ([]searchlog.Proposal, error) {
	if f.fails != nil {
		return nil, f.fails
	}
	return []searchlog.Proposal{{Query: queries[0].Query, Word: "爬虫 & <b>", Times: 40, Similarity: 0.9125, Courses: []string{"Python 爬虫", "网络数据采集"}}}, nil
}

func (f fakeProposals) Dismiss(_ context.Context, query, word string) error {
	return f.change(query + " is not " + word)
}

// TestProposedSynonymsTakeOneClick: one is added as any synonym is, or dismissed for good.
func TestProposedSynonymsTakeOneClick(t *testing.T) {
	s, f := adminSite()
	s.Admin.Proposals = fakeProposals{fakeCurator: f}
	s.Start(t)
	browser := webtest.Chromium(t)
	b := webtest.Open(browser, t, s, "/", chromedp.EmulateViewport(320, 900))
	webtest.Call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Authorization": webtest.BasicAuth(webtest.AdminPassword)}})
	for _, click := range []struct{ button, at, done, says string }{
		{"#zero .proposal button:first-of-type", "/admin/searches?done=synonym&since=7d&lang=en", "pyhton = 爬虫 & <b>", "synonym is added"},
		{"#zero .proposal button:last-of-type", "/admin/searches?done=dismiss&since=7d&lang=en", "pyhton is not 爬虫 & <b>", "not proposed again"},
	} {
		b.Visit("/admin/searches?lang=en")
		if got := webtest.Value[int64](b, "document.documentElement.scrollWidth"); got > 320 {
			t.Errorf("the page is %d wide on a screen of 320", got)
		}
		if facts := webtest.Value[string](b, `document.querySelector("#zero .proposal span").textContent`); facts != "爬虫 & <b> close in meaning, 0.91: Python 爬虫 · 网络数据采集" {
			t.Errorf("it says %q", facts)
		}
		b.Click(click.button)
		b.At(click.at)
		if got := <-f.done; got != click.done {
			t.Errorf("the button does %q", got)
		}
		b.Until("it says so", `document.querySelector(".notice").textContent.includes("`+click.says+`")`)
	}
}

// TestWithoutProposals: the report does not depend on them, and says what to do for them.
func TestWithoutProposals(t *testing.T) {
	known := []string{"Authorization", webtest.BasicAuth(webtest.AdminPassword)}
	for fails, says := range map[error]string{searchlog.ErrNoModel: "xunke doctor", catalog.Unavailable("MySQL", nil): "pyhton"} {
		s, f := adminSite()
		s.Admin.Proposals = fakeProposals{f, fails}
		s.Start(t)
		p := s.Get(t, "/admin/searches?lang=en", known...)
		webtest.Status(t, p, http.StatusOK)
		webtest.Contains(t, p, says)
		webtest.Lacks(t, p, "proposal")
	}
}

func TestWithoutAPasswordThereAreNoAdmins(t *testing.T) {
	s, _ := adminSite()
	s.Password = ""
	s.Start(t)
	for _, header := range []string{webtest.BasicAuth(""), webtest.BasicAuth("x")} {
		webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", header), http.StatusNotFound)
	}
	if res := s.Post(t, "/admin/pins", url.Values{}, "Authorization", webtest.BasicAuth("")); res.Status != http.StatusNotFound && res.Status != http.StatusMethodNotAllowed {
		t.Errorf("a form: %d", res.Status)
	}
}

func TestWrongPasswordsHaveToWait(t *testing.T) {
	s, _ := adminSite()
	var now atomic.Int64 // seconds
	s.Now = func() time.Time { return time.Date(2026, 11, 23, 12, 0, int(now.Load()), 0, time.UTC) }
	s.Start(t)
	for range 10 {
		webtest.Status(t, s.Get(t, "/admin/searches"), http.StatusUnauthorized) // a browser asks without one first
		webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", webtest.BasicAuth("guess")), http.StatusUnauthorized)
	}
	for _, password := range []string{webtest.AdminPassword, "guess"} {
		p := s.Get(t, "/admin/searches?lang=en", "Authorization", webtest.BasicAuth(password))
		if p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") != "60" {
			t.Errorf("after ten guesses: %d, wait %q", p.Status, p.Header.Get("Retry-After"))
		}
		webtest.Contains(t, p, "Too many requests")
	}
	now.Store(60) // one more guess is allowed
	webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", webtest.BasicAuth(webtest.AdminPassword)), http.StatusOK)
	webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", webtest.BasicAuth("guess")), http.StatusUnauthorized)
	webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", webtest.BasicAuth(webtest.AdminPassword)), http.StatusTooManyRequests)
	now.Store(660)
	for range 20 { // right passwords are not counted
		webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", webtest.BasicAuth(webtest.AdminPassword)), http.StatusOK)
	}
}

func TestFormsOfAdminsComeFromThePage(t *testing.T) {
	s, f := adminSite()
	s.Start(t)
	login := webtest.BasicAuth(webtest.AdminPassword)
	p := s.Get(t, "/admin/searches", "Authorization", login)
	token := regexp.MustCompile(`name="token" value="([0-9a-f]{64})"`).FindStringSubmatch(p.Body)
	if token == nil {
		t.Fatal("the page has no token")
	}
	form := func(more ...string) url.Values {
		v := url.Values{"token": {token[1]}, "since": {"7d"}, "query": {"pyhton"}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	for what, attempt := range map[string]struct {
		want    int
		headers []string
	}{
		"another site":      {http.StatusForbidden, []string{"Authorization", login, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}},
		"a lying origin":    {http.StatusForbidden, []string{"Authorization", login, "Origin", s.Base, "Sec-Fetch-Site", "cross-site"}},
		"a site beside":     {http.StatusForbidden, []string{"Authorization", login, "Origin", "http://127.0.0.1:1"}},
		"no origin":         {http.StatusForbidden, []string{"Authorization", login}},
		"a hidden origin":   {http.StatusForbidden, []string{"Authorization", login, "Origin", "null"}},
		"without the login": {http.StatusUnauthorized, []string{"Origin", s.Base}},
	} {
		if res := s.Post(t, "/admin/synonyms", form("word", "python"), attempt.headers...); res.Status != attempt.want {
			t.Errorf("%s: %d", what, res.Status)
		}
	}
	own := []string{"Authorization", login, "Origin", s.Base, "Sec-Fetch-Site", "same-origin"}
	if res := s.Post(t, "/admin/synonyms", form("word", "python", "token", strings.Repeat("0", 64)), own...); res.Status != http.StatusForbidden {
		t.Errorf("a wrong token: %d", res.Status)
	}
	if len(f.done) != 0 {
		t.Fatalf("%q was done", <-f.done)
	}
	for _, good := range []struct {
		path string
		form url.Values
		want string
	}{
		{"/admin/synonyms", form("word", "python"), "pyhton = python"},
		{"/admin/pins", form("item", "course:42"), "pyhton < course:42"},
		{"/admin/pins", form("item", " teacher:7 曾 老师"), "pyhton < teacher:7"},
		{"/admin/pins", form("item", "https://xunke.example/orgs/3?lang=en"), "pyhton < org:3"},
	} {
		res := s.Post(t, good.path, good.form, own...)
		if got := <-f.done; res.Status != http.StatusSeeOther || got != good.want || !strings.HasPrefix(res.Header.Get("Location"), "/admin/searches?") {
			t.Errorf("%v: %d to %s, done %q", good.form, res.Status, res.Header.Get("Location"), got)
		}
	}
	for _, wrong := range []string{"", "42", "school:1", "course:0", "course:x", "/courses/", "javascript:alert(1)", "//evil/courses/1/2"} {
		if res := s.Post(t, "/admin/pins", form("item", wrong), own...); res.Status != http.StatusBadRequest {
			t.Errorf("item %q: %d", wrong, res.Status)
		}
	}
	if len(f.done) != 0 {
		t.Errorf("%q was done", <-f.done)
	}
	for err, want := range map[error]int{
		error(catalog.Invalidf("rule", "one name")): http.StatusBadRequest, catalog.Unavailable("MySQL", errors.New("down")): http.StatusServiceUnavailable,
		errors.New("a mistake"): http.StatusInternalServerError,
	} {
		f.fails <- err
		if res := s.Post(t, "/admin/synonyms", form("word", "x"), own...); res.Status != want || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v: %d", err, res.Status)
		}
		<-f.done
	}
}

func TestTheReportInABrowser(t *testing.T) {
	s, f := adminSite()
	s.Start(t)
	browser := webtest.Chromium(t)
	for _, width := range []int64{320, 390, 768, 1280} {
		b := webtest.Open(browser, t, s, "/", chromedp.EmulateViewport(width, 900))
		webtest.Call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Authorization": webtest.BasicAuth(webtest.AdminPassword)}})
		for _, lang := range []string{"zh", "en"} {
			b.Visit("/admin/searches?lang=" + lang)
			if got := webtest.Value[int64](b, "document.documentElement.scrollWidth"); got > width {
				t.Errorf("in %s the page is %d wide on a screen of %d", lang, got, width)
			}
		}
		if width != 390 {
			continue
		}
		// The guess is there already: one click mends the query.
		b.Click("#zero li:first-child form:first-of-type button")
		b.At("/admin/searches?done=synonym&since=7d&lang=en")
		if got := <-f.done; got != "pyhton = python" {
			t.Errorf("the first form does %q", got)
		}
		b.Until("it says so", `document.querySelector(".notice").textContent.includes("synonym is added")`)
		// A name becomes an item.
		b.Click(`#zero li:first-child input[name=item]`)
		b.Insert("C+")
		b.Until("items are offered", `document.querySelector("#items-0 option")?.value === "org:4 C++"`)
		webtest.Value[string](b, `document.querySelector("input[name=item]").value = document.querySelector("#items-0 option").value`)
		b.Click("#zero li:first-child form:last-of-type button")
		b.At("/admin/searches?done=pin&since=7d&lang=en")
		if got := <-f.done; got != "pyhton < org:4" {
			t.Errorf("the second form does %q", got)
		}
	}
}
