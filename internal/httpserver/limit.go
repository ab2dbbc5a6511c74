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

// Budget bounds how much somebody asks for.
type Budget interface {
	// TakeMany notes that who asks for so much and returns 0, or returns how long who has to
	// wait.
	TakeMany(ctx context.Context, who string, count int) time.Duration
}

// Spend lets the network that a request comes from ask for so much more, or is an error of
// CodeTooMany. A nil budget has no end, and what costs nothing is not counted.
func Spend(c *fiber.Ctx, b Budget, price int) error {
	if b == nil || price <= 0 {
		return nil
	}
	if wait := b.TakeMany(c.UserContext(), Network(c), price); wait > 0 {
		return catalog.TooMany(wait)
	}
	return nil
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
