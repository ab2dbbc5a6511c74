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
)

func contains(t *testing.T, p page, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(p.body, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}

func lacks(t *testing.T, p page, unwanted ...string) {
	t.Helper()
	for _, u := range unwanted {
		if strings.Contains(p.body, u) {
			t.Errorf("the page has %q", u)
		}
	}
}

func status(t *testing.T, p page, want int) {
	t.Helper()
	if p.status != want {
		t.Errorf("status %d, want %d", p.status, want)
	}
}

var everyPage = []string{
	"/", "/?window=month", "/?q=C%2B%2B", "/?q=C%2B%2B&type=course&page=3&level=beginner", "/?type=org", "/?type=teacher", "/?type=all",
	"/courses/1", "/orgs/3", "/teachers/5", "/nothing/here", "/?page=0", "/widgets",
}

func TestEveryPageIsWholeInBothLanguages(t *testing.T) {
	s := newSite().start(t)
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?: [^>]*)?>[^<]|javascript:`)
	for _, path := range everyPage {
		for lang, tag := range map[string]string{"zh": `<html lang="zh-CN">`, "en": `<html lang="en">`} {
			p := s.get(t, path, "Cookie", "xunke_lang="+lang)
			contains(t, p, tag, `<main id="main"`, "<header", "</html>", `<meta name="viewport"`, `role="search"`, "<h1")
			lacks(t, p, "ZgotmplZ", "%!", "<no value>")
			if found := inline.FindString(p.body); found != "" {
				t.Errorf("%s in %s has inline code or style, which its policy forbids: %q", path, lang, found)
			}
			if n := strings.Count(p.body, "<h1"); n != 1 {
				t.Errorf("%s in %s has %d main headings", path, lang, n)
			}
			ids := regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(p.body, -1)
			seen := map[string]bool{}
			for _, id := range ids {
				if seen[id[1]] {
					t.Errorf("%s in %s has the id %q twice", path, lang, id[1])
				}
				seen[id[1]] = true
			}
			for _, label := range regexp.MustCompile(`aria-labelledby="([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
				if !seen[label[1]] {
					t.Errorf("%s in %s is labelled by %q, which is not there", path, lang, label[1])
				}
			}
			policy := p.header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "script-src 'self'") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: policy %q", path, policy)
			}
			kept := map[bool]string{true: "private, no-cache", false: "no-store"}[p.status == http.StatusOK]
			if got := p.header.Get("Cache-Control"); got != kept {
				t.Errorf("%s: Cache-Control %q, want %q", path, got, kept)
			}
		}
	}
}

func TestLanguage(t *testing.T) {
	s := newSite().start(t)
	for _, c := range []struct{ path, header, value, want string }{
		{"/", "Accept-Language", "", "今天想学点什么"},
		{"/", "Accept-Language", "en-GB,en;q=0.9", "What would you like"},
		{"/?lang=zh", "Accept-Language", "en", "今天想学点什么"},
		{"/?lang=en", "Accept-Language", "zh-CN", "What would you like"},
		{"/", "Cookie", "xunke_lang=en", "What would you like"},
		{"/?lang=xx", "Cookie", "xunke_lang=en", "What would you like"},
	} {
		contains(t, s.get(t, c.path, c.header, c.value), c.want)
	}
	p := s.get(t, "/?lang=en")
	if cookie := p.header.Get("Set-Cookie"); !strings.Contains(cookie, "xunke_lang=en") || !strings.Contains(strings.ToLower(cookie), "samesite=lax") {
		t.Errorf("the choice is not remembered: %q", cookie)
	}
	// A link that is passed along stays in its language; the switch leads to the other.
	p = s.get(t, "/?q=C%2B%2B&lang=en")
	contains(t, p, `href="/courses/1?lang=en"`, `name="lang" value="en"`, `href="/?q=C%2B%2B&amp;lang=zh"`)
	lacks(t, s.get(t, "/?q=C%2B%2B"), `href="/courses/1?lang`, `name="lang"`)
}

func TestCountsAreForPeople(t *testing.T) {
	s := newSite().start(t)
	contains(t, s.get(t, "/?q=x"), "1.2万", "1.2万人学习", "共 12,348 个结果")
	contains(t, s.get(t, "/?q=x&lang=en"), "12,345", "12,345 learners", "12,348 results")
}

