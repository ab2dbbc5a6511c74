package live_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/internal/live"
)

// store is a source whose value, version and error a test sets.
type store struct {
	mu             sync.Mutex
	version, value string
	err            error
	reads          int
}

func (s *store) set(version, value string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version, s.value, s.err = version, value, err
}

func (s *store) source() live.Source[string] {
	return live.Source[string]{
		Name: "words", Every: 2 * time.Second,
		Version: func(context.Context) (string, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.version, s.err
		},
		Read: func(context.Context) (string, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.reads++
			return s.value, s.err
		},
	}
}

func TestLiveFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{version: "1", value: "b"}
		l := live.New(s.source(), slog.New(slog.DiscardHandler))
		if got := l.Get(); got != "" {
			t.Errorf("before anything is read: %q", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- l.Run(ctx) }()
		for _, step := range []struct {
			when, version, value string
			err                  error
			want                 string
		}{
			{"at first", "1", "b", nil, "b"},
			{"without a new version", "1", "c", nil, "b"},
			{"after a change", "2", "c", nil, "c"},
			{"while the source is down", "3", "", errors.New("down"), "c"},
			{"when it is up again", "3", "", nil, ""},
		} {
			s.set(step.version, step.value, step.err)
			<-time.After(3 * time.Second) // of the bubble's clock
			synctest.Wait()
			if got := l.Get(); got != step.want {
				t.Errorf("%s: %q, want %q", step.when, got, step.want)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if s.reads != 3 {
			t.Errorf("the value was read %d times, and its version changed 3 times", s.reads)
		}
	})
}

// TestLiveKeepsAVersionThatCouldNotBeRead: a value whose read failed is read again.
func TestLiveKeepsAVersionThatCouldNotBeRead(t *testing.T) {
	fails := true
	l := live.New(live.Source[string]{
		Version: func(context.Context) (string, error) { return "1", nil },
		Read: func(context.Context) (string, error) {
			if fails {
				return "half", errors.New("gone")
			}
			return "whole", nil
		},
	}, slog.New(slog.DiscardHandler))
	if err := l.Load(t.Context()); err == nil || l.Get() != "" {
		t.Errorf("%q, %v", l.Get(), err)
	}
	fails = false
	if err := l.Load(t.Context()); err != nil || l.Get() != "whole" {
		t.Errorf("%q, %v", l.Get(), err)
	}
}

func TestLiveWithoutVersionsReadsEveryTime(t *testing.T) {
	reads := 0
	l := live.New(live.Source[int]{Read: func(context.Context) (int, error) { reads++; return reads, nil }}, slog.New(slog.DiscardHandler))
	for want := 1; want <= 3; want++ {
		if err := l.Load(t.Context()); err != nil || l.Get() != want {
			t.Errorf("%d, %v, want %d", l.Get(), err, want)
		}
	}
}

// TestRevision: it moves with the value and only with it, whether or not there are versions.
func TestRevision(t *testing.T) {
	value, version := "a", "1"
	source := live.Source[[]string]{Read: func(context.Context) ([]string, error) { return []string{value}, nil }}
	for name, versions := range map[string]func(context.Context) (string, error){
		"with versions": func(context.Context) (string, error) { return version, nil }, "without": nil,
	} {
		value, version = "a", "1"
		source.Version = versions
		l := live.New(source, slog.New(slog.DiscardHandler))
		load := func() uint64 {
			if err := l.Load(t.Context()); err != nil {
				t.Fatal(err)
			}
			return l.Revision()
		}
		before := l.Revision()
		first := load()
		again := load()
		value, version = "b", "2"
		if changed := load(); first == before || again != first || changed == again {
			t.Errorf("%s: revisions %d, %d, %d, %d", name, before, first, again, changed)
		}
	}
}
