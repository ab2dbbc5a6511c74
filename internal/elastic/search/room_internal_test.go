package search

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/plan"
)

// TestRoom: one place, one who waits; who comes then is told to come again, and so is who
// has waited for too long.
func TestRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(1, 1, time.Second)
		leave, err := r.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		began, waited := time.Now(), make(chan error, 1)
		go func() {
			leave, err := r.enter(t.Context())
			if err == nil {
				leave()
			}
			waited <- err
		}()
		synctest.Wait()
		_, err = r.enter(t.Context())
		if f, ok := errors.AsType[*catalog.Error](err); !ok || f.Code != catalog.CodeUnavailable || f.Wait != 2*time.Second || time.Since(began) > 0 {
			t.Errorf("beyond the queue: %v after %v", err, time.Since(began))
		}
		if err := <-waited; catalog.CodeOf(err) != catalog.CodeUnavailable || time.Since(began) != time.Second {
			t.Errorf("who waited: %v after %v", err, time.Since(began))
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.enter(gone); err == nil {
			t.Error("who has gone got a place")
		}
		go func() {
			leave, err := r.enter(t.Context())
			if err == nil {
				leave()
			}
			waited <- err
		}()
		synctest.Wait()
		leave()
		if err := <-waited; err != nil {
			t.Errorf("a place that was given back: %v", err)
		}
	})
}

// TestRoomThatNobodyLeaves: Elasticsearch does not answer, and somebody else may; where some
// leave, it is busy.
func TestRoomThatNobodyLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(4, 8, time.Second)
		var leave func()
		for range 4 {
			var err error
			if leave, err = r.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		wait := func() time.Duration {
			t.Helper()
			_, err := r.enter(t.Context())
			f, ok := errors.AsType[*catalog.Error](err)
			if !ok || f.Code != catalog.CodeUnavailable {
				t.Fatal(err)
			}
			return f.Wait
		}
		if w := wait(); w != 0 {
			t.Errorf("nobody left: come again after %v", w)
		}
		go func() {
			<-time.After(time.Second / 2)
			leave()
		}()
		next := make(chan error, 1)
		go func() {
			_, err := r.enter(t.Context())
			next <- err
		}()
		synctest.Wait()
		if w := wait(); w != 2*time.Second {
			t.Errorf("somebody left: come again after %v", w)
		}
		if err := <-next; err != nil {
			t.Errorf("who was first in the queue: %v", err)
		}
	})
}

// TestDearSearchesLeaveRoomForOthers: with every place for dear ones taken, ordinary searches
// and lists get theirs.
func TestDearSearchesLeaveRoomForOthers(t *testing.T) {
	s := (&Searcher{scoring: catalog.StandardScoring(), now: time.Now}).WithPlaces(8)
	ask := func(text string) *room {
		return s.rooms.of(s.newQuestion(catalog.Query{Text: text, Kinds: catalog.Kinds()}))
	}
	const dear = "xiangangu fangangai jiangango tiananmen xianguo danganguan fanganer jiangexi xinganmen guangangu langanzi panganxi dangangai liangangu pinganxian huanganer"
	if plan.Make(dear, nil).Price() <= plan.OrdinaryPrice || ask(dear) != s.rooms.dear {
		t.Fatal("it is not dear")
	}
	if _, err := s.rooms.dear.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "数据结构", "python", "shu ju jie gou"} {
		if ask(text) == s.rooms.dear {
			t.Errorf("%q is taken for dear", text)
		}
		leave, err := ask(text).enter(t.Context())
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		leave()
	}
	if dear, free := s.Price(catalog.Query{Text: dear}), s.Price(catalog.Query{Text: "数据结构"}); dear <= 0 || free != 0 {
		t.Errorf("the dear one costs %d, an ordinary one %d", dear, free)
	}
}
