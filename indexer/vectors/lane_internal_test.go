package vectors

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// shelf is a store of vectors in memory.
type shelf struct {
	courses int64
	saved   []int // how many vectors were written at a time
}

func (s *shelf) Page(_ context.Context, after int64, limit int) (page []Passage, err error) {
	for id := after + 1; id <= s.courses && len(page) < limit; id++ {
		page = append(page, Passage{ID: id, Text: fmt.Sprint(id)})
	}
	return page, nil
}

func (s *shelf) Of(_ context.Context, ids []int64) (some []Passage, err error) {
	for _, id := range ids {
		some = append(some, Passage{ID: id, Text: fmt.Sprint(id)})
	}
	return some, nil
}

func (s *shelf) Save(_ context.Context, _ string, vectors []Vector) error {
	if len(vectors) > 0 {
		s.saved = append(s.saved, len(vectors))
	}
	return nil
}

func (s *shelf) Count(context.Context, string) (have, courses int64, err error) {
	return 0, s.courses, nil
}

// slowModel takes a quarter of a second for a text.
type slowModel struct{}

func (slowModel) Model() string { return "m@1" }

func (slowModel) Embed(context.Context, string, string) ([]int8, error) {
	<-time.After(time.Second / 4)
	return []int8{1}, nil
}

// TestVectorsOfASweepAreWrittenTogether: each batch outdates the answers that are kept, and for a
// course that has just changed somebody may wait.
func TestVectorsOfASweepAreWrittenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{courses: 100}
		lane := NewLane(store, slowModel{}, 1, slog.New(slog.DiscardHandler))
		lane.tell = func(Progress) {}
		if err := lane.step(t.Context(), "m@1"); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(store.saved); got != "[40 40 20]" {
			t.Errorf("a sweep writes %s", got)
		}
		store.saved = nil
		for id := range int64(10) {
			lane.Note(map[int64]string{id + 1: ""})
		}
		if err := lane.step(t.Context(), "m@1"); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(store.saved); got != "[4 4 2]" {
			t.Errorf("of courses that changed %s are written", got)
		}
	})
}
