// Package inbox shows to who develops the mails that would have been sent.
package inbox

import (
	"bytes"
	_ "embed"
	"html/template"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/mail"
)

// Path is where an inbox is shown; with .json behind it, as JSON.
const Path = "/dev/inbox"

//go:embed inbox.html
var inboxTemplate string

var inboxPage = template.Must(template.New("inbox").Funcs(template.FuncMap{
	"lines": func(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") },
	"link": func(line string) bool {
		return strings.HasPrefix(line, "http://") || strings.HasPrefix(line, "https://")
	},
}).Parse(inboxTemplate))

// Mount shows an inbox to operators; for all others there is nothing there.
func Mount(s *httpserver.Server, i *mail.Inbox) {
	s.App().Get(Path, func(c *fiber.Ctx) error {
		if err := httpserver.OperatorsOnly(c); err != nil {
			return err
		}
		var page bytes.Buffer
		if err := inboxPage.Execute(&page, i.Mails()); err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.Send(page.Bytes())
	})
	s.App().Get(Path+".json", func(c *fiber.Ctx) error {
		if err := httpserver.OperatorsOnly(c); err != nil {
			return err
		}
		c.Set(fiber.HeaderCacheControl, "no-store")
		return httpserver.WriteJSON(c, fiber.StatusOK, fiber.MIMEApplicationJSON, i.Mails())
	})
}
