package httpserver

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"
	brotli "github.com/molecule-man/go-brrr"
)

// Coding is a content coding that answers are compressed with.
type Coding string

// The codings. What says neither takes the answer as it is.
const (
	Brotli Coding = "br"
	Gzip   Coding = "gzip"
)

// Levels of compression, of either coding.
const (
	// AnswerLevel is for what somebody waits for. A page of results of 16 KB takes half a
	// millisecond and becomes a fifth; the levels above take longer for a few bytes.
	AnswerLevel = 5
	// FileLevel is for what is compressed once and sent many times.
	FileLevel = 9
)

// compressFrom is the size in bytes from which an answer is compressed: a smaller one fits
// into one packet as it is.
const compressFrom = 1 << 10

// compressible are the media types that compression makes smaller, without parameters.
var compressible = map[string]bool{
	"text/html": true, "text/plain": true, "text/css": true, "text/javascript": true,
	fiber.MIMEApplicationJSON: true, ProblemType: true, "image/svg+xml": true,
}

// CodingOf is the coding that a request likes best by its header Accept-Encoding (RFC 9110,
// section 12.5.3); empty: none. Brotli makes answers smaller and wins a tie.
func CodingOf(c *fiber.Ctx) Coding {
	w := weightsOf(c)
	br, zipped := w.of("br", "*"), w.of("gzip", "x-gzip", "*")
	switch best := max(br, zipped); {
	case best == 0 || best < w.of("identity"):
		return ""
	case br == best:
		return Brotli
	default:
		return Gzip
	}
}

// acceptsGzip says whether a request takes gzip, though it may like another coding better.
func acceptsGzip(c *fiber.Ctx) bool { return weightsOf(c).of("gzip", "x-gzip", "*") > 0 }

// weights are what a header Accept-Encoding gives to codings.
type weights map[string]float64

func weightsOf(c *fiber.Ctx) weights {
	lines := c.Request().Header.PeekAll(fiber.HeaderAcceptEncoding)
	if len(lines) == 0 {
		return nil
	}
	w := weights{}
	for _, line := range lines {
		for part := range strings.SplitSeq(string(line), ",") {
			name, parameters, _ := strings.Cut(part, ";")
			w[strings.ToLower(strings.TrimSpace(name))] = weightOf(parameters)
		}
	}
	return w
}

// of is the weight of the first of the names that has one.
func (w weights) of(names ...string) float64 {
	for _, name := range names {
		if weight, ok := w[name]; ok {
			return weight
		}
	}
	return 0
}

// weightOf reads the parameter q: 1 where it is absent, and 0, which means no, where it
// is not a number from 0 to 1.
func weightOf(parameters string) float64 {
	name, value, ok := strings.Cut(strings.TrimSpace(parameters), "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}

// LeaveUncompressed has an answer sent as it is, whatever its client takes. It is for what
// holds a secret or personal data: where those and a stranger's text are compressed
// together, the size of the answer tells of them (BREACH).
func LeaveUncompressed(c *fiber.Ctx) {
	if r := requestOf(c); r != nil {
		r.plain = true
	}
}

// compress sends an answer compressed where its client takes that. Answers to what is sent
// by POST are not compressed: they may hold what somebody has typed into a form.
func compress(c *fiber.Ctx) {
	answer := c.Response()
	status := answer.StatusCode()
	if status == http.StatusNotModified {
		c.Vary(fiber.HeaderAcceptEncoding) // says what the answer would have said (RFC 9110, section 15.4.5)
		return
	}
	if method := c.Method(); method != http.MethodGet && method != http.MethodHead || staysPlain(c) {
		return
	}
	media, _, err := mime.ParseMediaType(string(answer.Header.ContentType()))
	if err != nil || !compressible[media] || answer.IsBodyStream() || len(answer.Body()) < compressFrom || len(answer.Header.ContentEncoding()) > 0 {
		return
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	coding := CodingOf(c)
	if coding == "" {
		return
	}
	packed, err := Compress(coding, AnswerLevel, answer.Body())
	if err != nil || len(packed) >= len(answer.Body()) {
		return // as it is, it is right
	}
	answer.SetBodyRaw(packed)
	c.Set(fiber.HeaderContentEncoding, string(coding))
	// A strong tag would promise the same bytes in every coding (RFC 9110, section 8.8.1).
	if tag := c.GetRespHeader(fiber.HeaderETag); tag != "" && !strings.HasPrefix(tag, "W/") {
		c.Set(fiber.HeaderETag, "W/"+tag)
	}
}

// staysPlain says whether a handler wants an answer uncompressed, or whether it is for a
// principal with credentials or refuses one.
func staysPlain(c *fiber.Ctx) bool {
	switch c.Response().StatusCode() {
	case http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	r := requestOf(c)
	return r != nil && (r.plain || r.identity != nil && (r.identity.principal.Role != Anonymous || r.identity.err != nil))
}

// gzipWriters are kept by level: each has tables of hundreds of kilobytes.
var gzipWriters [gzip.BestCompression + 1]sync.Pool

// Compress compresses content at one of the two levels.
func Compress(coding Coding, level int, content []byte) ([]byte, error) {
	if coding == Brotli {
		packed, err := brotli.Compress(content, level)
		if err != nil {
			return nil, fmt.Errorf("compress: %w", err)
		}
		return packed, nil
	}
	var packed bytes.Buffer
	w, ok := gzipWriters[level].Get().(*gzip.Writer)
	if !ok {
		var err error
		if w, err = gzip.NewWriterLevel(io.Discard, level); err != nil {
			return nil, fmt.Errorf("compress: %w", err)
		}
	}
	defer gzipWriters[level].Put(w)
	w.Reset(&packed)
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return packed.Bytes(), nil
}
