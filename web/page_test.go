package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

func TestEveryPageIsWholeInBothLanguages(t *testing.T) {
	s := webtest.NewSite().Start(t)
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?: [^>]*)?>[^<]|javascript:`)
	for _, path := range webtest.EveryPage {
		for lang, tag := range map[string]string{"zh": `<html lang="zh-CN">`, "en": `<html lang="en">`} {
			p := s.Get(t, path, "Cookie", "xunke_lang="+lang)
			webtest.Contains(t, p, tag, `<main id="main"`, "<header", "</html>", `<meta name="viewport"`, `role="search"`, "<h1")
			webtest.Lacks(t, p, "ZgotmplZ", "%!", "<no value>")
			if found := inline.FindString(p.Body); found != "" {
				t.Errorf("%s in %s has inline code or style, which its policy forbids: %q", path, lang, found)
			}
			if n := strings.Count(p.Body, "<h1"); n != 1 {
				t.Errorf("%s in %s has %d main headings", path, lang, n)
			}
			ids := regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(p.Body, -1)
			seen := map[string]bool{}
			for _, id := range ids {
				if seen[id[1]] {
					t.Errorf("%s in %s has the id %q twice", path, lang, id[1])
				}
				seen[id[1]] = true
			}
			for _, label := range regexp.MustCompile(`aria-labelledby="([^"]*)"`).FindAllStringSubmatch(p.Body, -1) {
				if !seen[label[1]] {
					t.Errorf("%s in %s is labelled by %q, which is not there", path, lang, label[1])
				}
			}
			policy := p.Header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "script-src 'self'") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: policy %q", path, policy)
			}
			kept := map[bool]string{true: "private, no-cache", false: "no-store"}[p.Status == http.StatusOK]
			if got := p.Header.Get("Cache-Control"); got != kept {
				t.Errorf("%s: Cache-Control %q, want %q", path, got, kept)
			}
		}
	}
}

func TestLanguage(t *testing.T) {
	s := webtest.NewSite().Start(t)
	for _, c := range []struct{ path, header, value, want string }{
		{"/", "Accept-Language", "", "今天想学点什么"},
		{"/", "Accept-Language", "en-GB,en;q=0.9", "What would you like"},
		{"/?lang=zh", "Accept-Language", "en", "今天想学点什么"},
		{"/?lang=en", "Accept-Language", "zh-CN", "What would you like"},
		{"/", "Cookie", "xunke_lang=en", "What would you like"},
		{"/?lang=xx", "Cookie", "xunke_lang=en", "What would you like"},
	} {
		webtest.Contains(t, s.Get(t, c.path, c.header, c.value), c.want)
	}
	p := s.Get(t, "/?lang=en")
	if cookie := p.Header.Get("Set-Cookie"); !strings.Contains(cookie, "xunke_lang=en") || !strings.Contains(strings.ToLower(cookie), "samesite=lax") {
		t.Errorf("the choice is not remembered: %q", cookie)
	}
	// A link that is passed along stays in its language; the switch leads to the other.
	p = s.Get(t, "/?q=C%2B%2B&lang=en")
	webtest.Contains(t, p, `href="/courses/1?lang=en"`, `name="lang" value="en"`, `href="/?q=C%2B%2B&amp;lang=zh"`)
	webtest.Lacks(t, s.Get(t, "/?q=C%2B%2B"), `href="/courses/1?lang`, `name="lang"`)
}

func TestCountsAreForPeople(t *testing.T) {
	s := webtest.NewSite().Start(t)
	webtest.Contains(t, s.Get(t, "/?q=x"), "1.2万", "1.2万人学习", "共 12,348 个结果")
	webtest.Contains(t, s.Get(t, "/?q=x&lang=en"), "12,345", "12,345 learners", "12,348 results")
}

