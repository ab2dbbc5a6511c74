package browser

import (
	"context"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

// echo is a suggester that repeats what it was asked.
func echo(_ context.Context, text string, _ int) ([]catalog.Suggestion, error) {
	return suggestionsFor(text), nil
}

func suggestionsFor(text string) []catalog.Suggestion {
	return []catalog.Suggestion{
		{Text: text, Type: "course", ID: 1, URL: "/courses/1", Highlight: ""},
		{Text: text + "!", Type: "org", ID: 3, URL: "/orgs/3", Highlight: ""},
	}
}

func TestSuggest(t *testing.T) {
	browser := startChromium(t)

	t.Run("keys that compose belong to the input method", func(t *testing.T) {
		s := webtest.NewSite()
		s.Searcher.OnSuggest = echo
		b := open(browser, t, s.Start(t), "/")
		b.click("#q")
		b.compose("shu")
		b.shows("shu", "shu!")
		// While pinyin is composed it can be searched already, without its apostrophes.
		b.compose("shu'ju")
		b.shows("shuju", "shuju!")
		b.pressWhileComposing("ArrowDown")
		b.pressWhileComposing("Enter")
		b.pressWhileComposing("Escape")
		if !value[bool](b, `!document.getElementById("suggestions").hidden && !document.getElementById("q").hasAttribute("aria-activedescendant")`) {
			t.Error("a key that was the input method's moved or closed the suggestions")
		}
		if got := value[string](b, "location.pathname + location.search"); got != "/" {
			t.Errorf("Enter while composing went to %s", got)
		}
		if got := b.box(); got != "shu'ju" {
			t.Errorf("Escape while composing left %q in the box", got)
		}
		b.insert("数据")
		b.shows("数据", "数据!")
		if got := b.box(); got != "数据" {
			t.Errorf("the box holds %q", got)
		}
		b.press("Enter")
		b.at("/?q=%E6%95%B0%E6%8D%AE")
	})

	t.Run("words that a keyboard predicts are suggested while they are composed", func(t *testing.T) {
		s := webtest.NewSite()
		s.Searcher.OnSuggest = echo
		b := open(browser, t, s.Start(t), "/")
		b.click("#q")
		for _, text := range []string{"p", "py", "pyt"} {
			b.compose(text)
		}
		b.shows("pyt", "pyt!")
		b.press("ArrowDown")
	})

	t.Run("an answer that comes late changes nothing", func(t *testing.T) {
		s := webtest.NewSite()
		asked, release, answered := make(chan struct{}), make(chan struct{}), make(chan struct{})
		s.Searcher.OnSuggest = func(_ context.Context, text string, _ int) ([]catalog.Suggestion, error) {
			if text == "c" {
				close(asked)
				<-release
				defer close(answered)
			}
			return suggestionsFor(text), nil
		}
		b := open(browser, t, s.Start(t), "/")
		b.click("#q")
		b.insert("c")
		<-asked
		b.insert("#")
		b.shows("c#", "c#!")
		close(release)
		<-answered
		// What the page asks afterwards is answered after the late answer had its turn.
		value[int](b, `fetch("/api/v1/suggest?q=fence").then(r => r.json()).then(() => new Promise(done => setTimeout(() => done(1))))`)
		b.shows("c#", "c#!")
	})

	t.Run("keyboard", func(t *testing.T) {
		b := open(browser, t, webtest.NewSite().Start(t), "/?q=x")
		b.click("#q")
		b.insert("c")
		b.shows("C++", "C++ 面向对象程序设计", "c# <入门>")
		active := func(want string) {
			t.Helper()
			if got := value[string](b, `document.getElementById(document.getElementById("q").getAttribute("aria-activedescendant"))?.querySelector(".option-name").textContent ?? ""`); got != want {
				t.Errorf("active is %q, want %q", got, want)
			}
			if n := value[int](b, `document.querySelectorAll("#suggestions [aria-selected=true]").length`); (n == 1) != (want != "") {
				t.Errorf("%d options are selected", n)
			}
		}
		active("")
		b.press("ArrowDown")
		active("C++")
		b.press("ArrowUp")
		active("")
		b.press("ArrowUp")
		active("c# <入门>")
		b.press("ArrowDown")
		active("")
		b.press("Escape")
		if got := value[string](b, `document.getElementById("q").getAttribute("aria-expanded") + document.getElementById("q").value`); got != "falsexc" {
			t.Errorf("after Escape: %s", got)
		}
		b.press("ArrowDown")
		b.press("ArrowDown")
		active("C++ 面向对象程序设计")
		b.press("Enter")
		b.at("/courses/1")
	})

	t.Run("mouse, marks and what a screen reader hears", func(t *testing.T) {
		b := open(browser, t, webtest.NewSite().Start(t), "/?lang=zh")
		b.click("#q")
		b.insert("c")
		b.shows("C++", "C++ 面向对象程序设计", "c# <入门>")
		if got := value[string](b, `document.querySelector("#suggestion-2 .option-name").innerHTML`); got != "<em>c</em># &lt;入门&gt;" {
			t.Errorf("marks: %s", got)
		}
		for expression, want := range map[string]string{
			`document.getElementById("q").getAttribute("role")`:                "combobox",
			`document.getElementById("q").getAttribute("aria-expanded")`:       "true",
			`document.getElementById("q").getAttribute("aria-controls")`:       "suggestions",
			`document.querySelector("form.box > [role=status]").textContent`:   "有 3 条建议，按上下键选择",
			`document.querySelector("#suggestion-0 .option-kind").textContent`: "机构",
		} {
			if got := value[string](b, expression); got != want {
				t.Errorf("%s is %q, want %q", expression, got, want)
			}
		}
		b.click("#suggestion-0")
		b.at("/orgs/4?lang=zh")
	})

	t.Run("without suggestions the box still searches", func(t *testing.T) {
		s := webtest.NewSite()
		asked := make(chan struct{}, 10)
		s.Searcher.OnSuggest = func(context.Context, string, int) ([]catalog.Suggestion, error) {
			asked <- struct{}{}
			return nil, catalog.Unavailable("Elasticsearch", nil)
		}
		b := open(browser, t, s.Start(t), "/")
		b.click("#q")
		b.insert("C++")
		<-asked
		b.press("Enter")
		b.at("/?q=C%2B%2B")
		if got := b.box(); got != "C++" {
			t.Errorf("the box holds %q", got)
		}
	})
}
