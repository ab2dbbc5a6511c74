package browser

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/xunke/xunke/web/webtest"
)

// TestProposedSynonymsTakeOneClick: one is added as any synonym is, or dismissed for good.
func TestProposedSynonymsTakeOneClick(t *testing.T) {
	s, f := webtest.NewAdminSite()
	s.Admin.Proposals = webtest.Proposals{Curator: f}
	s.Start(t)
	browser := startChromium(t)
	b := open(browser, t, s, "/", chromedp.EmulateViewport(320, 900))
	call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Authorization": webtest.BasicAuth(webtest.AdminPassword)}})
	for _, click := range []struct{ button, at, done, says string }{
		{"#zero .proposal button:first-of-type", "/admin/searches?done=synonym&since=7d&lang=en", "pyhton = 爬虫 & <b>", "synonym is added"},
		{"#zero .proposal button:last-of-type", "/admin/searches?done=dismiss&since=7d&lang=en", "pyhton is not 爬虫 & <b>", "not proposed again"},
	} {
		b.visit("/admin/searches?lang=en")
		if got := value[int64](b, "document.documentElement.scrollWidth"); got > 320 {
			t.Errorf("the page is %d wide on a screen of 320", got)
		}
		if facts := value[string](b, `document.querySelector("#zero .proposal span").textContent`); facts != "爬虫 & <b> close in meaning, 0.91: Python 爬虫 · 网络数据采集" {
			t.Errorf("it says %q", facts)
		}
		b.click(click.button)
		b.at(click.at)
		if got := <-f.Done; got != click.done {
			t.Errorf("the button does %q", got)
		}
		b.until("it says so", `document.querySelector(".notice").textContent.includes("`+click.says+`")`)
	}
}

func TestTheReportInABrowser(t *testing.T) {
	s, f := webtest.NewAdminSite()
	s.Start(t)
	browser := startChromium(t)
	for _, width := range []int64{320, 390, 768, 1280} {
		b := open(browser, t, s, "/", chromedp.EmulateViewport(width, 900))
		call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Authorization": webtest.BasicAuth(webtest.AdminPassword)}})
		for _, lang := range []string{"zh", "en"} {
			b.visit("/admin/searches?lang=" + lang)
			if got := value[int64](b, "document.documentElement.scrollWidth"); got > width {
				t.Errorf("in %s the page is %d wide on a screen of %d", lang, got, width)
			}
		}
		if width != 390 {
			continue
		}
		// The guess is there already: one click mends the query.
		b.click("#zero li:first-child form:first-of-type button")
		b.at("/admin/searches?done=synonym&since=7d&lang=en")
		if got := <-f.Done; got != "pyhton = python" {
			t.Errorf("the first form does %q", got)
		}
		b.until("it says so", `document.querySelector(".notice").textContent.includes("synonym is added")`)
		// A name becomes an item.
		b.click(`#zero li:first-child input[name=item]`)
		b.insert("C+")
		b.until("items are offered", `document.querySelector("#items-0 option")?.value === "org:4 C++"`)
		value[string](b, `document.querySelector("input[name=item]").value = document.querySelector("#items-0 option").value`)
		b.click("#zero li:first-child form:last-of-type button")
		b.at("/admin/searches?done=pin&since=7d&lang=en")
		if got := <-f.Done; got != "pyhton < org:4" {
			t.Errorf("the second form does %q", got)
		}
	}
}
