package indexer

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
	"github.com/xunke/xunke/mappings"
)

func TestPace(t *testing.T) {
	const well, slow = pageWithin, pageWithin + 1
	type page struct {
		took    time.Duration
		retried bool
	}
	tests := []struct {
		name  string
		pages []page
		size  int
		pause time.Duration
	}{
		{"at first", nil, pageFirst, 0},
		{"one page went well", []page{{well, false}}, pageFirst + pageStep, 0},
		{"all go well", slices.Repeat([]page{{well, false}}, 50), pageMost, 0},
		{"one was slow", []page{{slow, false}}, pageFirst / 2, 0},
		{"all are slow", slices.Repeat([]page{{slow, false}}, 2), pageSlow, 0},
		{"slow after refusals", slices.Concat(slices.Repeat([]page{{slow, true}}, 50), []page{{slow, false}}), pageLeast + pageStep, 0},
		{"one was put off", []page{{well, true}}, pageFirst / 2, pauseFirst},
		{"two were put off", []page{{well, true}, {slow, true}}, pageFirst / 4, 2 * pauseFirst},
		{"all are put off", slices.Repeat([]page{{slow, true}}, 50), pageLeast, pauseMost},
		{"it is over", []page{{slow, true}, {slow, true}, {well, false}}, pageFirst/4 + pageStep, 0},
	}
	for _, test := range tests {
		var p pace
		for _, one := range test.pages {
			p.record(one.took, one.retried)
		}
		if p.size() != test.size || p.pause != test.pause {
			t.Errorf("%s: %d at a time after %s, want %d after %s", test.name, p.size(), p.pause, test.size, test.pause)
		}
	}
}

// pushing is a Writer that takes some time for each document, and puts the first requests
// off. It tells of each request how many documents it had.
type pushing struct {
	Writer
	each    time.Duration
	refuses int
	sizes   []int
}

func (w *pushing) Write(_ context.Context, _ string, documents []Document) ([]Outcome, error) {
	outcomes := make([]Outcome, len(documents))
	w.sizes = append(w.sizes, len(documents))
	for i := range outcomes {
		if outcomes[i].Status = 200; w.refuses > 0 {
			outcomes[i] = Outcome{Status: 429, Reason: "es_rejected_execution_exception"}
		}
	}
	w.refuses--
	<-time.After(w.each * time.Duration(len(documents)))
	return outcomes, nil
}

// snapshots is a Reader that has every row.
type snapshots struct{ relations }

func (snapshots) Read(_ context.Context, _ string, keys []catalog.Key, _ map[catalog.Key][]int64) (Snapshot, error) {
	s := Snapshot{Courses: map[int64]mappings.Course{}}
	for _, k := range keys {
		s.Courses[k.ID] = mappings.Course{ID: k.ID}
	}
	return s, nil
}

// Size implements Sizer.
func (s snapshots) Size(_ context.Context, f binlog.FanOut) (int64, error) {
	return int64(len(s.ids[f])), nil
}

// slowLane is a leader with a fan-out to n documents waiting.
func slowLane(t *testing.T, n int64, w Writer) *leader {
	t.Helper()
	org := binlog.FanOut{Relation: binlog.CoursesOfOrg, ID: 1}
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(i) + 1
	}
	fields, err := mappings.Fields(catalog.KindCourse)
	if err != nil {
		t.Fatal(err)
	}
	rows := snapshots{relations{ids: map[binlog.FanOut][]int64{org: ids}}}
	l := &leader{
		Deps:  Deps{Reader: rows, Sizer: rows, Writer: w, Log: slog.New(slog.DiscardHandler)},
		queue: newQueue(), changed: make(chan struct{}), acked: gtid.NewSet(),
	}
	if l.apply, err = newApplier(l.Deps, 2*pageMost, l.isLive); err != nil {
		t.Fatal(err)
	}
	l.state.Live = []Gen{{Index: "a", Kind: catalog.KindCourse, Fields: fields, Stage: StageServing}}
	l.state.FanOut = []Task{{FanOut: org}}
	return l
}

func TestTheSlowerLaneGoesAsFastAsElasticsearchTakesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// 1 ms a document: pages of 250 are as much as may be.
		w := &pushing{each: time.Millisecond, refuses: 2}
		l := slowLane(t, 5000, w)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		began := time.Now()
		go func() { ended <- l.runFanOut(ctx) }()
		for {
			state, changed := l.look()
			if len(state.FanOut) == 0 {
				break
			}
			if task := state.FanOut[0]; task.Begun && (task.Total != 5000 || task.BegunAt.Before(began) || task.Page == 0 && task.Done > 0) {
				t.Fatalf("it tells %+v of itself", task)
			}
			<-changed
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		// The first page is sent until it is taken. Then smaller ones, between half of what
		// is too slow and just above it.
		if !slices.Equal(w.sizes[:4], []int{pageFirst, pageFirst, pageFirst, pageFirst / 2}) {
			t.Errorf("requests of %v documents", w.sizes)
		}
		for _, size := range w.sizes[4 : len(w.sizes)-1] {
			if size < 125 || size > 300 {
				t.Errorf("requests of %v documents", w.sizes)
			}
		}
	})
}

func TestTheSlowerLaneLetsTheFasterOneGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := slowLane(t, 1, &pushing{})
		l.writing = true
		var through atomic.Bool
		began := time.Now()
		yielded := make(chan error, 1)
		yield := func() {
			through.Store(false)
			err := l.yieldToDrain(t.Context())
			through.Store(true)
			yielded <- err
		}
		go yield()
		<-time.After(giveWay / 2)
		synctest.Wait()
		if through.Load() {
			t.Error("it did not wait for the batch in hand")
		}
		l.update(func(*State) { l.writing = false })
		if err := <-yielded; err != nil || time.Since(began) > giveWay/2 {
			t.Errorf("it went on %s after the batch, %v", time.Since(began)-giveWay/2, err)
		}
		l.writing = true
		began = time.Now()
		go yield()
		if err := <-yielded; err != nil || time.Since(began) != giveWay {
			t.Errorf("a lane that is never empty held it up for %s, %v", time.Since(began), err)
		}
		l.writing, l.pace.pause = false, pauseFirst
		began = time.Now()
		go yield()
		if err := <-yielded; err != nil || time.Since(began) != pauseFirst {
			t.Errorf("it paused for %s, %v", time.Since(began), err)
		}
	})
}
