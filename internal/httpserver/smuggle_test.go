package httpserver

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// exchange sends bytes and returns all that comes back until the server hangs up.
func exchange(t *testing.T, address, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil && len(answer) == 0 {
		t.Fatalf("%q: %v", request, err)
	}
	if err != nil {
		t.Errorf("%q: the connection stays open after %q: %v", request, answer, err)
	}
	return string(answer)
}

// TestAmbiguousRequestsAreRefused: where a proxy in front and this server could disagree
// on where a request ends or whom it is for, the first could be made to hand the second a
// request that nobody checked (request smuggling, RFC 9112 section 11.2). Each of these is
// answered with 400, once, and the connection ends.
func TestAmbiguousRequestsAreRefused(t *testing.T) {
	address, stop := serve(t, new(fixture).server(t))
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	const (
		get     = "GET /asked/x HTTP/1.1\r\n"
		post    = "POST /asked/x HTTP/1.1\r\n"
		second  = "GET /asked/second HTTP/1.1\r\nHost: x\r\n\r\n"
		chunked = post + "Host: x\r\nTransfer-Encoding: chunked\r\n"
	)
	for name, request := range map[string]string{
		"two lengths":                        post + "Host: x\r\nContent-Length: 4\r\nContent-Length: 30\r\n\r\n{}  " + second,
		"two equal lengths":                  post + "Host: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + second,
		"a list of lengths":                  post + "Host: x\r\nContent-Length: 2, 2\r\n\r\n{}" + second,
		"a signed length":                    post + "Host: x\r\nContent-Length: +2\r\n\r\n{}" + second,
		"a negative length":                  post + "Host: x\r\nContent-Length: -2\r\n\r\n{}" + second,
		"a length in hexadecimal":            post + "Host: x\r\nContent-Length: 0x2\r\n\r\n{}" + second,
		"an empty length":                    post + "Host: x\r\nContent-Length: \r\n\r\n" + second,
		"a length and chunks":                post + "Host: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second,
		"chunks and a length":                post + "Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + second,
		"an unknown coding":                  post + "Host: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + second,
		"chunked before another":             post + "Host: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + second,
		"two codings":                        post + "Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + second,
		"chunked after a vertical tab":       post + "Host: x\r\nTransfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" + second,
		"chunks in HTTP/1.0":                 "POST /asked/x HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second,
		"a bare LF in a chunk's extension":   chunked + "\r\n2;a\n{}\r\n0\r\n\r\n" + second,
		"a bare LF after a chunk":            chunked + "\r\n2\r\n{}\n0\r\n\r\n" + second,
		"a chunk's size that is none":        chunked + "\r\nzz\r\n{}\r\n0\r\n\r\n" + second,
		"a chunk's size with a sign":         chunked + "\r\n+2\r\n{}\r\n0\r\n\r\n" + second,
		"a chunk that is longer than told":   chunked + "\r\n2\r\n{} }\r\n0\r\n\r\n" + second,
		"a chunk's size beyond 64 bits":      chunked + "\r\n10000000000000002\r\n{}\r\n0\r\n\r\n" + second,
		"NUL in a value":                     get + "Host: x\r\nA: b\x00c\r\n\r\n" + second,
		"NUL in a name":                      get + "Host: x\r\nA\x00: b\r\n\r\n" + second,
		"a bare CR in a value":               get + "Host: x\r\nA: b\rC: d\r\n\r\n" + second,
		"a space before the colon":           post + "Host: x\r\nContent-Length : 2\r\n\r\n{}" + second,
		"a space in a name":                  get + "Host: x\r\nA b: c\r\n\r\n" + second,
		"no name":                            get + "Host: x\r\n: c\r\n\r\n" + second,
		"no colon":                           get + "Host: x\r\nabc\r\n\r\n" + second,
		"a header that is folded":            get + "Host: x\r\nA: b\r\n c\r\n\r\n" + second,
		"a space before the first header":    get + " Host: x\r\n\r\n" + second,
		"two hosts":                          get + "Host: x\r\nHost: y\r\n\r\n" + second,
		"two equal hosts":                    get + "Host: x\r\nHost: x\r\n\r\n" + second,
		"no host":                            get + "A: b\r\n\r\n" + second,
		"an empty host":                      get + "Host: \r\n\r\n" + second,
		"a host with a path":                 get + "Host: x/y\r\n\r\n" + second,
		"a host with credentials":            get + "Host: a@x\r\n\r\n" + second,
		"two hosts in one":                   get + "Host: x, y\r\n\r\n" + second,
		"another host in the address":        "GET http://y/asked/x HTTP/1.1\r\nHost: x\r\n\r\n" + second,
		"a version that is none":             "GET /asked/x HTTP/1.7x\r\nHost: x\r\n\r\n" + second,
		"another version":                    "GET /asked/x HTTP/3.0\r\nHost: x\r\n\r\n" + second,
		"NUL in the address":                 "GET /asked/\x00 HTTP/1.1\r\nHost: x\r\n\r\n" + second,
		"a tab instead of a space":           "GET\t/asked/x HTTP/1.1\r\nHost: x\r\n\r\n" + second,
		"a request line of HTTP/0.9":         "GET /asked/x\r\n\r\n" + second,
		"an upgrade to HTTP/2 without being": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + second,
	} {
		answer := exchange(t, address, request)
		if !strings.HasPrefix(answer, "HTTP/1.1 400 ") || strings.Count(answer, "HTTP/1.1 ") != 1 {
			t.Errorf("%s: %.80q, %d answers", name, answer, strings.Count(answer, "HTTP/1.1 "))
		}
	}
	// What is well formed is answered, one after the other, on one connection.
	answer := exchange(t, address, chunked+"\r\n2;a=b\r\n{}\r\n0\r\n\r\n"+post+"Host: x\r\nContent-Length: 2\r\n\r\n{}"+
		"GET http://x/asked/x HTTP/1.1\r\nHost: x\r\n\r\n"+get+"Host: [2001:db8::1]:8080\r\nConnection: close\r\n\r\n")
	if strings.Count(answer, "HTTP/1.1 200 OK") != 4 {
		t.Errorf("well formed requests: %q", answer)
	}
}
