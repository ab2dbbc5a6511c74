package httpserver

import "github.com/gofiber/fiber/v2"

// Body is the body of a request. Every handler that takes a body reads it here or, from a
// form, by FormValue.
func Body(c *fiber.Ctx) []byte { return c.Body() }

// FormValue is a field of the form in a request's body.
func FormValue(c *fiber.Ctx, name string) string { return c.FormValue(name) }