func TestResultsShowWhatWasFound(t *testing.T) {
	s := newSite().start(t)
	p := s.get(t, "/?q=C%2B%2B")
	contains(t, p, "<em>C++</em> 面向对象程序设计", "从零写起，&lt;不跳步&gt;。", "Nora O&#39;Dell", "筛选课程", `value="C&#43;&#43;"`,
		`data-search-id="search-1"`, "最佳匹配", "查看全部 1.2万门课程")
	if got := s.last(t); got.Text != "C++" || !slices.Equal(got.Kinds, catalog.Kinds()) {
		t.Errorf("asked %+v", got)
	}
	// With all kinds together, choosing a filter of courses leads to the courses.
	contains(t, p, `href="/?q=C%2B%2B&amp;type=course&amp;category=C&#43;%26&#43;C%2B%2B"`)

	p = s.get(t, "/?q=C%2B%2B&type=course&level=beginner&org_id=3&page=2&sort=newest")
	contains(t, p,
		`href="/?q=C%2B%2B&amp;type=course&amp;org_id=3&amp;sort=newest" aria-label="移除筛选：初级"`, "移除筛选：青岚软件学院",
		`href="/?q=C%2B%2B&amp;type=course&amp;level=beginner&amp;org_id=3&amp;sort=newest&amp;page=3#results"`,
		`href="/?q=C%2B%2B&amp;type=course&amp;level=beginner&amp;org_id=3&amp;sort=hot"`, `data-first="11"`, "更多")
	if got := s.last(t); got.Page != 2 || got.Sort != catalog.SortNewest || !slices.Equal(got.Filters[catalog.FacetOrg], []string{"3"}) {
		t.Errorf("asked %+v", got)
	}
}

// TestRatingsAreShown looks at the stars of the one course that has ratings, on its card and
// on its page; the others show nothing.
func TestRatingsAreShown(t *testing.T) {
	s := newSite().start(t)
	for address, label := range map[string]string{
		"/?q=C&type=course":         "评分 4.6，满分 5，12 人评价",
		"/?q=C&type=course&lang=en": "Rated 4.6 of 5, 12 ratings",
		"/courses/1":                "评分 4.6，满分 5，12 人评价",
	} {
		p := s.get(t, address)
		contains(t, p, label, `<span class="stars">★★★★★</span> 4.6 (12)`)
		if n := strings.Count(p.body, `class="stars"`); n != 1 {
			t.Errorf("%s has %d ratings, want one", address, n)
		}
	}
	contains(t, s.get(t, "/?q=C&type=course&sort=rating"), `aria-current="true">评分</a>`)
	if got := s.last(t); got.Sort != catalog.SortRating {
		t.Errorf("asked %+v", got)
	}
}

func TestEveryLinkOfAResultPageWorks(t *testing.T) {
	s := newSite().start(t)
	links := regexp.MustCompile(`href="([^"#]+)[^"]*"`)
	unescape := strings.NewReplacer("&amp;", "&", "&#43;", "+", "&#39;", "'").Replace
	tried := map[string]bool{}
	for _, path := range []string{"/", "/?q=C%2B%2B", "/?q=C%2B%2B&type=course&page=4&level=beginner&city=甲", "/?type=teacher&lang=en", "/courses/1", "/orgs/3", "/teachers/5?lang=en"} {
		for _, found := range links.FindAllStringSubmatch(s.get(t, path).body, -1) {
			link := unescape(found[1])
			if !strings.HasPrefix(link, "/") || tried[link] {
				continue
			}
			tried[link] = true
			if p := s.get(t, link); p.status != http.StatusOK {
				t.Errorf("%s links to %s, which answers %d", path, link, p.status)
			}
		}
	}
	if len(tried) < 60 {
		t.Errorf("only %d links were found", len(tried))
	}
}

func TestNotices(t *testing.T) {
	s := newSite()
	corrected := "C++ <b>"
	s.searcher.search = func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		a := answerTo(q)
		a.Degraded = true
		if !q.Exact {
			a.CorrectedQuery = &corrected
		}
		a.Notices = []catalog.Notice{{Code: "something_new", Message: "A <new> notice."}}
		return a, nil
	}
	s.start(t)
	p := s.get(t, "/?q=C%2B-&type=course")
	contains(t, p, "<strong>C&#43;&#43; &lt;b&gt;</strong>", `href="/?q=C%2B-&amp;type=course&amp;exact=true"`, "A &lt;new&gt; notice.", "部分服务暂时不可用")
	lacks(t, s.get(t, "/?q=C%2B-&type=course&exact=true"), "仍然搜索")
	contains(t, s.get(t, "/?q="+url.QueryEscape(strings.Repeat("长", 300))), "只用了前面一部分")
	contains(t, s.get(t, "/"), "部分服务暂时不可用")
}

func TestNothingFound(t *testing.T) {
	s := newSite()
	s.searcher.search = func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		a := catalog.Answer{Query: q.Text, Courses: &catalog.Section[catalog.CourseHit]{}}
		if q.Page > 1 {
			a.Courses.Total = 5
		}
		return a, nil
	}
	s.start(t)
	p := s.get(t, "/?q=zzz&type=course&level=beginner")
	status(t, p, http.StatusOK)
	contains(t, p, "没有找到与“zzz”相符的内容", `href="/?q=zzz&amp;type=course"`, `href="/?q=zzz"`, "大家正在学")
	contains(t, s.get(t, "/?q=zzz&type=course&page=9"), "后面没有更多结果了")
}

