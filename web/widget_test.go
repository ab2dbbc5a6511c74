package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
)

// TestWidgetScriptIsSmall holds the promise of the gallery: under 10 KB, as it is sent.
func TestWidgetScriptIsSmall(t *testing.T) {
	script := newSite().start(t).get(t, "/widgets.js", "Accept-Encoding", "identity").body
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte(script)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("widgets.js has %d bytes, %d with gzip", len(script), zipped.Len())
	if len(script) >= 10_000 {
		t.Errorf("widgets.js has %d bytes", len(script))
	}
	if strings.Contains(script, "{{") || !strings.Contains(script, ".xunke-item{") && !strings.Contains(script, ".xunke-item {") {
		t.Error("widgets.js lacks its style sheet")
	}
}

func TestWidgetFilesMayBeLoadedByAnySite(t *testing.T) {
	s := newSite().start(t)
	for path, mime := range map[string]string{"/widgets.js": "text/javascript; charset=utf-8", "/widgets.css": "text/css; charset=utf-8"} {
		p := s.get(t, path, "Accept-Encoding", "gzip")
		for name, want := range map[string]string{
			"Content-Type": mime, "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
			"Cache-Control": "public, max-age=300, stale-while-revalidate=86400", "Content-Encoding": "gzip", "Vary": "Accept-Encoding",
		} {
			if got := p.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		tag := p.header.Get("ETag")
		if again := s.get(t, path, "If-None-Match", `"other", `+tag); again.status != 304 || again.body != "" || again.header.Get("ETag") != tag {
			t.Errorf("%s: asked again %d with %d bytes", path, again.status, len(again.body))
		}
		if other := s.get(t, path, "If-None-Match", `"other"`); other.status != 200 {
			t.Errorf("%s: another tag is answered %d", path, other.status)
		}
	}
}

func TestFragments(t *testing.T) {
	s := newSite()
	s.publicURL = "https://xunke.example"
	var asked catalog.RankingQuery
	s.ranker.ranking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
		asked = q
		switch q.Window {
		case catalog.WindowDay:
			return catalog.Ranking{Window: q.Window}, nil
		case catalog.WindowMonth:
			return catalog.Ranking{}, &catalog.Error{Code: catalog.CodeUnavailable, Message: "down"}
		case catalog.WindowAll:
			r := rankingOf(q)
			r.Degraded = true
			return r, nil
		default:
			return rankingOf(q), nil
		}
	}
	s.relater.related = func(_ context.Context, id int64, limit int) (catalog.Related, error) {
		if id == 404 {
			return catalog.Related{}, catalog.NotFound(catalog.KindCourse, id)
		}
		return catalog.Related{Hits: relatedTo(courses()[:min(limit, 3)], catalog.BecauseLearners)}, nil
	}
	s.start(t)

	p := s.get(t, "/widgets/ranking?kind=courses&window=week&limit=5&city=%E6%9D%AD%E5%B7%9E&theme=dark", "Cookie", "xunke_lang=en", "Accept-Language", "en")
	contains(t, p, `<section class="xunke xunke-ranking" lang="zh-CN" data-theme="dark" aria-label="热门课程 · 本周">`,
		`<span class="xunke-rank">1</span>`, `href="https://xunke.example/courses/1"`, "青岚软件学院", "1.2万人学习")
	lacks(t, p, "<script", "<style", " style=", "<html", "<!--")
	if asked.Limit != 5 || asked.Filters[catalog.FacetCity][0] != "杭州" {
		t.Errorf("asked %+v", asked)
	}
	for name, want := range map[string]string{
		"Cache-Control": "public, max-age=60, stale-while-revalidate=300", "Access-Control-Allow-Origin": "*",
		"Cross-Origin-Resource-Policy": "cross-origin", "Set-Cookie": "", "Vary": "",
	} {
		if got := p.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	contains(t, s.get(t, "/widgets/related?course=42&limit=2&lang=en"), `lang="en"`, "Related courses", "Beginner", "12,345 learners", "C# 桌面应用开发")
	if p := s.get(t, "/widgets/ranking?window=all"); p.header.Get("Cache-Control") != "no-cache" || p.body == "" {
		t.Errorf("a substitute may be kept: %q", p.header.Get("Cache-Control"))
	}

	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/widgets/ranking?window=day":          {200, ""},
		"/widgets/ranking?window=month":        {503, "down"},
		"/widgets/ranking?limit=1000":          {400, "limit "},
		"/widgets/ranking?kind=books":          {400, "kind "},
		"/widgets/ranking?kind=orgs&level=x":   {400, "level "},
		"/widgets/ranking?colour=red":          {400, "colour "},
		"/widgets/ranking?lang=fr":             {400, "lang "},
		"/widgets/ranking?theme=pink":          {400, "theme "},
		"/widgets/ranking?window=%0d%0aX:%20y": {400, "window "},
		"/widgets/related":                     {400, "course "},
		"/widgets/related?course=x":            {400, "course "},
		"/widgets/related?course=1&limit=99":   {400, "limit "},
		"/widgets/related?course=404":          {404, "there is no course 404"},
	} {
		p := s.get(t, path)
		said := p.header.Get("X-Widget-Error")
		if p.status != want.status || p.body != "" || !strings.Contains(said, want.says) || (want.says == "") != (said == "") {
			t.Errorf("%s: %d %q with %q, want %d, nothing and %q", path, p.status, p.body, said, want.status, want.says)
		}
		if cached := p.header.Get("Cache-Control"); want.status != 200 && cached != "no-store" {
			t.Errorf("%s: an error may be kept: %q", path, cached)
		}
		if p.header.Get("X") != "" {
			t.Errorf("%s: a header was let in", path)
		}
	}
}
