package breaker_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/breaker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	errSilent  = errors.New("no answer")
	errRefused = errors.New("refused")
)

// server answers as it is told, and counts.
type server struct {
	down          bool
	calls, probes int
	breaker       *breaker.Breaker
}

func newServer() *server {
	s := &server{}
	s.breaker = breaker.New(breaker.Options{
		Server: "the server",
		Failed: func(err error) bool { return errors.Is(err, errSilent) || errors.Is(err, context.DeadlineExceeded) },
		Probe: func(ctx context.Context) error {
			s.probes++
			return s.answer(ctx)
		},
		Log: slog.New(slog.DiscardHandler),
	})
	return s
}

// answer keeps callers waiting while the server is down, as a stopped process does.
func (s *server) answer(ctx context.Context) error {
	if s.down {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (s *server) ask(t *testing.T, timeout time.Duration) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	began := time.Now()
	err := s.breaker.Do(ctx, func(ctx context.Context) error {
		s.calls++
		return s.answer(ctx)
	})
	return time.Since(began), err
}

// TestNobodyWaitsForAServerThatStandsStill: three wait for it, whoever comes later does not,
// be it during a probe; a server that is back serves the first who asks.
func TestNobodyWaitsForAServerThatStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		if _, err := s.ask(t, time.Second); err != nil || s.breaker.Open() {
			t.Fatalf("while it answers: %v, open: %v", err, s.breaker.Open())
		}
		s.down = true
		for range 3 {
			if took, err := s.ask(t, 3*time.Second); took != 3*time.Second || !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("those who find out: %v after %v", err, took)
			}
		}
		for i := range 50 {
			took, err := s.ask(t, 3*time.Second)
			if took > 100*time.Millisecond || !errors.Is(err, breaker.ErrOpen) || catalog.CodeOf(err) != catalog.CodeUnavailable {
				t.Fatalf("request %d: %v after %v", i, err, took)
			}
			<-time.After(100 * time.Millisecond)
		}
		if s.calls != 4 || s.probes < 2 || s.probes > 4 {
			t.Errorf("%d calls and %d probes in five seconds", s.calls, s.probes)
		}
		s.down = false
		<-time.After(3 * time.Second)
		if took, err := s.ask(t, time.Second); err != nil || took > 0 || s.breaker.Open() {
			t.Errorf("when it is back: %v after %v, open: %v", err, took, s.breaker.Open())
		}
		if err := s.breaker.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestOnlyServersThatDoNotAnswerOpenIt: refusals are answers, and whoever gives up says
// nothing about the server.
func TestOnlyServersThatDoNotAnswerOpenIt(t *testing.T) {
	s := newServer()
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 10 {
		if err := s.breaker.Do(t.Context(), func(context.Context) error { return errRefused }); !errors.Is(err, errRefused) {
			t.Fatalf("a refusal: %v", err)
		}
		if err := s.breaker.Do(gone, func(context.Context) error { return errSilent }); !errors.Is(err, context.Canceled) {
			t.Fatalf("given up: %v", err)
		}
	}
	for range 2 { // one that answers in between begins the count anew
		for range 2 {
			_ = s.breaker.Do(t.Context(), func(context.Context) error { return errSilent })
		}
		if _, err := s.ask(t, time.Second); err != nil || s.breaker.Open() {
			t.Fatalf("after two without an answer: %v", err)
		}
	}
	if s.probes != 0 {
		t.Errorf("%d probes", s.probes)
	}
}

// TestNoProbeBeginsAfterTheEnd: what is left of a program that ends asks nobody.
func TestNoProbeBeginsAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		s.down = true
		for range 3 {
			_, _ = s.ask(t, time.Second)
		}
		if err := s.breaker.Close(); err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Second)
		if _, err := s.ask(t, time.Second); !errors.Is(err, breaker.ErrOpen) || s.probes != 0 {
			t.Errorf("%v, %d probes", err, s.probes)
		}
	})
}