func TestResultsShowWhatWasFound(t *testing.T) {
	s := webtest.NewSite().Start(t)
	p := s.Get(t, "/?q=C%2B%2B")
	webtest.Contains(t, p, "<em>C++</em> 面向对象程序设计", "从零写起，&lt;不跳步&gt;。", "Nora O&#39;Dell", "筛选课程", `value="C&#43;&#43;"`,
		`data-search-id="search-1"`, "最佳匹配", "查看全部 1.2万门课程")
	if got := s.Last(t); got.Text != "C++" || !slices.Equal(got.Kinds, catalog.Kinds()) {
		t.Errorf("asked %+v", got)
	}
	// With all kinds together, choosing a filter of courses leads to the courses.
	webtest.Contains(t, p, `href="/?q=C%2B%2B&amp;type=course&amp;category=C&#43;%26&#43;C%2B%2B"`)

	p = s.Get(t, "/?q=C%2B%2B&type=course&level=beginner&org_id=3&page=2&sort=newest")
	webtest.Contains(t, p,
		`href="/?q=C%2B%2B&amp;type=course&amp;org_id=3&amp;sort=newest" aria-label="移除筛选：初级"`, "移除筛选：青岚软件学院",
		`href="/?q=C%2B%2B&amp;type=course&amp;level=beginner&amp;org_id=3&amp;sort=newest&amp;page=3#results"`,
		`href="/?q=C%2B%2B&amp;type=course&amp;level=beginner&amp;org_id=3&amp;sort=hot"`, `data-first="11"`, "更多")
	if got := s.Last(t); got.Page != 2 || got.Sort != catalog.SortNewest || !slices.Equal(got.Filters[catalog.FacetOrg], []string{"3"}) {
		t.Errorf("asked %+v", got)
	}
}

// TestRatingsAreShown looks at the stars of the one course that has ratings, on its card and
// on its page; the others show nothing.
func TestRatingsAreShown(t *testing.T) {
	s := webtest.NewSite().Start(t)
	for address, label := range map[string]string{
		"/?q=C&type=course":         "评分 4.6，满分 5，12 人评价",
		"/?q=C&type=course&lang=en": "Rated 4.6 of 5, 12 ratings",
		"/courses/1":                "评分 4.6，满分 5，12 人评价",
	} {
		p := s.Get(t, address)
		webtest.Contains(t, p, label, `<span class="stars">★★★★★</span> 4.6 (12)`)
		if n := strings.Count(p.Body, `class="stars"`); n != 1 {
			t.Errorf("%s has %d ratings, want one", address, n)
		}
	}
	webtest.Contains(t, s.Get(t, "/?q=C&type=course&sort=rating"), `aria-current="true">评分</a>`)
	if got := s.Last(t); got.Sort != catalog.SortRating {
		t.Errorf("asked %+v", got)
	}
}

func TestEveryLinkOfAResultPageWorks(t *testing.T) {
	s := webtest.NewSite().Start(t)
	links := regexp.MustCompile(`href="([^"#]+)[^"]*"`)
	unescape := strings.NewReplacer("&amp;", "&", "&#43;", "+", "&#39;", "'").Replace
	tried := map[string]bool{}
	for _, path := range []string{"/", "/?q=C%2B%2B", "/?q=C%2B%2B&type=course&page=4&level=beginner&city=甲", "/?type=teacher&lang=en", "/courses/1", "/orgs/3", "/teachers/5?lang=en"} {
		for _, found := range links.FindAllStringSubmatch(s.Get(t, path).Body, -1) {
			link := unescape(found[1])
			if !strings.HasPrefix(link, "/") || tried[link] {
				continue
			}
			tried[link] = true
			if p := s.Get(t, link); p.Status != http.StatusOK {
				t.Errorf("%s links to %s, which answers %d", path, link, p.Status)
			}
		}
	}
	if len(tried) < 60 {
		t.Errorf("only %d links were found", len(tried))
	}
}

func TestNotices(t *testing.T) {
	s := webtest.NewSite()
	corrected := "C++ <b>"
	s.Searcher.OnSearch = func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		a := webtest.AnswerTo(q)
		a.Degraded = true
		if !q.Exact {
			a.CorrectedQuery = &corrected
		}
		a.Notices = []catalog.Notice{{Code: "something_new", Message: "A <new> notice."}}
		return a, nil
	}
	s.Start(t)
	p := s.Get(t, "/?q=C%2B-&type=course")
	webtest.Contains(t, p, "<strong>C&#43;&#43; &lt;b&gt;</strong>", `href="/?q=C%2B-&amp;type=course&amp;exact=true"`, "A &lt;new&gt; notice.", "部分服务暂时不可用")
	webtest.Lacks(t, s.Get(t, "/?q=C%2B-&type=course&exact=true"), "仍然搜索")
	webtest.Contains(t, s.Get(t, "/?q="+url.QueryEscape(strings.Repeat("长", 300))), "只用了前面一部分")
	webtest.Contains(t, s.Get(t, "/"), "部分服务暂时不可用")
}

