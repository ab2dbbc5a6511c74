package verify_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/internal/testenv/pipeline"
	"github.com/xunke/xunke/mappings"
)

// embedder makes vectors that tell models and texts apart. From the stuckth on it makes none
// until its caller gives up.
type embedder struct {
	model string
	made  atomic.Int64
	stuck int64 // 0: never
	held  chan struct{}
}

func (e *embedder) Model() string { return e.model }

func (e *embedder) Embed(ctx context.Context, model, text string) ([]int8, error) {
	if model != e.model {
		return nil, errors.New("another model")
	}
	if n := e.made.Add(1); e.stuck > 0 && n >= e.stuck {
		if n == e.stuck {
			close(e.held)
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	vector := make([]int8, mappings.VectorDimensions)
	vector[0], vector[1] = int8(model[0]), int8(len(text)%127) //nolint:gosec // ASCII
	return vector, nil
}

// TestVectorsAreEqualAfterFaults: whenever the lane of vectors is cut off, with whichever
// model and during a reindex, documents are those of the rows.
func TestVectorsAreEqualAfterFaults(t *testing.T) {
	h := newHarness(t)
	for id := 1000; id < 1150; id++ {
		h.Exec(`INSERT INTO courses (id, name) VALUES (?, ?)`, id, fmt.Sprint([]string{"课程", "Course "}[id%2], id)) // vectors of both writings
	}
	use := func(model string, stuck int64) *embedder {
		e := &embedder{model: model, stuck: stuck, held: make(chan struct{})}
		h.Deps.VectorStore, h.Deps.Embedder, h.Options.VectorShare = source.NewVectors(h.DB), e, 1
		return e
	}
	count := func(model string) (have, courses int64) {
		t.Helper()
		have, courses, err := source.NewVectors(h.DB).Count(t.Context(), model)
		if err != nil {
			t.Fatal(err)
		}
		return have, courses
	}
	h.index()
	h.Stop()
	// Cut off in the middle, first with one model, then while another takes its place.
	for i, model := range []string{"a@1", "b@2"} {
		e := use(model, []int64{140, 70}[i]) // 64 are written at a time
		h.Start()
		<-e.held
		h.Stop()
		if have, courses := count(model); have == 0 || have >= courses {
			t.Fatalf("cut off after %d of %d vectors of %s", have, courses, model)
		}
		if old, _ := count("a@1"); i == 1 && old == 0 {
			t.Fatal("no vector of the model before is left")
		}
	}
	h.Start() // with a model that is stuck at once: documents have vectors of both
	h.WaitUntilServing()
	h.equal()
	h.Stop()
	use("b@2", 0)
	h.Start()
	h.Exec(`UPDATE courses SET name = CONCAT(name, '（新）') WHERE id < 1010`)
	requests := source.NewRequests(h.DB)
	id, err := requests.Add(t.Context(), "reindex", []catalog.Kind{catalog.KindCourse})
	if err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, pipeline.Timeout, "all have vectors of the other model", func() (bool, string) {
		have, courses := count("b@2")
		state := h.State().Vectors
		return have == courses && state != nil && state.Have == courses && state.Since.IsZero(), fmt.Sprintf("%d of %d, %+v", have, courses, state)
	})
	testenv.Eventually(t, pipeline.Timeout, "the reindex is done", func() (bool, string) {
		state, message, err := requests.State(t.Context(), id)
		return err == nil && state == "done", fmt.Sprint(state, message, err)
	})
	h.equal()
}
