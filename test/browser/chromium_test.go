package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/xunke/xunke/web/webtest"
)

// patience is how long a test waits for a condition: it says how slow a machine may be,
// not how fast pages are.
const patience = 60 * time.Second

// startChromium starts a browser for a test. It never skips: page tests need one.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("XUNKE_TEST_CHROMIUM")
	if path == "" {
		var err error
		if path, err = exec.LookPath("chromium"); err != nil {
			t.Fatal("there is no chromium on PATH: install it (apt-get install chromium) or name it in XUNKE_TEST_CHROMIUM")
		}
	}
	allocator, freed := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"), // a person's
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
	)
	ctx, closed := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("stop chromium: %v", err)
		}
		closed()
		freed()
		chromedp.FromContext(ctx).Allocator.Wait()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return ctx
}

// tab is one tab, with cookies of its own.
type tab struct {
	t    *testing.T
	ctx  context.Context // chromedp keeps a tab in its context
	base string
}

// open opens a tab on a page of a site. Whatever the browser complains about (a policy
// that was broken, a script that failed) fails the test.
func open(browser context.Context, t *testing.T, s *webtest.Site, path string, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	b := &tab{t: t, ctx: ctx, base: s.Base}
	// The tab lives as long as the context of its first call, so that one has no bound.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	b.do(chromedp.EmulateViewport(1280, 900))
	if err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("a script failed: %s", e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			// A page that is not there is what some tests look at.
			if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
				t.Errorf("the browser complains: %s", e.Entry.Text)
			}
		}
	}); err != nil {
		t.Fatalf("listen to the browser: %v", err)
	}
	b.do(before...)
	b.visit(path)
	return b
}

// do runs steps, bounded.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("drive the browser: %v", err)
	}
}

// call sends a command to the tab.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Call(ctx, command, params); err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
}

// value evaluates an expression in the page.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

// visit goes to a path of the site and waits until the page with its modules is there.
func (b *tab) visit(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// until waits for an expression to be true. While a page gives way to the next there is
// none to ask, which is no failure.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	last := "never asked"
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		if err == nil && ok {
			return
		}
		if ctx.Err() == nil {
			last = fmt.Sprintf("%v, %v", ok, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.t.Fatalf("%s: %s was not true in time (%s)", what, expression, last)
		}
	}
}

// at waits for the page with an address to be there whole.
func (b *tab) at(address string) {
	b.t.Helper()
	b.until("go to "+address, fmt.Sprintf("location.pathname + location.search === %q && document.readyState === 'complete'", address))
}

// click clicks the first element that a selector names.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// compose is an input method that shows text which it has not settled yet.
func (b *tab) compose(text string) {
	b.t.Helper()
	n := int64(len([]rune(text)))
	call(b, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: n, SelectionEnd: n})
}

// insert is an input method that settles text, or someone who pastes it.
func (b *tab) insert(text string) {
	b.t.Helper()
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// keys that have no text.
var keyCodes = map[string]int64{"Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "Tab": 9}

// press presses and lets go of a key.
func (b *tab) press(key string) {
	b.t.Helper()
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: key, Code: key, WindowsVirtualKeyCode: keyCodes[key]}
	if key == "Enter" {
		down.Type, down.Text, down.UnmodifiedText = input.DispatchKeyEventTypeKeyDown, "\r", "\r"
	}
	up := down
	up.Type, up.Text, up.UnmodifiedText = input.DispatchKeyEventTypeKeyUp, "", ""
	call(b, input.DispatchKeyEvent, down)
	call(b, input.DispatchKeyEvent, up)
}

// pressWhileComposing presses a key that goes to the input method: the page hears of it
// with the code 229.
func (b *tab) pressWhileComposing(key string) {
	b.t.Helper()
	call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Key: key, Code: key, WindowsVirtualKeyCode: 229,
	})
}

// box is what stands in the search box.
func (b *tab) box() string {
	b.t.Helper()
	return value[string](b, `document.getElementById("q").value`)
}

// shows waits until the suggestions are exactly these.
func (b *tab) shows(names ...string) {
	b.t.Helper()
	b.until("suggestions", fmt.Sprintf(
		`!document.getElementById("suggestions").hidden && [...document.querySelectorAll("#suggestions .option-name")].map(e => e.textContent).join("|") === %q`,
		strings.Join(names, "|")))
}
