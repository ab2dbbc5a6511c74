package browser

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/web/webtest"
)

func TestWidgetsOnPagesOfOtherSites(t *testing.T) {
	browser := startChromium(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, context.Context)
	}{
		{"show rankings and related courses", testRankingsAndRelated},
		{"send no cookies", testNoCookies},
		{"attributes are filters, and a change draws anew", testAttributes},
		{"nothing and errors are silent", testNothingToShow},
		{"a skeleton stands where the answer will", testSkeleton},
		{"light and dark follow the page", testColourScheme},
		{"script and fragment say the same", testScriptAgainstFragment},
		{"a consultation is asked for", testConsultation},
		{"the gallery", testGallery},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, browser) })
	}
}

// testRankingsAndRelated shows both on one page; elements that ask the same ask once.
func testRankingsAndRelated(t *testing.T, browser context.Context) {
	s := webtest.NewSite()
	asked := countRankings(s)
	s.Start(t)
	b := openOnHost(t, browser, s, "zh-CN", `<xunke-ranking kind="courses" window="week" limit="5"></xunke-ranking>
		<xunke-ranking kind="courses" window="week" limit="5"></xunke-ranking><xunke-related course="42"></xunke-related>`)
	b.until("every widget", allReady)
	if got := len(asked()); got != 1 {
		t.Errorf("two rankings that are alike asked %d times", got)
	}
	if q := asked()[0]; q.Kind != catalog.KindCourse || q.Window != catalog.WindowWeek || q.Limit != 5 {
		t.Errorf("asked %+v", q)
	}
	if got := value[string](b, widgetText); !strings.HasPrefix(got, "1|week C++ 面向对象程序设计|青岚软件学院|1.2万人学习\n2|week C# 桌面应用开发|") {
		t.Errorf("the ranking shows %q", got)
	}
	if got := value[string](b, firstWidget+`.shadowRoot.querySelector("a").href`); got != s.Base+"/courses/1" {
		t.Errorf("the first link leads to %s", got)
	}
	if got := value[string](b, `document.querySelector("xunke-related").shadowRoot.querySelector("section").ariaLabel`); got != "相关课程" {
		t.Errorf("the related courses are called %q", got)
	}
	// The style sheet came past the policy: the first rank has its colour.
	if got := value[string](b, `getComputedStyle(`+firstWidget+`.shadowRoot.querySelector(".xunke-rank")).color`); got != "rgb(194, 58, 12)" {
		t.Errorf("the first rank is %s", got)
	}
}

// testNoCookies has a page whose host has a cookie of the catalogue.
func testNoCookies(t *testing.T, browser context.Context) {
	s := webtest.NewSite().Start(t)
	target, err := url.Parse(s.Base)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan string, 100)
	forward := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// What a page reports of itself comes whenever it likes.
		if r.Method == http.MethodGet && (r.URL.Path == "/widgets.js" || strings.HasPrefix(r.URL.Path, "/api/")) {
			seen <- r.URL.Path + " " + r.Header.Get("Cookie")
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	s = &webtest.Site{Base: front.URL}
	b := open(browser, t, s, "/courses/1?lang=en") // sets one
	// Cookies do not know ports: that of the catalogue belongs to this page's host, too.
	for len(seen) > 0 {
		<-seen
	}
	b.base = strings.Replace(newHost(t, s, "en", "", `<xunke-ranking></xunke-ranking>`).Base, "localhost", "127.0.0.1", 1)
	b.visit("/")
	b.until("the widget", allReady)
	if got := []string{<-seen, <-seen}; !slices.Equal(got, []string{"/widgets.js xunke_lang=en", "/api/v1/rankings/courses "}) {
		t.Errorf("requests and their cookies: %q", got)
	}
}

// testAttributes sets filters by attributes and changes them.
func testAttributes(t *testing.T, browser context.Context) {
	s := webtest.NewSite()
	asked := countRankings(s)
	s.Start(t)
	b := openOnHost(t, browser, s, "en", `<xunke-ranking limit="3" level="beginner" category="C &amp; C++" city="杭州" org-id="3"></xunke-ranking>`)
	b.until("the widget", allReady)
	if got := fmt.Sprint(asked()[0].Filters); got != "map[category:[C & C++] city:[杭州] level:[beginner] org_id:[3]]" {
		t.Errorf("filters %s", got)
	}
	if got := value[string](b, firstWidget+`.shadowRoot.querySelector(".xunke-title").textContent`); got != "Hot courses · Week" {
		t.Errorf("on an English page the title is %q", got)
	}
	b.do(chromedp.Navigate(b.base + "/"))
	b.until("the widget", allReady)
	before := len(asked())
	value[bool](b, `(() => { const e = `+firstWidget+`; for (const a of ["level", "category", "city", "org-id"]) e.removeAttribute(a); e.setAttribute("kind", "orgs"); e.setAttribute("window", "all"); e.lang = "zh"; return true })()`)
	b.until("the change", firstWidget+`.shadowRoot.querySelector(".xunke-title").textContent === "机构排行 · 总榜"`)
	if after := asked(); len(after) != before+1 || after[before].Kind != catalog.KindOrg || after[before].Window != catalog.WindowAll {
		t.Errorf("seven attributes that change are asked as %+v", after[before:])
	}
}

