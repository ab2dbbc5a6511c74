package httpserver

import (
	"github.com/gofiber/fiber/v2"
)

// Body is the body of a request as it was sent, at most bodyLimit bytes. Every handler
// that takes a body reads it here or, from a form, by FormValue: Fiber's and fasthttp's own
// readers unpack a body first, and what it is when unpacked has no limit.
func Body(c *fiber.Ctx) []byte { return c.BodyRaw() }

// FormValue is a field of the form in a request's body, which browsers send as
// application/x-www-form-urlencoded. It is empty for any other body.
func FormValue(c *fiber.Ctx, name string) string {
	return string(c.Context().PostArgs().Peek(name))
}

// refusePacked is an error for a body that would have to be unpacked. No client needs to
// pack 64 KB, and a few of these unpack to gigabytes.
func refusePacked(c *fiber.Ctx) error {
	if len(c.Request().Header.PeekAll(fiber.HeaderContentEncoding)) == 0 {
		return nil
	}
	c.Set(fiber.HeaderAcceptEncoding, "identity") // says what is taken (RFC 9110, section 15.5.16)
	return fiber.NewError(fiber.StatusUnsupportedMediaType, "the body has to be sent as it is, without Content-Encoding")
}
