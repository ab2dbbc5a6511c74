package widget_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

// TestWidgetScriptIsSmall holds the promise of the gallery: under 10 KB, as it is sent.
func TestWidgetScriptIsSmall(t *testing.T) {
	script := webtest.NewSite().Start(t).Get(t, "/widgets.js", "Accept-Encoding", "identity").Body
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
	s := webtest.NewSite().Start(t)
	for path, mime := range map[string]string{"/widgets.js": "text/javascript; charset=utf-8", "/widgets.css": "text/css; charset=utf-8"} {
		p := s.Get(t, path, "Accept-Encoding", "gzip")
		for name, want := range map[string]string{
			"Content-Type": mime, "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
			"Cache-Control": "public, max-age=300, stale-while-revalidate=86400", "Content-Encoding": "gzip", "Vary": "Accept-Encoding",
		} {
			if got := p.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		tag := p.Header.Get("ETag")
		if again := s.Get(t, path, "If-None-Match", `"other", `+tag); again.Status != 304 || again.Body != "" || again.Header.Get("ETag") != tag {
			t.Errorf("%s: asked again %d with %d bytes", path, again.Status, len(again.Body))
		}
		if other := s.Get(t, path, "If-None-Match", `"other"`); other.Status != 200 {
			t.Errorf("%s: another tag is answered %d", path, other.Status)
		}
	}
}

func TestFragments(t *testing.T) {
	s := webtest.NewSite()
	s.PublicURL = "https://xunke.example"
	var asked catalog.RankingQuery
	s.Ranker.OnRanking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
		asked = q
		switch q.Window {
		case catalog.WindowDay:
			return catalog.Ranking{Window: q.Window}, nil
		case catalog.WindowMonth:
			return catalog.Ranking{}, &catalog.Error{Code: catalog.CodeUnavailable, Message: "down"}
		case catalog.WindowAll:
			r := webtest.RankingOf(q)
			r.Degraded = true
			return r, nil
		default:
			return webtest.RankingOf(q), nil
		}
	}
	s.Relater.OnRelated = func(_ context.Context, id int64, limit int) (catalog.Related, error) {
		if id == 404 {
			return catalog.Related{}, catalog.NotFound(catalog.KindCourse, id)
		}
		return catalog.Related{Hits: webtest.RelatedTo(webtest.Courses()[:min(limit, 3)], catalog.BecauseLearners)}, nil
	}
	s.Start(t)

	p := s.Get(t, "/widgets/ranking?kind=courses&window=week&limit=5&city=%E6%9D%AD%E5%B7%9E&theme=dark", "Cookie", "xunke_lang=en", "Accept-Language", "en")
	webtest.Contains(t, p, `<section class="xunke xunke-ranking" lang="zh-CN" data-theme="dark" aria-label="热门课程 · 本周">`,
		`<span class="xunke-rank">1</span>`, `href="https://xunke.example/courses/1"`, "青岚软件学院", "1.2万人学习")
	webtest.Lacks(t, p, "<script", "<style", " style=", "<html", "<!--")
	if asked.Limit != 5 || asked.Filters[catalog.FacetCity][0] != "杭州" {
		t.Errorf("asked %+v", asked)
	}
	gzipped := s.Get(t, "/widgets/ranking?kind=courses&limit=10", "Accept-Encoding", "gzip")
	if len(gzipped.Body) < 1024 || gzipped.Header.Get("Content-Encoding") != "" {
		t.Errorf("a fragment of %d bytes is sent with coding %q", len(gzipped.Body), gzipped.Header.Get("Content-Encoding"))
	}
	for name, want := range map[string]string{
		"Cache-Control": "public, max-age=60, stale-while-revalidate=300", "Access-Control-Allow-Origin": "*",
		"Cross-Origin-Resource-Policy": "cross-origin", "Set-Cookie": "", "Vary": "",
	} {
		if got := p.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	webtest.Contains(t, s.Get(t, "/widgets/related?course=42&limit=2&lang=en"), `lang="en"`, "Related courses", "Beginner", "12,345 learners", "C# 桌面应用开发")
	if p := s.Get(t, "/widgets/ranking?window=all"); p.Header.Get("Cache-Control") != "no-cache" || p.Body == "" {
		t.Errorf("a substitute may be kept: %q", p.Header.Get("Cache-Control"))
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
		p := s.Get(t, path)
		said := p.Header.Get("X-Widget-Error")
		if p.Status != want.status || p.Body != "" || !strings.Contains(said, want.says) || (want.says == "") != (said == "") {
			t.Errorf("%s: %d %q with %q, want %d, nothing and %q", path, p.Status, p.Body, said, want.status, want.says)
		}
		if cached := p.Header.Get("Cache-Control"); want.status != 200 && cached != "no-store" {
			t.Errorf("%s: an error may be kept: %q", path, cached)
		}
		if p.Header.Get("X") != "" {
			t.Errorf("%s: a header was let in", path)
		}
	}
}
