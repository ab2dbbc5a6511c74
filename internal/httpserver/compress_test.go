package httpserver

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"
	brotli "github.com/molecule-man/go-brrr"
)

// long is an answer that is worth being compressed.
var long = strings.Repeat(`{"name": "寻课"} `, 100)

// askFor asks for an answer in the codings of a header Accept-Encoding.
func askFor(t *testing.T, s *Server, method, accepted string, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, "/asked/x", nil)
	if accepted != "" {
		r.Header.Set("Accept-Encoding", accepted)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return do(t, s, r)
}

// unpack is the body of an answer as it was before it was compressed.
func unpack(t *testing.T, a answer) string {
	t.Helper()
	var r io.Reader = strings.NewReader(a.body)
	switch coding := a.header.Get("Content-Encoding"); coding {
	case "":
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		var err error
		if r, err = gzip.NewReader(r); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf("coding %s", coding)
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	return body.String()
}

func TestTheCodingIsTheClientsChoice(t *testing.T) {
	s := (&fixture{asked: func(c *fiber.Ctx) error {
		return c.Type("json", "utf-8").SendString(long)
	}}).server(t)
	for accepted, want := range map[string]string{
		"":                               "",
		"identity":                       "",
		"deflate, zstd":                  "",
		"gzip":                           "gzip",
		"x-gzip":                         "gzip",
		"GZIP":                           "gzip",
		"gzip, deflate, br, zstd":        "br",
		"gzip;q=1.0, br;q=0.5":           "gzip",
		"gzip; q=0.5 , br; q=0.8":        "br",
		"br;q=0, gzip":                   "gzip",
		"br;q=0, gzip;q=0":               "",
		"*":                              "br",
		"br;q=0, *":                      "gzip",
		"*;q=0":                          "",
		"*;q=0, gzip":                    "gzip",
		"identity, gzip;q=0.5":           "",
		"identity;q=0.1, gzip;q=0.5":     "gzip",
		"gzip;q=nonsense":                "",
		"gzip;q=2":                       "",
		"gzip;q=NaN":                     "",
		"brotli":                         "",
		"gzip;level=9":                   "gzip",
		", ,;,":                          "",
		strings.Repeat("x,", 500) + "br": "br",
	} {
		a := askFor(t, s, http.MethodGet, accepted)
		if got := a.header.Get("Content-Encoding"); got != want {
			t.Errorf("%q is answered with coding %q, want %q", accepted, got, want)
		}
		if a.status != http.StatusOK || unpack(t, a) != long || a.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: status %d, Vary %q, %d bytes", accepted, a.status, a.header.Get("Vary"), len(a.body))
		}
		if (len(a.body) < len(long)) != (want != "") {
			t.Errorf("%q: %d bytes", accepted, len(a.body))
		}
	}
}

func TestWhatIsNotCompressed(t *testing.T) {
	for name, send := range map[string]fiber.Handler{
		"what is small":              func(c *fiber.Ctx) error { return c.Type("json").SendString(long[:compressFrom-1]) },
		"what is compressed already": func(c *fiber.Ctx) error { c.Set("Content-Encoding", "zstd"); return c.Type("json").SendString(long) },
		"an image":                   func(c *fiber.Ctx) error { return c.Type("png").SendString(long) },
		"what compression makes larger": func(c *fiber.Ctx) error {
			random := make([]byte, 2*compressFrom)
			_, _ = rand.Read(random)
			return c.Type("json").Send(random)
		},
		"what a handler wants plain": func(c *fiber.Ctx) error { LeaveUncompressed(c); return c.Type("json").SendString(long) },
		"a refusal":                  func(c *fiber.Ctx) error { return c.Type("html").Status(http.StatusUnauthorized).SendString(long) },
	} {
		var sent string
		s := (&fixture{asked: func(c *fiber.Ctx) error {
			err := send(c)
			sent = string(c.Response().Body())
			return err
		}}).server(t)
		if a := askFor(t, s, http.MethodGet, "br, gzip"); a.body != sent {
			t.Errorf("%s is sent with coding %q", name, a.header.Get("Content-Encoding"))
		}
	}
}

func TestWhatDependsOnWhoAsksIsNotCompressed(t *testing.T) {
	f := &fixture{asked: func(c *fiber.Ctx) error {
		if _, err := PrincipalOf(c); err != nil {
			return err
		}
		return c.Type("html", "utf-8").SendString(long + FormToken(c))
	}}
	f.config.Authenticators = []Authenticator{NewAdminPassword("a password", GuessLimits{})}
	s := f.server(t)
	auth := httptest.NewRequest(http.MethodGet, "/", nil)
	auth.SetBasicAuth("admin", "a password")
	if a := askFor(t, s, http.MethodGet, "br, gzip", "Authorization", auth.Header.Get("Authorization")); a.status != http.StatusOK || len(a.body) <= len(long) || a.header.Get("Content-Encoding") != "" {
		t.Errorf("an admin's page with its token: %d, coding %q, %d bytes", a.status, a.header.Get("Content-Encoding"), len(a.body))
	}
	if a := askFor(t, s, http.MethodGet, "br, gzip"); unpack(t, a) != long || a.header.Get("Content-Encoding") != "br" {
		t.Errorf("the same page for anybody: %d, coding %q", a.status, a.header.Get("Content-Encoding"))
	}
	if a := askFor(t, s, http.MethodPost, "br, gzip"); a.body != long {
		t.Errorf("the answer to a form: %d, coding %q", a.status, a.header.Get("Content-Encoding"))
	}
}

func TestTagsOfCompressedAnswersAreWeak(t *testing.T) {
	for tag, want := range map[string]string{`"abc"`: `W/"abc"`, `W/"abc"`: `W/"abc"`} {
		s := (&fixture{asked: func(c *fiber.Ctx) error {
			c.Set(fiber.HeaderETag, tag)
			if TagMatches(c, tag) {
				return c.SendStatus(http.StatusNotModified)
			}
			return c.Type("json").SendString(long)
		}}).server(t)
		a := askFor(t, s, http.MethodGet, "gzip")
		if got := a.header.Get("ETag"); got != want {
			t.Errorf("%s becomes %s, want %s", tag, got, want)
		}
		if a := askFor(t, s, http.MethodGet, ""); a.header.Get("ETag") != tag || a.body != long {
			t.Errorf("%s becomes %s uncompressed", tag, a.header.Get("ETag"))
		}
		b := askFor(t, s, http.MethodGet, "gzip", "If-None-Match", a.header.Get("ETag"))
		if b.status != http.StatusNotModified || b.body != "" || b.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("asked again with the tag: %d, %d bytes, Vary %q", b.status, len(b.body), b.header.Get("Vary"))
		}
	}
}

func TestHeadTellsOfTheCompressedAnswer(t *testing.T) {
	s := (&fixture{asked: func(c *fiber.Ctx) error { return c.Type("html").SendString(long) }}).server(t)
	whole, head := askFor(t, s, http.MethodGet, "br"), askFor(t, s, http.MethodHead, "br")
	for _, name := range []string{"Content-Length", "Content-Encoding", "Vary"} {
		if got, want := head.header.Get(name), whole.header.Get(name); got == "" || got != want {
			t.Errorf("%s: %q, and %q with GET", name, got, want)
		}
	}
	if head.body != "" {
		t.Errorf("%d bytes of a body", len(head.body))
	}
}
