package indexer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/vectors"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/internal/testenv/pipeline"
	"github.com/xunke/xunke/mappings"
)

// embedder makes vectors that name their model and the length of the text.
type embedder struct {
	model  atomic.Pointer[string]
	made   atomic.Int64
	before func(ctx context.Context, n int64, text string) error // the nth vector; nil: nothing
}

func newEmbedder(model string) *embedder {
	e := &embedder{}
	e.model.Store(&model)
	return e
}

func (e *embedder) Model() string { return *e.model.Load() }

func (e *embedder) Embed(ctx context.Context, model, text string) ([]int8, error) {
	if model != e.Model() {
		return nil, errors.New("another model")
	}
	n := e.made.Add(1)
	if e.before != nil {
		if err := e.before(ctx, n, text); err != nil {
			return nil, err
		}
	}
	vector := make([]int8, mappings.VectorDimensions)
	vector[0], vector[1] = int8(model[0]), int8(len(text)%127)
	return vector, nil
}

// vectorOf is the beginning of what embedder makes, as documents have it.
func (h *harness) awaitVector(what string, id int64, model, text string) {
	h.T.Helper()
	testenv.Eventually(h.T, pipeline.Timeout, what, func() (bool, string) {
		g := h.State().Serving(catalog.KindCourse)
		if g == nil {
			return false, "no index serves"
		}
		var answer struct {
			Source mappings.Course `json:"_source"`
		}
		if err := h.Client.Do(h.T.Context(), "GET", fmt.Sprintf("/%s/_doc/%d", g.Index, id), nil, &answer); err != nil {
			return false, err.Error()
		}
		c := answer.Source
		if model == "" {
			return c.Vector == nil && c.VectorModel == "" && c.Name == text, fmt.Sprintf("%q has a vector of %q", c.Name, c.VectorModel)
		}
		good := len(c.Vector) == mappings.VectorDimensions && c.Vector[0] == int8(model[0]) && c.Vector[1] == int8(len(text)%127)
		return good && c.VectorModel == model && c.VectorText == mappings.PassageHash(text), fmt.Sprintf("%q has %d numbers of %q", c.Name, len(c.Vector), c.VectorModel)
	})
}

func (h *harness) useEmbedder(e *embedder) {
	h.Deps.VectorStore, h.Deps.Embedder, h.Options.VectorShare = source.NewVectors(h.DB), e, 1
}

