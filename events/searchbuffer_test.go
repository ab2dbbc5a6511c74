package events_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/searchlog"
)

func search(id, text string) searchlog.Search {
	return searchlog.Search{ID: id, Text: text, Page: searchlog.Page{From: 1}}
}

func TestSearchesAreRecordedInTheirNormalForm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []events.Event
		buffer := events.NewSearchBuffer(func(_ context.Context, e events.Event) error {
			got = append(got, e)
			return nil
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- buffer.Run(ctx) }()
		now := time.Now()
		buffer.Add("v", "n", search("s1", "Ｃ＋＋ 入門"), now)
		synctest.Wait()
		stop()
		synctest.Wait()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		// What comes while the process ends is not taken any more; what waited was.
		buffer.Add("v", "n", search("s2", "x"), now)
		if len(got) != 1 || buffer.DroppedCount() != 0 {
			t.Fatalf("recorded %+v, %d dropped", got, buffer.DroppedCount())
		}
		e := got[0]
		if e.Type != events.Search || e.SearchID != "s1" || e.Visitor != "v" || e.Network != "n" || !e.At.Equal(now) ||
			e.Search.Query != "c++入门" || e.Search.Spelling != "c++ 入门" {
			t.Errorf("recorded %+v of %+v", e, e.Search)
		}
	})
}

func TestASearchNeverWaitsForItsRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recorded := 0
		buffer := events.NewSearchBuffer(func(ctx context.Context, e events.Event) error {
			if strings.Contains(e.Search.Query, "@") || e.Search.Query == "signs" {
				t.Errorf("recorded %+v", e.Search)
			}
			recorded++
			select {
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond): // a Redis that hardly answers
			}
			return nil
		})
		buffer.Add("v", "n", search("s", "me@example.com"), time.Now())
		buffer.Add("v", "n", search("s", "?!"), time.Now())
		for range 5000 {
			buffer.Add("v", "n", search("s", "x"), time.Now())
		}
		if buffer.DroppedCount() != 5002-4096 {
			t.Errorf("%d of 5002 dropped", buffer.DroppedCount())
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		started := time.Now()
		if err := buffer.Run(ctx); err != nil || time.Since(started) > 3*time.Second {
			t.Errorf("the end took %s, %v", time.Since(started), err)
		}
		if recorded < 3 || int64(recorded)+1+buffer.DroppedCount() < 5002 {
			t.Errorf("%d recorded, %d dropped", recorded, buffer.DroppedCount())
		}
	})
}