// eventOf puts an element into the page and waits for its event: its name, the height of
// the element, and what it says.
const eventOf = `new Promise((done) => {
	for (const name of ["xunke-ready", "xunke-empty", "xunke-error"]) document.addEventListener(name, (e) => {
		done(e.type + " " + e.target.getBoundingClientRect().height + " " + (e.detail.message ?? ""));
	}, { once: true });
	const [, tag, rest] = %s.match(/<([a-z-]+)([^>]*)>/);
	const e = document.createElement(tag);
	for (const [, name, v] of rest.matchAll(/([a-z-]+)="([^"]*)"/g)) e.setAttribute(name, v);
	document.body.replaceChildren(e);
})`

// testNothingToShow has empty answers and errors: they take no room and send an event.
func testNothingToShow(t *testing.T, browser context.Context) {
	s := webtest.NewSite()
	s.Ranker.OnRanking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
		if q.Kind == catalog.KindOrg {
			return catalog.Ranking{}, &catalog.Error{Code: catalog.CodeUnavailable, Message: "down"}
		}
		return catalog.Ranking{Window: q.Window, Items: []catalog.RankingItem{}}, nil
	}
	s.Start(t)
	b := openOnHost(t, browser, s, "zh", `<p id="told"></p>`)
	for _, c := range []struct{ element, event, says string }{
		{`<xunke-ranking></xunke-ranking>`, "xunke-empty", ""},
		{`<xunke-ranking kind="orgs"></xunke-ranking>`, "xunke-error", "503"},
		{`<xunke-ranking limit="1000"></xunke-ranking>`, "xunke-error", "limit"},
		{`<xunke-ranking kind="teachers" level="beginner"></xunke-ranking>`, "xunke-error", "level"},
		{`<xunke-ranking kind="books"></xunke-ranking>`, "xunke-error", "kind"},
		{`<xunke-related></xunke-related>`, "xunke-error", "course"},
		{`<xunke-ranking api="http://127.0.0.1:1"></xunke-ranking>`, "xunke-error", ""},
	} {
		said := value[string](b, fmt.Sprintf(eventOf, quote(t, c.element)))
		if !strings.HasPrefix(said, c.event+" 0 ") || !strings.Contains(said, c.says) {
			t.Errorf("%s: %q, want %s and no height", c.element, said, c.event)
		}
	}
}

// testSkeleton looks at an element before its answer is there.
func testSkeleton(t *testing.T, browser context.Context) {
	s := webtest.NewSite()
	answer := make(chan struct{})
	s.Ranker.OnRanking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
		<-answer
		return webtest.RankingOf(q), nil
	}
	s.Start(t)
	b := openOnHost(t, browser, s, "zh", `<xunke-ranking limit="3"></xunke-ranking>`)
	b.until("the skeleton", firstWidget+`.dataset.state === "loading" && `+firstWidget+`.shadowRoot.querySelectorAll(".xunke-item[aria-hidden=true]").length === 3`)
	if got := value[string](b, firstWidget+`.shadowRoot.querySelector("section").ariaBusy`); got != "true" {
		t.Errorf("busy is %q", got)
	}
	height := value[float64](b, firstWidget+`.offsetHeight`)
	close(answer)
	b.until("the answer", allReady)
	if got := value[float64](b, firstWidget+`.offsetHeight`); got < height-30 || got > height+60 {
		t.Errorf("%v high while loading, %v after", height, got)
	}
}

// testColourScheme has a visitor who likes it dark, on pages that do and do not.
func testColourScheme(t *testing.T, browser context.Context) {
	s := webtest.NewSite().Start(t)
	background := `getComputedStyle(` + firstWidget + `.shadowRoot.querySelector("section")).backgroundColor`
	for _, c := range []struct{ meta, attribute, want string }{
		{"light dark", "", "rgb(22, 30, 27)"},
		{"light dark", `theme="light"`, "rgb(255, 255, 255)"},
		{"light", "", "rgb(255, 255, 255)"},
		{"light", `theme="auto"`, "rgb(22, 30, 27)"},
	} {
		b := open(browser, t, newHost(t, s, "zh", `<meta name="color-scheme" content="`+c.meta+`">`, `<xunke-ranking `+c.attribute+`></xunke-ranking>`), "/")
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		b.until("the widget", allReady)
		if got := value[string](b, background); got != c.want {
			t.Errorf("on a %s page with %q the card is %s, want %s", c.meta, c.attribute, got, c.want)
		}
	}
}

