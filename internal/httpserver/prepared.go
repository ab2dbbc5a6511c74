package httpserver

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// Prepared is the body of an answer that was made before and is sent to many.
type Prepared struct {
	// Head is what of it is made for this answer alone, such as its id; nil: nothing. It is short.
	Head []byte
	Body []byte // what follows; it is not changed
	// Packed is Body as Pack makes it. It is asked with every compressed answer and should
	// remember what it made.
	Packed func(coding Coding) ([]byte, error)
}

// What gzip (RFC 1952) puts around a deflated text: a header without name and time, and
// checksum and size.
const (
	gzipHeader  = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
	gzipTrailer = 8
	storedBlock = 5 // bytes of deflate (RFC 1951, section 3.2.4) before a block that is stored
)

// Pack compresses the body of a prepared answer for Packed.
func Pack(coding Coding, body []byte) ([]byte, error) { return Compress(coding, AnswerLevel, body) }

// WritePrepared answers 200 with a prepared body, compressed where the client takes that.
func WritePrepared(c *fiber.Ctx, contentType string, p Prepared) error {
	c.Set(fiber.HeaderContentType, contentType)
	c.Status(http.StatusOK)
	answer := c.Response()
	answer.ResetBody()
	if coding := p.codingFor(c); coding != "" {
		packed, err := p.Packed(coding)
		if err != nil {
			return fmt.Errorf("compress a prepared answer: %w", err)
		}
		c.Set(fiber.HeaderContentEncoding, string(coding))
		if len(p.Head) == 0 {
			answer.AppendBody(packed)
			return nil
		}
		answer.SetBodyRaw(joinGzip(p.Head, p.Body, packed))
		return nil
	}
	answer.AppendBody(p.Head)
	answer.AppendBody(p.Body)
	return nil
}

// codingFor is how the answer to a request is compressed; empty: as compress has it. What
// has a head can be put together in gzip only, and is sent so to everybody who takes that.
func (p Prepared) codingFor(c *fiber.Ctx) Coding {
	if len(p.Head)+len(p.Body) < compressFrom || c.Method() != http.MethodGet && c.Method() != http.MethodHead || staysPlain(c) {
		return ""
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	coding := CodingOf(c)
	if coding == Brotli && len(p.Head) > 0 {
		coding = ""
		if acceptsGzip(c) {
			coding = Gzip
		}
	}
	return coding
}

// joinGzip is head and body in gzip, where packed is the body alone: the head goes before it
// as a block that is stored as it is, which deflate allows anywhere, and what the body refers
// to lies within itself.
func joinGzip(head, body, packed []byte) []byte {
	out := make([]byte, 0, len(gzipHeader)+storedBlock+len(head)+len(packed))
	out = append(out, gzipHeader...)
	out = append(out, 0)                                            //nolint:mnd // not the last block, and stored
	out = binary.LittleEndian.AppendUint16(out, uint16(len(head)))  //nolint:gosec // heads are short
	out = binary.LittleEndian.AppendUint16(out, ^uint16(len(head))) //nolint:gosec // the same, inverted
	out = append(out, head...)
	out = append(out, packed[len(gzipHeader):len(packed)-gzipTrailer]...)
	sum := crc32.Update(crc32.ChecksumIEEE(head), crc32.IEEETable, body)
	out = binary.LittleEndian.AppendUint32(out, sum)
	return binary.LittleEndian.AppendUint32(out, uint32(len(head)+len(body))) //nolint:gosec // answers are far below 4 GB
}
