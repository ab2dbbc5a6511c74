package embed_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xunke/xunke/internal/embed"
)

// fake is a model whose vectors are made by a function.
type fake struct {
	query func(ctx context.Context, text string) ([]float32, error)
}

func (fake) Name() string    { return "fake" }
func (fake) Version() string { return "1" }
func (fake) Dimensions() int { return 2 }
func (f fake) Query(ctx context.Context, text string) ([]float32, error) {
	return f.query(ctx, text)
}
func (f fake) Passage(ctx context.Context, text string) ([]float32, error) {
	return f.query(ctx, text)
}

// live is a Live that has a model.
func live(t *testing.T, m embed.Model) embed.Live {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := embed.NewLive(path, func(string) (embed.Model, error) { return m, nil }, slog.New(slog.DiscardHandler))
	if err := l.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestVectorsAreRemembered(t *testing.T) {
	var asked atomic.Int64
	q := embed.NewQueries(live(t, fake{func(_ context.Context, text string) ([]float32, error) {
		asked.Add(1)
		if text == "bad" {
			return nil, errors.New("no vector")
		}
		return []float32{0.5, -0.25}, nil
	}}), time.Minute)
	for range 3 {
		if vector, model := q.Vector(t.Context(), "good"); model != "fake@1" || !slices.Equal(vector, []int8{127, -63}) && !slices.Equal(vector, []int8{127, -64}) {
			t.Errorf("vector %v of %s", vector, model)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the model was asked %d times for one query", n)
	}
	for range 2 {
		if vector, _ := q.Vector(t.Context(), "bad"); vector != nil {
			t.Errorf("vector %v of a text that has none", vector)
		}
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("the model was asked %d times, want each time for what it could not do", n)
	}
}

// TestNobodyWaitsTooLong: a search goes without a vector that is late, and the next has it.
func TestNobodyWaitsTooLong(t *testing.T) {
	begun, proceed, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	q := embed.NewQueries(live(t, fake{func(context.Context, string) ([]float32, error) {
		close(begun)
		<-proceed
		defer close(done)
		return []float32{1, 0}, nil
	}}), time.Millisecond)
	if vector, _ := q.Vector(t.Context(), "slow"); vector != nil {
		t.Fatalf("vector %v before there is one", vector)
	}
	<-begun
	close(proceed)
	<-done
	for range 1000 {
		if vector, _ := q.Vector(t.Context(), "slow"); vector != nil {
			return
		}
	}
	t.Error("the vector that came late was not kept")
}

// TestAModelThatComesLater: without its file there is none, and then there is.
func TestAModelThatComesLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	broken := errors.New("broken")
	l := embed.NewLive(path, func(path string) (embed.Model, error) {
		if raw, _ := os.ReadFile(path); string(raw) != "whole" {
			return nil, broken
		}
		return fake{}, nil
	}, slog.New(slog.DiscardHandler))
	if err := l.Load(t.Context()); err != nil || l.Get() != nil {
		t.Fatalf("model %v, err %v without a file", l.Get(), err)
	}
	if vector, model := embed.NewQueries(l, time.Minute).Vector(t.Context(), "x"); vector != nil || model != "" {
		t.Errorf("vector %v of %q without a model", vector, model)
	}
	for _, step := range []struct {
		content string
		err     error
	}{{"cut", broken}, {"whole", nil}, {"broken again", broken}} {
		if err := os.WriteFile(path, []byte(step.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := l.Load(t.Context()); !errors.Is(err, step.err) {
			t.Errorf("%s: %v", step.content, err)
		}
	}
	if l.Get() == nil {
		t.Error("the model is gone because its file was replaced by one that is none")
	}
	never := embed.NewLive("", func(string) (embed.Model, error) { return fake{}, nil }, slog.New(slog.DiscardHandler))
	if err := never.Load(t.Context()); err != nil || never.Get() != nil {
		t.Errorf("model %v, err %v without a path", never.Get(), err)
	}
}

func TestBytes(t *testing.T) {
	if got := embed.Bytes([]float32{0, 0.5, -1, 1, 0.004}); !slices.Equal(got, []int8{0, 64, -127, 127, 1}) && !slices.Equal(got, []int8{0, 63, -127, 127, 1}) {
		t.Errorf("bytes %v", got)
	}
	if got := embed.Bytes(make([]float32, 3)); !slices.Equal(got, []int8{0, 0, 0}) {
		t.Errorf("bytes of nothing: %v", got)
	}
}
