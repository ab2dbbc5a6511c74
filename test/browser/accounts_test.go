package browser

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/internal/mail"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/outbox"
	"github.com/xunke/xunke/web/webtest"
)

// siteWithAccounts keeps accounts in a real MySQL; mails go to an inbox.
func siteWithAccounts(t *testing.T) (*webtest.Site, *mail.Inbox) {
	t.Helper()
	db, log, inbox := testenv.MySQL(t, testenv.Config(t)), slog.New(slog.DiscardHandler), &mail.Inbox{}
	service := &accounts.Service{
		Store: store.NewAccounts(db), Hasher: accounts.NewHasher(accounts.StandardParams(), 2), Log: log,
		Options: accounts.Options{SessionIdle: time.Hour, SessionMax: time.Hour, CodeLife: accounts.CodeLife},
	}
	s := webtest.NewSite()
	s.Accounts = service
	s.Start(t)
	service.Options.PagesURL = s.Base
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = outbox.NewWorker(store.NewOutbox(db), service.Handlers(inbox), log).Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-ended })
	return s, inbox
}

// mailed waits for the newest of so many mails and returns the link in it.
func mailed(t *testing.T, inbox *mail.Inbox, count int) string {
	t.Helper()
	link := ""
	testenv.Eventually(t, time.Minute, "a mail", func() (bool, string) {
		mails := inbox.Mails()
		if len(mails) != count {
			return false, fmt.Sprintf("%d mails", len(mails))
		}
		for line := range strings.Lines(mails[0].Text) {
			if strings.HasPrefix(line, "http") {
				link = strings.TrimSpace(line)
			}
		}
		return link != "", mails[0].Text
	})
	return link
}

// fill types into a field, in the place of what is there.
func (b *tab) fill(id, text string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS("#" + id)))
	value[bool](b, fmt.Sprintf(`document.getElementById(%q).value = "", true`, id))
	b.insert(text)
}

// submit presses the button of the form that a field is in.
func (b *tab) submit(id string) {
	b.t.Helper()
	b.click(fmt.Sprintf(`form:has(#%s) > button[type=submit]`, id))
}

// TestALearnerInABrowser goes all the way on a phone, with scripts and without.
func TestALearnerInABrowser(t *testing.T) {
	s, inbox := siteWithAccounts(t)
	browser := startChromium(t)
	for i, hasScripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", hasScripts), func(t *testing.T) {
			b := open(browser, t, s, "/?lang=zh", chromedp.EmulateViewport(390, 844))
			if !hasScripts {
				call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			}
			fits := func(where string) {
				t.Helper()
				if width := value[int64](b, "document.documentElement.scrollWidth"); width > 390 {
					t.Errorf("%s is %d wide on a screen of 390", where, width)
				}
			}
			email := fmt.Sprintf("learner%d@school.example", i)
			b.visit("/register")
			fits("the registration")
			b.fill("register-email", email)
			b.fill("register-password", "woaini1314520")
			b.submit("register-email")
			b.until("what is wrong", `document.querySelector("#register-password-wrong")?.textContent.includes("太容易猜到")`)
			b.until("the focus is where it is wrong", `document.activeElement.id === "register-password"`)
			if kept := value[string](b, `document.getElementById("register-email").value`); kept != email {
				t.Errorf("of the address %q is left", kept)
			}
			fits("a refused registration")
			b.fill("register-password", "thirteen lanterns drift")
			b.submit("register-email")
			b.at("/register?done=sent")

			link := mailed(t, inbox, i+1)
			code := link[strings.LastIndex(link, "=")+1:]
			b.do(chromedp.Navigate(link))
			if hasScripts {
				b.until("the code is in the form", fmt.Sprintf(`document.getElementById("activate-code").value === %q && location.hash === ""`, code))
			} else {
				b.fill("activate-code", code)
			}
			b.submit("activate-code")
			b.at("/login?done=activated")

			b.fill("login-email", email)
			b.fill("login-password", "a wrong password")
			b.submit("login-email")
			b.until("it is refused", `document.querySelector(".form .notice")?.textContent.includes("不匹配")`)
			if hasScripts {
				b.fill("login-password", "thirteen lanterns drift")
				b.click(".form-show")
				b.until("the password is shown", `document.getElementById("login-password").type === "text"`)
			} else {
				b.fill("login-password", "thirteen lanterns drift")
			}
			b.submit("login-email")
			b.at("/me")
			fits("the profile")
			b.fill("profile-nickname", "小明")
			b.submit("profile-nickname")
			b.at("/me?done=saved")
			b.until("the name", `document.querySelector(".me-head h1").textContent === "小明"`)
			b.visit("/courses/42")
			called := "我的"
			if hasScripts {
				called = "小明"
			}
			b.until("who is logged in", fmt.Sprintf(`document.getElementById("who").textContent === %q`, called))
			fits("a course")
			for _, path := range []string{"/me/security", "/me/data"} {
				b.visit(path)
				fits(path)
			}
			b.click(".me-out button")
			b.at("/login?done=out")
			b.visit("/me")
			b.at("/login")
		})
	}
}
