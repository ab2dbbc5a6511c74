package breaker_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
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
	counting      sync.Mutex
	breaker       *breaker.Breaker
}

func newServer() *server {
	s := &server{}
	s.breaker = breaker.New(breaker.Options{
		Server: "the server",
		Failed: func(err error) bool { return errors.Is(err, errSilent) || errors.Is(err, context.DeadlineExceeded) },
		Probe: func(ctx context.Context) error {
			s.counting.Lock()
			s.probes++
			s.counting.Unlock()
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
		s.counting.Lock()
		s.calls++
		s.counting.Unlock()
		return s.answer(ctx)
	})
	return time.Since(began), err
}

func (s *server) probeCount() int {
	s.counting.Lock()
	defer s.counting.Unlock()
	return s.probes
}

// TestASlowCallOfAServerThatAnswers: a probe beside it is answered, so it has all its time.
func TestASlowCallOfAServerThatAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		for range 5 {
			began := time.Now()
			err := s.breaker.Do(t.Context(), func(ctx context.Context) error {
				select {
				case <-time.After(2900 * time.Millisecond):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			if took := time.Since(began); err != nil || took != 2900*time.Millisecond || s.breaker.Open() {
				t.Fatalf("%v after %v, open: %v", err, took, s.breaker.Open())
			}
		}
		if n := s.probeCount(); n != 5 {
			t.Errorf("%d probes", n)
		}
		// Many that are slow at a time share one.
		var group sync.WaitGroup
		synctest.Wait()
		s.down = true
		for range 10 {
			group.Go(func() { _, _ = s.ask(t, 3*time.Second) })
		}
		group.Wait()
		if n := s.probeCount(); n != 6 || !s.breaker.Open() {
			t.Errorf("%d probes, open: %v", n, s.breaker.Open())
		}
		if err := s.breaker.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestThreeInARow: a server that refuses connections is found out at once.
func TestThreeInARow(t *testing.T) {
	s := newServer()
	for i := range 3 {
		if s.breaker.Open() {
			t.Fatalf("open after %d", i)
		}
		if err := s.breaker.Do(t.Context(), func(context.Context) error { return errSilent }); !errors.Is(err, errSilent) {
			t.Fatal(err)
		}
	}
	if _, err := s.ask(t, time.Second); !errors.Is(err, breaker.ErrOpen) || s.calls != 0 {
		t.Errorf("after three: %v, %d calls", err, s.calls)
	}
}

func TestGauge(t *testing.T) {
	open := false
	registry := prometheus.NewRegistry()
	registry.MustRegister(breaker.Gauge("MySQL", func() bool { return open }))
	for _, want := range []float64{0, 1} {
		families, err := registry.Gather()
		if err != nil || len(families) != 1 || families[0].GetName() != "xunke_breaker_open" {
			t.Fatalf("%v, %v", families, err)
		}
		if one := families[0].GetMetric()[0]; one.GetGauge().GetValue() != want || one.GetLabel()[0].GetValue() != "MySQL" {
			t.Errorf("%v, want %v", one, want)
		}
		open = true
	}
}

// TestNobodyWaitsForAServerThatStandsStill: one waits for as long as it takes to find out,
// whoever comes later does not, be it during a probe; a server that is back serves the first
// who asks.
func TestNobodyWaitsForAServerThatStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		if _, err := s.ask(t, time.Second); err != nil || s.breaker.Open() {
			t.Fatalf("while it answers: %v, open: %v", err, s.breaker.Open())
		}
		s.down = true
		if took, err := s.ask(t, 3*time.Second); took != 2500*time.Millisecond || errors.Is(err, breaker.ErrOpen) || catalog.CodeOf(err) != catalog.CodeUnavailable {
			t.Fatalf("who finds out: %v after %v", err, took)
		}
		for i := range 50 {
			took, err := s.ask(t, 3*time.Second)
			if took > 100*time.Millisecond || !errors.Is(err, breaker.ErrOpen) || catalog.CodeOf(err) != catalog.CodeUnavailable {
				t.Fatalf("request %d: %v after %v", i, err, took)
			}
			<-time.After(100 * time.Millisecond)
		}
		if n := s.probeCount(); s.calls != 2 || n < 3 || n > 5 {
			t.Errorf("%d calls and %d probes in five seconds", s.calls, n)
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
		_, _ = s.ask(t, 3*time.Second)
		if err := s.breaker.Close(); err != nil {
			t.Fatal(err)
		}
		before := s.probeCount()
		<-time.After(5 * time.Second)
		if _, err := s.ask(t, time.Second); !errors.Is(err, breaker.ErrOpen) || s.probeCount() != before {
			t.Errorf("%v, %d probes", err, s.probeCount())
		}
	})
}

// coldServer answers again after having been away, and takes some time to warm up: a probe
// has been answered, and the warm-up has begun.
func coldServer(t *testing.T, takes time.Duration) *server {
	t.Helper()
	s := newServer()
	s.breaker.WarmUp = func(ctx context.Context) {
		select {
		case <-time.After(takes):
		case <-ctx.Done():
		}
	}
	s.down = true
	_, _ = s.ask(t, 3*time.Second)
	s.down = false
	<-time.After(1100 * time.Millisecond)
	if _, err := s.ask(t, time.Second); !errors.Is(err, breaker.ErrOpen) {
		t.Fatalf("who calls as the warm-up begins: %v", err)
	}
	return s
}

// TestNobodyIsServedBeforeItIsWarm: whoever calls during a warm-up is refused at once.
func TestNobodyIsServedBeforeItIsWarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := coldServer(t, 3500*time.Millisecond)
		before := s.calls
		for i := range 3 {
			if took, err := s.ask(t, time.Second); took > 0 || !errors.Is(err, breaker.ErrOpen) || s.calls != before {
				t.Errorf("call %d: %v after %v", i, err, took)
			}
			<-time.After(time.Second)
		}
		<-time.After(time.Second)
		if _, err := s.ask(t, time.Second); err != nil || s.breaker.Open() {
			t.Errorf("once it is warm: %v, open: %v", err, s.breaker.Open())
		}
		if err := s.breaker.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestTheEndDoesNotWaitForAWarmUp: a program that ends ends it.
func TestTheEndDoesNotWaitForAWarmUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := coldServer(t, time.Hour)
		began := time.Now()
		if err := s.breaker.Close(); err != nil || time.Since(began) > 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
