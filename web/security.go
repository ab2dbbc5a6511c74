package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	securityPath = "/.well-known/security.txt"
	// securityValid is how long a copy of security.txt may be relied on. RFC 9116 recommends
	// less than a year.
	securityValid = 90 * 24 * time.Hour
)

// security answers whom to tell of a weakness (RFC 9116).
func (p *pages) security(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	return c.SendString(securityText(p.SecurityContact, p.PublicURL, time.Now()))
}

// securityText is the content of security.txt: contact is an e-mail address or the URL of a page.
func securityText(contact, publicURL string, now time.Time) string {
	if !strings.HasPrefix(contact, "https://") {
		contact = "mailto:" + contact
	}
	text := fmt.Sprintf("Contact: %s\nExpires: %s\nPreferred-Languages: zh, en\n", contact,
		now.UTC().Truncate(24*time.Hour).Add(securityValid).Format(time.RFC3339))
	if publicURL != "" {
		text += "Canonical: " + publicURL + securityPath + "\n"
	}
	return text
}
