package httpserver_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/internal/httpserver"
)

func TestFromBot(t *testing.T) {
	app := fiber.New()
	var bot bool
	app.Get("/", func(c *fiber.Ctx) error {
		bot = httpserver.FromBot(c)
		return nil
	})
	for agent, want := range map[string]bool{
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                                  true,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0 Safari/537.36": true,
		"WhatsApp/2.23.20.0 A": true, "WhatsApp/2.2413.1 W": true, "Baiduspider": true, "Mozilla/5.0 PhantomJS/2.1.1": true,
		"Mozilla/5.0 (Windows NT 10.0) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com":                                   true,
		"Mozilla/5.0 (Linux; Android 14; CUBOT P80) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36":                             false,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.49":             false,
		"Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 Version/4.0 Chrome/126.0 Mobile Safari/537.36 [WhatsApp;FB]": false,
		"curl/8.5.0": false, "": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("User-Agent", agent)
		answer, err := app.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
		if bot != want {
			t.Errorf("%q is a bot: %v, want %v", agent, bot, want)
		}
	}
}