// TestNoticeOfASubstitute: one line says that names alone were looked at, and not a second
// one that something is missing.
func TestNoticeOfASubstitute(t *testing.T) {
	s := webtest.NewSite()
	s.Searcher.OnSearch = func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		a := webtest.AnswerTo(q)
		a.Degraded, a.Notices = true, []catalog.Notice{{Code: catalog.NoticeDegraded, Message: "…"}}
		return a, nil
	}
	s.Start(t)
	p := s.Get(t, "/?q=a")
	webtest.Contains(t, p, "按名称查找")
	webtest.Lacks(t, p, "部分服务暂时不可用")
}

func TestNothingFound(t *testing.T) {
	s := webtest.NewSite()
	s.Searcher.OnSearch = func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		a := catalog.Answer{Query: q.Text, Courses: &catalog.Section[catalog.CourseHit]{}}
		if q.Page > 1 {
			a.Courses.Total = 5
		}
		return a, nil
	}
	s.Start(t)
	p := s.Get(t, "/?q=zzz&type=course&level=beginner")
	webtest.Status(t, p, http.StatusOK)
	webtest.Contains(t, p, "没有找到与“zzz”相符的内容", `href="/?q=zzz&amp;type=course"`, `href="/?q=zzz"`, "大家正在学")
	webtest.Contains(t, s.Get(t, "/?q=zzz&type=course&page=9"), "后面没有更多结果了")
}

func TestBadParametersGetAPage(t *testing.T) {
	s := webtest.NewSite().Start(t)
	const kept = `value="C&#43;&#43;"`
	for path, want := range map[string][2]string{
		"/?q=C%2B%2B&page=0":                      {"<code>page</code>", kept},
		"/?q=C%2B%2B&sort=x":                      {"<code>sort</code>", kept},
		"/?q=C%2B%2B&type=x":                      {"<code>type</code>", kept},
		"/?q=C%2B%2B&per_page=1000":               {"<code>per_page</code>", kept},
		"/?q=C%2B%2B&type=org&category=x":         {"<code>category</code>", kept},
		"/?q=C%2B%2B&page=1001&type=course":       {"<code>page</code>", kept},
		"/?q=C%2B%2B&org_id=abc":                  {"<code>org_id</code>", kept},
		"/?window=year":                           {"<code>window</code>"},
		"/?q=C%2B%2B&level=beginner&level=expert": {"<code>level</code>", kept},
	} {
		p := s.Get(t, path)
		webtest.Status(t, p, http.StatusBadRequest)
		webtest.Contains(t, p, want[0], want[1], "去掉这些条件继续")
		on := regexp.MustCompile(`class="button" href="([^"]*)"`).FindStringSubmatch(p.Body)
		if on == nil {
			t.Fatalf("%s: there is no way on", path)
		}
		if next := s.Get(t, strings.ReplaceAll(on[1], "&amp;", "&")); next.Status != http.StatusOK {
			t.Errorf("%s: the way on, %s, answers %d", path, on[1], next.Status)
		}
	}
}

func TestOddInputWorks(t *testing.T) {
	s := webtest.NewSite().Start(t)
	for path, want := range map[string]string{
		"/?q=100%":                          "100%",
		"/?q=a;b":                           "a;b",
		"/?q=%22":                           `"`,
		"/?q=AND+OR+NOT+(%5B%7B":            "AND OR NOT ([{",
		"/?q=%F0%9F%8E%89":                  "🎉",
		"/?q=a%00b":                         "a b",
		"/?q=x&utm_source=mail&from=groups": "x", // messengers add their own
		"/?q=x&lang=tlh":                    "x",
	} {
		p := s.Get(t, path)
		webtest.Status(t, p, http.StatusOK)
		if got := s.Last(t).Text; got != want {
			t.Errorf("%s searched for %q, want %q", path, got, want)
		}
	}
	p := s.Get(t, "/?q=x&utm_source=mail")
	webtest.Lacks(t, p, "utm_source")
	p = s.Get(t, "/?q=%ff%fe")
	webtest.Status(t, p, http.StatusBadRequest)
}