func TestBadParametersGetAPage(t *testing.T) {
	s := newSite().start(t)
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
		p := s.get(t, path)
		status(t, p, http.StatusBadRequest)
		contains(t, p, want[0], want[1], "去掉这些条件继续")
		on := regexp.MustCompile(`class="button" href="([^"]*)"`).FindStringSubmatch(p.body)
		if on == nil {
			t.Fatalf("%s: there is no way on", path)
		}
		if next := s.get(t, strings.ReplaceAll(on[1], "&amp;", "&")); next.status != http.StatusOK {
			t.Errorf("%s: the way on, %s, answers %d", path, on[1], next.status)
		}
	}
}

func TestOddInputWorks(t *testing.T) {
	s := newSite().start(t)
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
		p := s.get(t, path)
		status(t, p, http.StatusOK)
		if got := s.last(t).Text; got != want {
			t.Errorf("%s searched for %q, want %q", path, got, want)
		}
	}
	p := s.get(t, "/?q=x&utm_source=mail")
	lacks(t, p, "utm_source")
	p = s.get(t, "/?q=%ff%fe")
	status(t, p, http.StatusBadRequest)
}

func TestWhatIsNotThere(t *testing.T) {
	s := newSite()
	s.details.course = func(_ context.Context, id int64) (catalog.Course, error) {
		return catalog.Course{}, catalog.NotFound(catalog.KindCourse, id)
	}
	s.start(t)
	for _, path := range []string{"/courses/9", "/courses/x", "/courses/0", "/courses/-1", "/courses/99999999999999999999", "/nowhere", "/static/x.css", "/courses/"} {
		p := s.get(t, path)
		status(t, p, http.StatusNotFound)
		contains(t, p, "这里没有你要找的页面")
	}
	// Programs get what programs understand.
	for path, accept := range map[string]string{"/api/v1/nowhere": "text/html", "/nowhere": "application/json", "/favicon.ico": "image/*"} {
		p := s.get(t, path, "Accept", accept)
		status(t, p, http.StatusNotFound)
		if got := p.header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s answers %s to %s", path, got, accept)
		}
	}
}

func TestServersDown(t *testing.T) {
	down := catalog.Unavailable("Elasticsearch", errors.New("dial tcp 10.0.0.7:9200: refused"))
	s := newSite()
	s.searcher.search = func(context.Context, catalog.Query) (catalog.Answer, error) { return catalog.Answer{}, down }
	s.relater.related = func(context.Context, int64, int) (catalog.Related, error) { return catalog.Related{}, down }
	s.start(t)
	for _, path := range []string{"/", "/?q=x", "/?q=x&type=course&level=beginner"} {
		p := s.get(t, path)
		status(t, p, http.StatusServiceUnavailable)
		contains(t, p, "搜索服务暂时没有响应", "week C&#43;&#43; 面向对象程序设计", `role="search"`)
		lacks(t, p, "10.0.0.7", "Elasticsearch")
		if p.header.Get("Retry-After") == "" {
			t.Errorf("%s does not say when to come back", path)
		}
	}
	// Details come from elsewhere and still do.
	p := s.get(t, "/courses/1")
	status(t, p, http.StatusOK)
	lacks(t, p, "相关课程")
	contains(t, s.get(t, "/orgs/3"), "这一部分暂时取不到", "教人写程序")
	contains(t, s.get(t, "/teachers/5"), "这一部分暂时取不到", "写了二十年程序")
}

func TestDetailsDown(t *testing.T) {
	s := newSite()
	s.details.course = func(context.Context, int64) (catalog.Course, error) {
		return catalog.Course{}, catalog.Unavailable("MySQL", errors.New("secret cause"))
	}
	s.details.org = func(context.Context, int64) (catalog.Org, error) { return catalog.Org{}, errors.New("secret cause") }
	s.details.teacher = func(context.Context, int64) (catalog.Teacher, error) {
		return catalog.Teacher{}, context.DeadlineExceeded
	}
	s.ranker.ranking = func(context.Context, catalog.RankingQuery) (catalog.Ranking, error) {
		return catalog.Ranking{}, catalog.Unavailable("Redis", nil)
	}
	s.start(t)
	for path, want := range map[string]int{"/courses/1": 503, "/orgs/1": 500, "/teachers/1": 503} {
		p := s.get(t, path)
		status(t, p, want)
		lacks(t, p, "secret cause")
		contains(t, p, "刷新", `role="search"`)
	}
	p := s.get(t, "/")
	status(t, p, http.StatusOK)
	lacks(t, p, "热门课程")
}

