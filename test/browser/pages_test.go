package browser

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
	browser := startChromium(t)

	t.Run("without JavaScript", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		b := open(browser, t, s, "/")
		call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.visit("/")
		b.click("#q")
		b.insert("C#")
		b.click(".box-go")
		b.at("/?q=C%23")
		if got := s.Last(t).Text; got != "C#" {
			t.Errorf("searched for %q", got)
		}
		b.click(`.value[href*="level=beginner"]`)
		b.at("/?q=C%23&type=course&level=beginner")
		b.click(".paging .step")
		b.at("/?q=C%23&type=course&level=beginner&page=2")
		b.click(".row-name a")
		b.at("/courses/1")
	})

	t.Run("lists that are counted when they are opened", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		b := open(browser, t, s, "/")
		b.visit("/?q=C%23&level=beginner&type=course")
		const shown = `document.querySelector('.value[href*="org_id=3"]') !== null`
		if value[bool](b, shown) {
			t.Error("orgs are counted before their list is opened")
		}
		b.until("the module is there", `document.querySelector(".filters").dataset.ready !== undefined`)
		b.click(`.facet-open[href*="facets=org_id"]`)
		b.until("the list opens", shown)
		b.at("/?q=C%23&level=beginner&type=course")
		if got := s.Last(t); got.Text != "C#" || got.PerPage != 1 || !slices.Equal(got.Facets, []catalog.Facet{catalog.FacetOrg}) {
			t.Errorf("asked for %+v", got)
		}
		b.click(`.value[href*="org_id=3"]`)
		b.at("/?q=C%23&type=course&level=beginner&org_id=3")
		b.until("what is chosen is shown", `document.querySelector('.chosen[href]:not([href*="org_id"])') !== null`)

		call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.visit("/?q=C%23")
		b.click(`.facet-open[href*="facets=org_id"]`)
		b.at("/?q=C%23&facets=org_id")
		b.click(`.value[href*="org_id=3"]`)
		b.at("/?q=C%23&type=course&org_id=3")
	})

	t.Run("C++ survives every link", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		b := open(browser, t, s, "/")
		b.click("#q")
		b.insert("C++")
		b.press("Enter")
		b.at("/?q=C%2B%2B")
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
			b.click(step.click)
			b.at(step.want)
			if got, asked := b.box(), s.Last(t).Text; got != "C++" || asked != "C++" {
				t.Fatalf("at %s the box holds %q and %q was asked", step.want, got, asked)
			}
		}
		// A tag whose name has signs that addresses give a meaning.
		b.click(`.row .tag[href*="C%23"]`)
		b.at("/?type=course&tag=C%23")
		if got := s.Last(t).Filters[catalog.FacetTag]; len(got) != 1 || got[0] != "C#" {
			t.Errorf("asked for tag %q", got)
		}
	})

	t.Run("English and back", func(t *testing.T) {
		b := open(browser, t, webtest.NewSite().Start(t), "/?lang=zh")
		b.click(".top-nav a")
		b.at("/?lang=en")
		if got := value[string](b, "document.documentElement.lang + document.querySelector('h1').textContent"); got != "enWhat would you like to learn?" {
			t.Errorf("the English page says %q", got)
		}
		b.visit("/courses/1") // the choice is remembered where the address says nothing
		if got := value[string](b, "document.documentElement.lang"); got != "en" {
			t.Errorf("the next page is in %q", got)
		}
		b.click(".top-nav a")
		b.at("/courses/1?lang=zh")
		b.until("Chinese again", "document.documentElement.lang === 'zh-CN'")
	})

	t.Run("nothing scrolls sideways on a phone", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		for _, width := range []int64{320, 390, 768} {
			b := open(browser, t, s, "/", chromedp.EmulateViewport(width, 800, chromedp.EmulateMobile))
			for _, path := range webtest.EveryPage {
				for _, lang := range []string{"zh", "en"} {
					b.visit(inLanguage(path, lang))
					if got := value[int64](b, "document.documentElement.scrollWidth"); got > width {
						wide := value[string](b, fmt.Sprintf(`[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > %d && !e.closest(".swipe, .subjects, .tabs, .sorts")).map(e => e.className || e.localName).slice(0, 5).join(" ")`, width))
						t.Errorf("%s in %s is %d wide on a screen of %d (%s)", path, lang, got, width, wide)
					}
				}
			}
			b.visit("/?q=x")
			b.click("#q")
			b.insert("c")
			b.until("suggestions", `!document.getElementById("suggestions").hidden`)
			if got := value[int64](b, "document.documentElement.scrollWidth"); got > width {
				t.Errorf("with suggestions the page is %d wide on a screen of %d", got, width)
			}
		}
	})

	t.Run("the filter sheet of a phone", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		b := open(browser, t, s, "/", chromedp.EmulateViewport(390, 800, chromedp.EmulateMobile))
		b.visit("/?q=C%2B%2B&type=course")
		visible := `getComputedStyle(document.getElementById("filters")).display !== "none"`
		if value[bool](b, visible) {
			t.Error("the sheet is open before it was asked for")
		}
		b.click(".filters-open")
		b.until("the sheet opens", visible)
		b.until("the focus moves in", `document.getElementById("filters").contains(document.activeElement)`)
		b.click(`.value[href*="level=beginner"]`)
		b.at("/?q=C%2B%2B&type=course&level=beginner")
		b.until("the sheet stays open", visible)
		b.click(`.value[href*="level=advanced"]`)
		b.at("/?q=C%2B%2B&type=course&level=beginner&level=advanced")
		b.until("the module is there", `document.activeElement.closest("#filters") !== null`)
		b.press("Escape")
		b.until("the sheet closes", "!("+visible+")")
	})

	t.Run("views and clicks are reported", func(t *testing.T) {
		s := webtest.NewSite().Start(t)
		b := open(browser, t, s, "/?q=C%2B%2B&type=course&page=2")
		b.click(".rows li:nth-child(2) .row-name a")
		b.at("/courses/2")
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
		b := open(browser, t, webtest.NewSite().Start(t), "/?q=C%2B%2B")
		b.press("Tab")
		if got := value[string](b, "document.activeElement.className"); got != "skip" {
			t.Errorf("the first stop is %q, not the way to the content", got)
		}
		call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "/", Code: "Slash", Text: "/"})
		if got := value[string](b, "document.activeElement.id"); got != "q" {
			t.Errorf("/ leads to %q, not to the search box", got)
		}
		if got := b.box(); got != "C++" {
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