// outline is a function that makes of an element what visitors and their readers get of it.
const outline = `(function strip(n) {
	if (n.nodeType === 3) return n.data.trim();
	const facts = [n.localName, n.className, n.lang, n.ariaLabel, n.role, n.ariaLevel, n.href];
	return "<" + facts.filter(Boolean).join(" ") + ">" + [...n.childNodes].map(strip).join("");
})`

// testScriptAgainstFragment compares the trees that both make of one answer.
func testScriptAgainstFragment(t *testing.T, browser context.Context) {
	s := webtest.NewSite().Start(t)
	for _, lang := range []string{"zh", "en"} {
		for element, path := range map[string]string{
			`<xunke-ranking kind="teachers" window="month"></xunke-ranking>`: "/widgets/ranking?kind=teachers&window=month&lang=",
			`<xunke-related course="42"></xunke-related>`:                    "/widgets/related?course=42&lang=",
			`<xunke-consultation></xunke-consultation>`:                      "/widgets/consultation?lang=",
		} {
			b := openOnHost(t, browser, s, lang, element)
			b.until("the widget", allReady)
			drawn := value[string](b, outline+`(`+firstWidget+`.shadowRoot.firstElementChild)`)
			page := open(browser, t, s, "/docs")
			sent := value[string](page, outline+`(new DOMParser().parseFromString(`+quote(t, s.Get(t, path+lang).Body)+`, "text/html").body.firstElementChild)`)
			if drawn != sent {
				t.Errorf("%s in %s:\nscript   %s\nfragment %s", html.EscapeString(element), lang, drawn, sent)
			}
		}
	}
}

// testConsultation sends the form until it is taken.
func testConsultation(t *testing.T, browser context.Context) {
	s := webtest.NewSite()
	outcome := make(chan error, 1)
	s.Desk.OnAsk = func(_ context.Context, r consultations.Request) error {
		s.Calls <- r
		return <-outcome
	}
	s.Start(t)
	b := openOnHost(t, browser, s, "zh-CN", `<xunke-consultation course="42"></xunke-consultation>`)
	const element = `document.querySelector("xunke-consultation")`
	b.until("the form", `!!`+element+`?.shadowRoot?.querySelector("form")`)
	value[bool](b, `(() => {
		const root = `+element+`.shadowRoot;
		root.querySelector("[name=name]").value = "陈";
		root.querySelector("[name=mobile]").value = "1380013800";
		`+element+`.addEventListener("xunke-sent", () => { document.title = "sent" });
		return true })()`)
	said := func(err error, want string) {
		t.Helper()
		outcome <- err
		value[bool](b, `(() => { `+element+`.shadowRoot.querySelector("button").click(); return true })()`)
		b.until("the answer "+want, element+`.shadowRoot.querySelector(".xunke-said").textContent.includes(`+quote(t, want)+`)`)
		if r := <-s.Calls; r != (consultations.Request{Name: "陈", Mobile: "1380013800", CourseID: 42}) {
			t.Errorf("asked %+v", r)
		}
	}
	said(catalog.Invalidf("mobile", "is not a mobile number"), "请检查：手机号")
	said(catalog.Invalidf("course_id", "there is no course 42"), "请检查：想咨询的课程")
	said(catalog.TooMany(time.Hour), "请稍后再试")
	said(nil, "我们会尽快回电")
	b.until("the event", `document.title === "sent" && !`+element+`.shadowRoot.querySelector("form") && `+element+`.shadowRoot.activeElement?.role === "status"`)
}

// testGallery is the page that has every widget to copy.
func testGallery(t *testing.T, browser context.Context) {
	s := webtest.NewSite().Start(t)
	b := open(browser, t, s, "/widgets?lang=zh")
	b.until("every widget", allReady+` && document.querySelectorAll("xunke-ranking, xunke-related").length === 9`)
	b.until("buttons", `[...document.querySelectorAll(".copy")].every(e => !e.hidden)`)
	if got := value[string](b, `document.querySelector(".code code").textContent`); got != `<script src="`+s.Base+`/widgets.js" async></script>`+"\n"+`<xunke-ranking kind="courses" window="week" limit="5"></xunke-ranking>` {
		t.Errorf("the snippet is %s", got)
	}
}