func TestDetailPages(t *testing.T) {
	s := newSite()
	s.publicURL = "https://xunke.example"
	var also *catalog.Related
	usual := s.relater.related
	s.relater.related = func(ctx context.Context, id int64, limit int) (catalog.Related, error) {
		if also != nil {
			return *also, nil
		}
		return usual(ctx, id, limit)
	}
	s.start(t)
	p := s.get(t, "/courses/1")
	contains(t, p, "<title>C&#43;&#43; 面向对象程序设计 · 寻课</title>", `<meta name="description" content="从零写起，&lt;不跳步&gt;。">`,
		`<link rel="canonical" href="https://xunke.example/courses/1">`, `hreflang="en" href="https://xunke.example/courses/1?lang=en"`,
		`data-view-kind="course" data-view-id="1"`, "第一段 &lt;b&gt;不是标记&lt;/b&gt;。", "<p>第二段。</p>", "导学", "12 分钟", "讲义.pdf",
		`href="/teachers/5"`, `href="/orgs/3"`, `href="/?type=course&amp;tag=C%2B%2B"`, "相关课程", "C# 桌面应用开发", "10 小时", "2026年3月1日")
	lacks(t, p, "javascript:alert", "学这门课的人也在学")

	// What learners also took has a list of its own, where there is enough of it.
	also = &catalog.Related{Hits: relatedTo(courses()[:2]), Alike: relatedTo(courses()[:1]), AlsoTook: relatedTo(courses()[1:3], catalog.BecauseLearners)}
	lacks(t, s.get(t, "/courses/1"), "学这门课的人也在学")
	also.AlsoTook = relatedTo(append(courses()[1:3], courses()[1]), catalog.BecauseLearners)
	contains(t, s.get(t, "/courses/1"), "相关课程", "学这门课的人也在学")
	contains(t, s.get(t, "/courses/1?lang=en"), "Learners of this course also took")

	p = s.get(t, "/orgs/3")
	contains(t, p, "认证机构", "金牌机构", "9.8万人学习", "杭州市青岚路 1 号", "写得清楚", `href="/?type=course&amp;org_id=3"`, `href="/?type=teacher&amp;org_id=3"`)
	p = s.get(t, "/teachers/5?lang=en")
	contains(t, p, "高级讲师", "20 years of practice", "2 favourites", `href="/courses/1?lang=en"`)
	if got := s.last(t).Filters[catalog.FacetTeacher]; !slices.Equal(got, []string{"5"}) {
		t.Errorf("courses of teacher %q", got)
	}
}

func TestSearchPagesAreNotIndexed(t *testing.T) {
	s := newSite().start(t)
	contains(t, s.get(t, "/?q=x"), `content="noindex, follow"`)
	contains(t, s.get(t, "/?type=course&level=beginner"), `content="noindex, follow"`)
	contains(t, s.get(t, "/"), `<link rel="canonical" href="/">`)
	contains(t, s.get(t, "/?type=org"), `<link rel="canonical" href="/?type=org">`)
}

func TestStaticFilesAreKeptForEver(t *testing.T) {
	s := newSite().start(t)
	home := s.get(t, "/").body
	files := regexp.MustCompile(`/static/[a-z]+\.[0-9a-f]{10}\.(css|js|svg)`).FindAllString(home, -1)
	if len(files) < 5 {
		t.Fatalf("files of the home page: %v", files)
	}
	for _, f := range files {
		p := s.get(t, f, "Accept-Encoding", "identity")
		status(t, p, http.StatusOK)
		if got := p.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", f, got)
		}
		zipped := s.get(t, f, "Accept-Encoding", "gzip")
		if zipped.header.Get("Content-Encoding") != "gzip" || len(zipped.body) >= len(p.body) {
			t.Errorf("%s is not compressed: %d bytes of %d", f, len(zipped.body), len(p.body))
		}
	}
	// A page of another version gets what there is, but may not keep it.
	p := s.get(t, "/static/site.0123456789.css")
	status(t, p, http.StatusOK)
	if got := p.header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("a stale address: Cache-Control %q", got)
	}
}

func TestAPIAndPageAgree(t *testing.T) {
	s := newSite().start(t)
	s.get(t, "/?q=C%2B%2B&type=course&city=甲&city=乙&sort=students&page=2")
	fromPage := s.last(t)
	p := s.get(t, "/api/v1/search?q=C%2B%2B&type=course&city=甲&city=乙&sort=students&page=2", "Accept", "application/json")
	status(t, p, http.StatusOK)
	a, _ := json.Marshal(fromPage)
	b, _ := json.Marshal(s.last(t))
	if string(a) != string(b) {
		t.Errorf("the page asked %s, the API %s", a, b)
	}
}
