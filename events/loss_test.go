package events_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
)

// fullStream takes nothing.
type fullStream struct{ queue }

func (fullStream) Add(context.Context, events.Event) (events.Outcome, error) {
	return 0, events.ErrQueueFull
}

func viewOf(id int64) events.Event {
	return events.Event{Type: events.View, Item: catalog.Key{Kind: catalog.KindCourse, ID: id}, Visitor: "v", At: time.Now()}
}

// TestALossIsToldOnceAMinute: events that a full disk cost were counted and never logged.
func TestALossIsToldOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		path := events.NewPath(fullStream{}, queue{}, nil, nil, slog.New(slog.NewTextHandler(&log, nil)))
		lose := func(n int) {
			for range n {
				if err := path.Record(t.Context(), viewOf(1)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, _, lately := path.Losses(); lately {
			t.Error("a loss before any")
		}
		lose(30)
		<-time.After(time.Minute) // of the bubble's clock
		lose(2)
		if n := strings.Count(log.String(), "events are lost"); n != 2 || !strings.Contains(log.String(), "events=30 in_all=31") || !strings.Contains(log.String(), "run_dir is not set") {
			t.Errorf("%d lines:\n%s", n, log.String())
		}
		if total, last, lately := path.Losses(); total != 32 || !last.Equal(time.Now()) || !lately {
			t.Errorf("lost %d, last at %s, lately: %t", total, last, lately)
		}
		<-time.After(time.Hour)
		if total, _, lately := path.Losses(); total != 32 || lately {
			t.Errorf("an hour later: %d, lately: %t", total, lately)
		}
	})
}

// knownItems are the ids of the items that are there.
type knownItems map[int64]bool

func (k knownItems) Known(_ context.Context, key catalog.Key) bool { return k[key.ID] }

// TestEventsOfNothingTakeNoRoom: events of items that are not there once filled the queue.
func TestEventsOfNothingTakeNoRoom(t *testing.T) {
	r := events.NewRecorder(fullStream{}, nil, slog.New(slog.DiscardHandler)).WithItems(knownItems{1: true})
	for id := range int64(5) {
		if err := r.Record(t.Context(), viewOf(id+1)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := r.Stats(), (events.RecorderStats{Unknown: 4, Dropped: 1}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

// TestASpillWaitsForItsFolder: a run_dir that cannot be written to at the start may be later.
func TestASpillWaitsForItsFolder(t *testing.T) {
	inTheWay := filepath.Join(t.TempDir(), "run")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	spill, err := events.NewSpill(filepath.Join(inTheWay, "events"), 1<<20)
	if err == nil || spill == nil {
		t.Fatalf("a folder within a file: %v, %v", spill, err)
	}
	if err := spill.Append([]byte("a")); err == nil || errors.Is(err, events.ErrSpillFull) {
		t.Errorf("appended to a file that cannot be: %v", err)
	}
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	if err := spill.Append([]byte("a")); err != nil {
		t.Error(err)
	}
}
