package indexer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/internal/testenv/pipeline"
)

// request files a request and waits until it has ended.
func (h *harness) request(action string, kinds ...catalog.Kind) (state, message string) {
	h.T.Helper()
	requests := source.NewRequests(h.DB)
	id, err := requests.Add(h.T.Context(), action, kinds)
	if err != nil {
		h.T.Fatal(err)
	}
	testenv.Eventually(h.T, pipeline.Timeout, action, func() (bool, string) {
		if state, message, err = requests.State(h.T.Context(), id); err != nil {
			h.T.Fatal(err)
		}
		return state == "done" || state == "failed", state
	})
	return state, message
}

// count asks the alias, as a search does.
func (h *harness) count(k catalog.Kind) int64 {
	h.T.Helper()
	var answer struct {
		Count int64 `json:"count"`
	}
	if err := h.Client.Do(h.T.Context(), "GET", "/"+h.Client.Alias(k)+"/_count", nil, &answer); err != nil {
		h.T.Errorf("a search during the reindex: %v", err)
	}
	return answer.Count
}

// each calls do again and again, a little apart, until ctx ends.
func each(ctx context.Context, every time.Duration, do func(i int)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-tick.C:
			do(i)
		case <-ctx.Done():
			return
		}
	}
}

func (h *harness) seed(courses int) {
	h.T.Helper()
	org := h.Exec(`INSERT INTO orgs (name) VALUES ('种子学院')`)
	for i := range courses {
		h.Exec(`INSERT INTO courses (name, org_id) VALUES (?, ?)`, fmt.Sprintf("种子课 %d", i), org)
	}
}

func (h *harness) waitUntilReady() {
	h.T.Helper()
	testenv.Eventually(h.T, pipeline.Timeout, "the first index", func() (bool, string) {
		s := h.State()
		return s.Reindex != nil && s.Reindex.Phase == indexer.PhaseDone, fmt.Sprintf("%+v", s.Reindex)
	})
}

func TestReindexWhileRowsComeAndSearchesGoOn(t *testing.T) {
	h := newHarness(t)
	h.seed(300)
	h.Start()
	h.waitUntilReady()
	before := h.State().Serving(catalog.KindCourse).Index

	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { // a searcher without pause
		each(ctx, 5*time.Millisecond, func(int) {
			if n := h.count(catalog.KindCourse); n < 300 {
				t.Errorf("a search saw %d courses of 300", n)
			}
		})
	})
	work.Go(func() { // a writer without pause
		each(ctx, 20*time.Millisecond, func(i int) {
			h.Exec(`INSERT INTO courses (name) VALUES (?)`, fmt.Sprintf("边写边搜 %d", i))
		})
	})
	state, message := h.request("reindex", catalog.KindCourse)
	after := h.State().Serving(catalog.KindCourse).Index
	back, _ := h.request("rollback", catalog.KindCourse)
	rolled := h.State().Serving(catalog.KindCourse).Index
	cancel()
	work.Wait()
	if state != "done" || back != "done" {
		t.Fatalf("reindex %s (%s), rollback %s", state, message, back)
	}
	if after == before || rolled != before {
		t.Errorf("served %s, then %s, then %s: the last must be the first", before, after, rolled)
	}
	var rows int64
	if err := h.DB.QueryRow(`SELECT COUNT(*) FROM courses`).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	for _, generation := range []string{before, after} {
		testenv.Eventually(t, pipeline.Timeout, "every generation gets every change", func() (bool, string) {
			n, err := index.NewLister(h.Client).Count(t.Context(), generation)
			if err != nil {
				t.Fatal(err)
			}
			return n == rows, fmt.Sprintf("%s has %d of %d", generation, n, rows)
		})
	}
}

func TestRollbackWithoutAnEarlierGenerationSaysSo(t *testing.T) {
	h := newHarness(t)
	h.Start()
	h.waitUntilReady()
	state, message := h.request("rollback", catalog.KindOrg)
	if state != "failed" || message == "" {
		t.Errorf("got %s: %q", state, message)
	}
}

func TestAnotherHistoryBeginsAnEpochAndReadsEverythingAgain(t *testing.T) {
	h := newHarness(t)
	h.seed(3)
	h.Start()
	h.waitUntilReady()
	h.Exec(`UPDATE courses SET minutes = 1 WHERE id = 1`)
	h.eventually(catalog.KindCourse, 1, map[string]any{"minutes": 1})
	h.Stop()

	// A history that the indexer has not seen: changes that are on no binlog, under a
	// last transaction that has another commit time, as after RESET MASTER.
	h.Session(t, pipeline.WithoutBinlog,
		`UPDATE courses SET name = '另一段历史' WHERE id = 1`,
		`DELETE FROM courses WHERE id = 2`)
	store := index.NewStateStore(h.Client)
	state, err := store.LoadState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	state.Last.Committed = state.Last.Committed.Add(-time.Hour)
	if err := store.SaveState(t.Context(), state); err != nil {
		t.Fatal(err)
	}

	h.Start()
	h.eventually(catalog.KindCourse, 1, map[string]any{"name": "另一段历史"})
	h.eventually(catalog.KindCourse, 2, map[string]any{"deleted": true})
	if got := h.State().Epoch; got != state.Epoch+1 {
		t.Errorf("epoch is %d, want %d", got, state.Epoch+1)
	}
}

func TestARefusedDocumentStopsNobody(t *testing.T) {
	h := newHarness(t)
	h.seed(1)
	h.Deps.Writer = poisoned{h.Deps.Writer}
	h.Start()
	h.waitUntilReady()
	bad := h.Exec(`INSERT INTO courses (name) VALUES ('毒')`)
	good := h.Exec(`INSERT INTO courses (name) VALUES ('好')`)
	h.eventually(catalog.KindCourse, good, map[string]any{"name": "好"})
	testenv.Eventually(t, pipeline.Timeout, "the dead letter", func() (bool, string) {
		var letter map[string]any
		index := h.State().Serving(catalog.KindCourse).Index
		err := h.Client.Do(t.Context(), "GET", fmt.Sprintf("/%s/_doc/%s:%d", h.Client.DeadLetters(), index, bad), nil, &letter)
		return err == nil, fmt.Sprint(err)
	})
}

// poisoned sends a field that the strict mapping does not have for one name.
type poisoned struct{ indexer.Writer }

func (p poisoned) Write(ctx context.Context, index string, documents []indexer.Document) ([]indexer.Outcome, error) {
	for i, d := range documents {
		if string(d.Body) != "" && containsName(d.Body, "毒") {
			documents[i].Body = []byte(`{"deleted":false,"nobody_knows_this":1}`)
		}
	}
	return p.Writer.Write(ctx, index, documents)
}

func containsName(body []byte, name string) bool {
	var d struct {
		Name string `json:"name"`
	}
	return json.Unmarshal(body, &d) == nil && d.Name == name
}

func TestAStandbyTakesOver(t *testing.T) {
	first := newHarness(t)
	first.seed(1)
	first.Start()
	first.waitUntilReady()
	second := &harness{first.Another()}
	second.Start()
	first.Stop()
	late := second.Exec(`INSERT INTO courses (name) VALUES ('接班')`)
	second.eventually(catalog.KindCourse, late, map[string]any{"name": "接班"})
}
