package reach_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/xunke/xunke/internal/reach"
)

// TestHint has the causes that no server of the tests can be brought to; the others are in
// the tests of each client.
func TestHint(t *testing.T) {
	s := reach.Server{Name: "Redis", Address: "redis.addresses", TLS: "redis.tls to true", Plain: "redis.tls to false"}
	for want, err := range map[string]error{
		"no name server knows cache.school.example": &net.DNSError{Name: "cache.school.example", IsNotFound: true},
		"/etc/resolv.conf":                          &net.DNSError{Name: "cache.school.example", IsTimeout: true},
		"start Redis, or set redis.addresses":       &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED},
		"no way leads there":                        &net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH},
		"permissions of the socket":                 &net.OpError{Op: "dial", Err: syscall.EACCES},
		"no answer in time":                         context.DeadlineExceeded,
		"set redis.tls to true":                     io.EOF,
		"":                                          errors.New("ERR syntax error"),
	} {
		got := s.Hint(fmt.Errorf("ask: %w", err))
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	s.Encrypted = true
	if got := s.Hint(context.DeadlineExceeded); !strings.Contains(got, "redis.tls to false") {
		t.Errorf("no answer to TLS: %q", got)
	}
}
