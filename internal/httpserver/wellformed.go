package httpserver

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// ambiguous says whether a proxy in front may read the head of a request otherwise than
// fasthttp does, which takes what is here and refuses the rest by itself: a length beside
// chunks, names that are no tokens, folded lines, versions that are not spoken, a Host
// with credentials or unlike that of the address. Such a request is refused whole
// (RFC 9112, sections 3.2, 5 and 6.3).
func ambiguous(ctx *fasthttp.RequestCtx) bool {
	h := &ctx.Request.Header
	if p := string(h.Protocol()); p != "HTTP/1.1" && p != "HTTP/1.0" {
		return true
	}
	var lengths, codings, hosts int
	for line := range bytes.Lines(h.RawHeaders()) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !isToken(name) {
			return true
		}
		switch {
		case bytes.EqualFold(name, []byte(fasthttp.HeaderContentLength)):
			lengths++
		case bytes.EqualFold(name, []byte(fasthttp.HeaderTransferEncoding)):
			codings++
		case bytes.EqualFold(name, []byte(fasthttp.HeaderHost)):
			hosts++
			if value = bytes.TrimSpace(value); bytes.ContainsAny(value, "@/\\?# \t,") || isAbsolute(h.RequestURI()) && !bytes.EqualFold(value, ctx.URI().Host()) {
				return true
			}
		}
	}
	return lengths > 1 || codings > 1 || hosts > 1 || lengths > 0 && codings > 0
}

// isAbsolute says whether a request's target has a host of its own.
func isAbsolute(target []byte) bool { return len(target) > 0 && target[0] != '/' && target[0] != '*' }

// isToken says whether a text is a token, as names of headers are (RFC 9110, section 5.6.2).
func isToken(b []byte) bool {
	for _, c := range b {
		alphanumeric := c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !alphanumeric && bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) < 0 {
			return false
		}
	}
	return len(b) > 0
}
