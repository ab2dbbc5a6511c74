package web_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

func TestPagesInABrowser(t *testing.T) {
	browser := webtest.Chromium(t)

	t.Run("without JavaScript", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		b := webtest.Open(browser, t, s, "/")
		webtest.Call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.Visit("/")
		b.Click("#q")
		b.Insert("C#")
		b.Click(".box-go")
		b.At("/?q=C%23")
		if got := s.Last(t).Text; got != "C#" {
			t.Errorf("searched for %q", got)
		}
		b.Click(`.value[href*="level=beginner"]`)
		b.At("/?q=C%23&type=course&level=beginner")
		b.Click(".paging .step")
		b.At("/?q=C%23&type=course&level=beginner&page=2")
		b.Click(".row-name a")
		b.At("/courses/1")
	})

	t.Run("lists that are counted when they are opened", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		b := webtest.Open(browser, t, s, "/")
		b.Visit("/?q=C%23&level=beginner&type=course")
		const shown = `document.querySelector('.value[href*="org_id=3"]') !== null`
		if webtest.Value[bool](b, shown) {
			t.Error("orgs are counted before their list is opened")
		}
		b.Until("the module is there", `document.querySelector(".filters").dataset.ready !== undefined`)
		b.Click(`.facet-open[href*="facets=org_id"]`)
		b.Until("the list opens", shown)
		b.At("/?q=C%23&level=beginner&type=course")
		if got := s.Last(t); got.Text != "C#" || got.PerPage != 1 || !slices.Equal(got.Facets, []catalog.Facet{catalog.FacetOrg}) {
			t.Errorf("asked for %+v", got)
		}
		b.Click(`.value[href*="org_id=3"]`)
		b.At("/?q=C%23&type=course&level=beginner&org_id=3")
		b.Until("what is chosen is shown", `document.querySelector('.chosen[href]:not([href*="org_id"])') !== null`)

		webtest.Call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.Visit("/?q=C%23")
		b.Click(`.facet-open[href*="facets=org_id"]`)
		b.At("/?q=C%23&facets=org_id")
		b.Click(`.value[href*="org_id=3"]`)
		b.At("/?q=C%23&type=course&org_id=3")
	})

	t.Run("C++ survives every link", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		b := webtest.Open(browser, t, s, "/")
		b.Click("#q")
		b.Insert("C++")
		b.Press("Enter")
		b.At("/?q=C%2B%2B")
		for _, step := range []struct{ click, want string }{
			{".tabs a:nth-child(2)", "/?q=C%2B%2B&type=course"},
			{`.value[href*="level=advanced"]`, "/?q=C%2B%2B&type=course&level=advanced"},
			{".sorts a:nth-child(3)", "/?q=C%2B%2B&type=course&level=advanced&sort=students"},
			{".paging .step[rel=next]", "/?q=C%2B%2B&type=course&level=advanced&sort=students&page=2"},
			{`.value[href*="city="]`, "/?q=C%2B%2B&type=course&level=advanced&city=%E7%94%B2&sort=students"},
			{".chip", "/?q=C%2B%2B&type=course&city=%E7%94%B2&sort=students"},
			{".box-go", "/?q=C%2B%2B&type=course"},
			{".tabs a:nth-child(1)", "/?q=C%2B%2B"},
		} {
			b.Click(step.click)
			b.At(step.want)
			if got, asked := b.Box(), s.Last(t).Text; got != "C++" || asked != "C++" {
				t.Fatalf("at %s the box holds %q and %q was asked", step.want, got, asked)
			}
		}
		// A tag whose name has signs that addresses give a meaning.
		b.Click(`.row .tag[href*="C%23"]`)
		b.At("/?type=course&tag=C%23")
		if got := s.Last(t).Filters[catalog.FacetTag]; len(got) != 1 || got[0] != "C#" {
			t.Errorf("asked for tag %q", got)
		}
	})

	t.Run("English and back", func(t *testing.T) {
		b := webtest.Open(browser, t, webtest.NewSite().Start(t), "/?lang=zh")
		b.Click(".top-nav a")
		b.At("/?lang=en")
		if got := webtest.Value[string](b, "document.documentElement.lang + document.querySelector('h1').textContent"); got != "enWhat would you like to learn?" {
			t.Errorf("the English page says %q", got)
		}
		b.Visit("/courses/1") // the choice is remembered where the address says nothing
		if got := webtest.Value[string](b, "document.documentElement.lang"); got != "en" {
			t.Errorf("the next page is in %q", got)
		}
		b.Click(".top-nav a")
		b.At("/courses/1?lang=zh")
		b.Until("Chinese again", "document.documentElement.lang === 'zh-CN'")
	})

	t.Run("nothing scrolls sideways on a phone", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		for _, width := range []int64{320, 390, 768} {
			b := webtest.Open(browser, t, s, "/", chromedp.EmulateViewport(width, 800, chromedp.EmulateMobile))
			for _, path := range everyPage {
				for _, lang := range []string{"zh", "en"} {
					b.Visit(inLanguage(path, lang))
					if got := webtest.Value[int64](b, "document.documentElement.scrollWidth"); got > width {
						wide := webtest.Value[string](b, fmt.Sprintf(`[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > %d && !e.closest(".swipe, .subjects, .tabs, .sorts")).map(e => e.className || e.localName).slice(0, 5).join(" ")`, width))
						t.Errorf("%s in %s is %d wide on a screen of %d (%s)", path, lang, got, width, wide)
					}
				}
			}
			b.Visit("/?q=x")
			b.Click("#q")
			b.Insert("c")
			b.Until("suggestions", `!document.getElementById("suggestions").hidden`)
			if got := webtest.Value[int64](b, "document.documentElement.scrollWidth"); got > width {
				t.Errorf("with suggestions the page is %d wide on a screen of %d", got, width)
			}
		}
	})

	t.Run("the filter sheet of a phone", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		b := webtest.Open(browser, t, s, "/", chromedp.EmulateViewport(390, 800, chromedp.EmulateMobile))
		b.Visit("/?q=C%2B%2B&type=course")
		visible := `getComputedStyle(document.getElementById("filters")).display !== "none"`
		if webtest.Value[bool](b, visible) {
			t.Error("the sheet is open before it was asked for")
		}
		b.Click(".filters-open")
		b.Until("the sheet opens", visible)
		b.Until("the focus moves in", `document.getElementById("filters").contains(document.activeElement)`)
		b.Click(`.value[href*="level=beginner"]`)
		b.At("/?q=C%2B%2B&type=course&level=beginner")
		b.Until("the sheet stays open", visible)
		b.Click(`.value[href*="level=advanced"]`)
		b.At("/?q=C%2B%2B&type=course&level=beginner&level=advanced")
		b.Until("the module is there", `document.activeElement.closest("#filters") !== null`)
		b.Press("Escape")
		b.Until("the sheet closes", "!("+visible+")")
	})

	t.Run("views and clicks are reported", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		b := webtest.Open(browser, t, s, "/?q=C%2B%2B&type=course&page=2")
		b.Click(".rows li:nth-child(2) .row-name a")
		b.At("/courses/2")
		click, view := <-s.Recorded, <-s.Recorded
		if click.Type == "view" {
			click, view = view, click // the browser sends them on its own time
		}
		if click.Type != "click" || click.Item != (catalog.Key{Kind: catalog.KindCourse, ID: 2}) || click.SearchID != "search-1" || click.Position != 12 {
			t.Errorf("click %+v", click)
		}
		if view.Type != "view" || view.Item != (catalog.Key{Kind: catalog.KindCourse, ID: 2}) {
			t.Errorf("view %+v", view)
		}
	})

	t.Run("the keyboard gets around", func(t *testing.T) {
		b := webtest.Open(browser, t, webtest.NewSite().Start(t), "/?q=C%2B%2B")
		b.Press("Tab")
		if got := webtest.Value[string](b, "document.activeElement.className"); got != "skip" {
			t.Errorf("the first stop is %q, not the way to the content", got)
		}
		webtest.Call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "/", Code: "Slash", Text: "/"})
		if got := webtest.Value[string](b, "document.activeElement.id"); got != "q" {
			t.Errorf("/ leads to %q, not to the search box", got)
		}
		if got := b.Box(); got != "C++" {
			t.Errorf("/ changed the box to %q", got)
		}
	})
}

func inLanguage(path, lang string) string {
	separator := "?"
	for _, r := range path {
		if r == '?' {
			separator = "&"
		}
	}
	return path + separator + "lang=" + lang
}