// TestCoursesGetVectors follows vectors through changes, a kill, another model and a reindex.
func TestCoursesGetVectors(t *testing.T) {
	h := newHarness(t)
	h.Exec(`INSERT INTO categories (id, name) VALUES (1, '编程')`)
	h.Exec(`INSERT INTO courses (id, name, summary, category_id) VALUES (1, '数据结构', '栈与队列', 1), (2, '英语', '', NULL), (3, '隐藏', '', NULL)`)
	h.Exec(`UPDATE courses SET hidden = 1 WHERE id = 3`)
	for id := 10; id < 10+150; id++ {
		h.Exec(`INSERT INTO courses (id, name) VALUES (?, ?)`, id, fmt.Sprint("课程", id))
	}
	// Killed in the middle of its work, after some vectors were written.
	first := newEmbedder("a@1")
	stuck := make(chan struct{})
	first.before = func(ctx context.Context, n int64, _ string) error {
		if n == 100 {
			close(stuck)
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	h.useEmbedder(first)
	h.Start()
	<-stuck
	h.awaitVector("a written vector comes to its document", 1, "a@1", "数据结构\n编程\n栈与队列")
	h.Stop()

	second := newEmbedder("a@1")
	h.useEmbedder(second)
	h.Start()
	h.awaitVector("the last one", 159, "a@1", "课程159")
	testenv.Eventually(t, pipeline.Timeout, "the sweep ends", func() (bool, string) {
		v := h.State().Vectors
		return v != nil && v.Have == 152 && v.Courses == 152 && v.Since.IsZero() && v.Model == "a@1", fmt.Sprintf("%+v", v)
	})
	if n := second.made.Load(); n < 50 || n > 152-64 {
		t.Errorf("%d of 152 vectors were made after 64 or more had been written before", n)
	}

	// A text that changes is searchable at once, and gets its vector after that.
	hold := make(chan struct{})
	third := newEmbedder("a@1")
	third.before = func(ctx context.Context, _ int64, _ string) error {
		select {
		case <-hold:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	h.Stop()
	h.useEmbedder(third)
	h.Start()
	h.Exec(`UPDATE courses SET name = '数据结构与算法' WHERE id = 1`)
	h.awaitVector("the text comes without waiting for its vector", 1, "", "数据结构与算法")
	h.Exec(`UPDATE courses SET favorites = 5, image = '/x.png' WHERE id = 2`)
	h.eventually(catalog.KindCourse, 2, map[string]any{"favorites": 5, "vector_model": "a@1"})
	close(hold)
	h.awaitVector("and then the vector", 1, "a@1", "数据结构与算法\n编程\n栈与队列")
	h.Exec(`UPDATE categories SET name = '计算机' WHERE id = 1`)
	h.awaitVector("what a parent says is part of the text", 1, "a@1", "数据结构与算法\n计算机\n栈与队列")
	h.Exec(`UPDATE courses SET hidden = 0 WHERE id = 3`)
	h.awaitVector("what becomes visible", 3, "a@1", "隐藏")
	if n := third.made.Load(); n != 3 {
		t.Errorf("%d vectors were made for three texts that changed", n)
	}

	// Another model makes all of them anew, and a reindex takes them over.
	model := "b@1"
	third.model.Store(&model)
	h.awaitVector("a vector of the other model", 159, "b@1", "课程159")
	h.awaitVector("a vector of the other model", 2, "b@1", "英语")
	made := third.made.Load()
	if state, message := h.request("reindex", catalog.KindCourse); state != "done" {
		t.Fatalf("reindex: %s", message)
	}
	h.awaitVector("the new index has it from the scan", 2, "b@1", "英语")
	if n := third.made.Load() - made; n > 0 {
		t.Errorf("the reindex made %d vectors that were there", n)
	}

	// Without a model everything else goes on.
	none := ""
	third.model.Store(&none)
	h.Exec(`UPDATE courses SET name = '英语二' WHERE id = 2`)
	h.awaitVector("words go on", 2, "", "英语二")
	testenv.Eventually(t, pipeline.Timeout, "the state says that there is none", func() (bool, string) {
		v := h.State().Vectors
		return v != nil && v.Model == "", fmt.Sprintf("%+v", v)
	})
}

// TestVectorsThatFail: a text without a vector and a database that is away delay vectors only.
func TestVectorsThatFail(t *testing.T) {
	h := newHarness(t)
	h.Exec(`INSERT INTO courses (id, name) VALUES (1, '坏'), (2, '好')`)
	e := newEmbedder("a@1")
	e.before = func(_ context.Context, _ int64, text string) error {
		if text == "坏" {
			return errors.New("this text breaks it")
		}
		return nil
	}
	h.useEmbedder(e)
	fault := &storeFault{Store: h.Deps.VectorStore}
	h.Deps.VectorStore = fault
	h.Start()
	h.awaitVector("the other text", 2, "a@1", "好")
	h.awaitVector("the text", 1, "", "坏")
	if n := fault.failed.Load(); n != 1 {
		t.Errorf("%d failures of the store, want 1", n)
	}
	testenv.Eventually(t, pipeline.Timeout, "it is counted", func() (bool, string) {
		v := h.State().Vectors
		return v != nil && v.Failed > 0, fmt.Sprintf("%+v", v)
	})
}

// storeFault fails once.
type storeFault struct {
	vectors.Store
	failed atomic.Int64
}

func (s *storeFault) Page(ctx context.Context, after int64, limit int) ([]vectors.Passage, error) {
	if s.failed.CompareAndSwap(0, 1) {
		return nil, errors.New(strings.Repeat("away ", 2))
	}
	return s.Store.Page(ctx, after, limit)
}