func TestWhatIsNotThere(t *testing.T) {
	s := webtest.NewSite()
	s.Details.OnCourse = func(_ context.Context, id int64) (catalog.Course, error) {
		return catalog.Course{}, catalog.NotFound(catalog.KindCourse, id)
	}
	s.Start(t)
	for _, path := range []string{"/courses/9", "/courses/x", "/courses/0", "/courses/-1", "/courses/99999999999999999999", "/nowhere", "/static/x.css", "/courses/"} {
		p := s.Get(t, path)
		webtest.Status(t, p, http.StatusNotFound)
		webtest.Contains(t, p, "这里没有你要找的页面")
	}
	// Programs get what programs understand.
	for path, accept := range map[string]string{"/api/v1/nowhere": "text/html", "/nowhere": "application/json", "/favicon.ico": "image/*"} {
		p := s.Get(t, path, "Accept", accept)
		webtest.Status(t, p, http.StatusNotFound)
		if got := p.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s answers %s to %s", path, got, accept)
		}
	}
}

func TestServersDown(t *testing.T) {
	down := catalog.Unavailable("Elasticsearch", errors.New("dial tcp 10.0.0.7:9200: refused"))
	s := webtest.NewSite()
	s.Searcher.OnSearch = func(context.Context, catalog.Query) (catalog.Answer, error) { return catalog.Answer{}, down }
	s.Relater.OnRelated = func(context.Context, int64, int) (catalog.Related, error) { return catalog.Related{}, down }
	s.Start(t)
	for _, path := range []string{"/", "/?q=x", "/?q=x&type=course&level=beginner"} {
		p := s.Get(t, path)
		webtest.Status(t, p, http.StatusServiceUnavailable)
		webtest.Contains(t, p, "搜索服务暂时没有响应", "week C&#43;&#43; 面向对象程序设计", `role="search"`)
		webtest.Lacks(t, p, "10.0.0.7", "Elasticsearch")
		if p.Header.Get("Retry-After") == "" {
			t.Errorf("%s does not say when to come back", path)
		}
	}
	// Details come from elsewhere and still do.
	p := s.Get(t, "/courses/1")
	webtest.Status(t, p, http.StatusOK)
	webtest.Lacks(t, p, "相关课程")
	webtest.Contains(t, s.Get(t, "/orgs/3"), "这一部分暂时取不到", "教人写程序")
	webtest.Contains(t, s.Get(t, "/teachers/5"), "这一部分暂时取不到", "写了二十年程序")
}

func TestDetailsDown(t *testing.T) {
	s := webtest.NewSite()
	s.Details.OnCourse = func(context.Context, int64) (catalog.Course, error) {
		return catalog.Course{}, catalog.Unavailable("MySQL", errors.New("secret cause"))
	}
	s.Details.OnOrg = func(context.Context, int64) (catalog.Org, error) { return catalog.Org{}, errors.New("secret cause") }
	s.Details.OnTeacher = func(context.Context, int64) (catalog.Teacher, error) {
		return catalog.Teacher{}, context.DeadlineExceeded
	}
	s.Ranker.OnRanking = func(context.Context, catalog.RankingQuery) (catalog.Ranking, error) {
		return catalog.Ranking{}, catalog.Unavailable("Redis", nil)
	}
	s.Start(t)
	for path, want := range map[string]int{"/courses/1": 503, "/orgs/1": 500, "/teachers/1": 503} {
		p := s.Get(t, path)
		webtest.Status(t, p, want)
		webtest.Lacks(t, p, "secret cause")
		webtest.Contains(t, p, "刷新", `role="search"`)
	}
	p := s.Get(t, "/")
	webtest.Status(t, p, http.StatusOK)
	webtest.Lacks(t, p, "热门课程")
}

