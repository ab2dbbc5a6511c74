package httpserver

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

// Limiter bounds how often somebody does something.
type Limiter interface {
	// Take notes that who does it and returns 0, or returns how long who has to wait.
	Take(ctx context.Context, who string) time.Duration
}

// TakeTurn lets the network that a request comes from do something once more, or is an
// error of CodeTooMany. A nil limiter is no limit.
func TakeTurn(c *fiber.Ctx, l Limiter) error {
	if l == nil {
		return nil
	}
	if wait := l.Take(c.UserContext(), Network(c)); wait > 0 {
		return catalog.TooMany(wait)
	}
	return nil
}