func TestDetailPages(t *testing.T) {
	s := webtest.NewSite()
	s.PublicURL = "https://xunke.example"
	var also *catalog.Related
	usual := s.Relater.OnRelated
	s.Relater.OnRelated = func(ctx context.Context, id int64, limit int) (catalog.Related, error) {
		if also != nil {
			return *also, nil
		}
		return usual(ctx, id, limit)
	}
	s.Start(t)
	p := s.Get(t, "/courses/1")
	webtest.Contains(t, p, "<title>C&#43;&#43; 面向对象程序设计 · 寻课</title>", `<meta name="description" content="从零写起，&lt;不跳步&gt;。">`,
		`<link rel="canonical" href="https://xunke.example/courses/1">`, `hreflang="en" href="https://xunke.example/courses/1?lang=en"`,
		`data-view-kind="course" data-view-id="1"`, "第一段 &lt;b&gt;不是标记&lt;/b&gt;。", "<p>第二段。</p>", "导学", "12 分钟", "讲义.pdf",
		`href="/teachers/5"`, `href="/orgs/3"`, `href="/?type=course&amp;tag=C%2B%2B"`, "相关课程", "C# 桌面应用开发", "10 小时", "2026年3月1日")
	webtest.Lacks(t, p, "javascript:alert", "学这门课的人也在学")

	// What learners also took has a list of its own, where there is enough of it.
	also = &catalog.Related{Hits: webtest.RelatedTo(webtest.Courses()[:2]), Alike: webtest.RelatedTo(webtest.Courses()[:1]), AlsoTook: webtest.RelatedTo(webtest.Courses()[1:3], catalog.BecauseLearners)}
	webtest.Lacks(t, s.Get(t, "/courses/1"), "学这门课的人也在学")
	also.AlsoTook = webtest.RelatedTo(append(webtest.Courses()[1:3], webtest.Courses()[1]), catalog.BecauseLearners)
	webtest.Contains(t, s.Get(t, "/courses/1"), "相关课程", "学这门课的人也在学")
	webtest.Contains(t, s.Get(t, "/courses/1?lang=en"), "Learners of this course also took")

	p = s.Get(t, "/orgs/3")
	webtest.Contains(t, p, "认证机构", "金牌机构", "9.8万人学习", "杭州市青岚路 1 号", "写得清楚", `href="/?type=course&amp;org_id=3"`, `href="/?type=teacher&amp;org_id=3"`)
	p = s.Get(t, "/teachers/5?lang=en")
	webtest.Contains(t, p, "高级讲师", "20 years of practice", "2 favourites", `href="/courses/1?lang=en"`)
	if got := s.Last(t).Filters[catalog.FacetTeacher]; !slices.Equal(got, []string{"5"}) {
		t.Errorf("courses of teacher %q", got)
	}
}

func TestSearchPagesAreNotIndexed(t *testing.T) {
	s := webtest.NewSite().Start(t)
	webtest.Contains(t, s.Get(t, "/?q=x"), `content="noindex, follow"`)
	webtest.Contains(t, s.Get(t, "/?type=course&level=beginner"), `content="noindex, follow"`)
	webtest.Contains(t, s.Get(t, "/"), `<link rel="canonical" href="/">`)
	webtest.Contains(t, s.Get(t, "/?type=org"), `<link rel="canonical" href="/?type=org">`)
}

func TestStaticFilesAreKeptForEver(t *testing.T) {
	s := webtest.NewSite().Start(t)
	home := s.Get(t, "/").Body
	files := regexp.MustCompile(`/static/[a-z]+\.[0-9a-f]{10}\.(css|js|svg)`).FindAllString(home, -1)
	if len(files) < 5 {
		t.Fatalf("files of the home page: %v", files)
	}
	for _, f := range files {
		p := s.Get(t, f, "Accept-Encoding", "identity")
		webtest.Status(t, p, http.StatusOK)
		if got := p.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", f, got)
		}
		zipped := s.Get(t, f, "Accept-Encoding", "gzip")
		if zipped.Header.Get("Content-Encoding") != "gzip" || len(zipped.Body) >= len(p.Body) {
			t.Errorf("%s is not compressed: %d bytes of %d", f, len(zipped.Body), len(p.Body))
		}
	}
	// A page of another version gets what there is, but may not keep it.
	p := s.Get(t, "/static/site.0123456789.css")
	webtest.Status(t, p, http.StatusOK)
	if got := p.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("a stale address: Cache-Control %q", got)
	}
}

func TestAPIAndPageAgree(t *testing.T) {
	s := webtest.NewSite().Start(t)
	s.Get(t, "/?q=C%2B%2B&type=course&city=甲&city=乙&sort=students&page=2")
	fromPage := s.Last(t)
	p := s.Get(t, "/api/v1/search?q=C%2B%2B&type=course&city=甲&city=乙&sort=students&page=2", "Accept", "application/json")
	webtest.Status(t, p, http.StatusOK)
	a, _ := json.Marshal(fromPage)
	b, _ := json.Marshal(s.Last(t))
	if string(a) != string(b) {
		t.Errorf("the page asked %s, the API %s", a, b)
	}
}
