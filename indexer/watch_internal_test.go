package indexer

import (
	"errors"
	"testing"

	"github.com/xunke/xunke/internal/gtid"
)

const watched = "c3f48d43-e739-11f1-b13d-02fc00000001"

// TestWatch looks several times in a row and says at which look the leadership ends.
func TestWatch(t *testing.T) {
	type look struct {
		executed, acked string // numbers of transactions
		received        int64
		busy            bool
	}
	same := func(n int, one look) []look {
		looks := make([]look, n)
		for i := range looks {
			looks[i] = one
		}
		return looks
	}
	tests := []struct {
		name  string
		looks []look
		ends  int // at this look, counted from 1; 0: never
	}{
		{"nothing happens", same(9, look{executed: "1-9", acked: "1-9"}), 0},
		{"everything comes", []look{{executed: "1-9", acked: "1-8"}, {executed: "1-12", acked: "1-11"}, {executed: "1-20", acked: "1-19"}, {executed: "1-20", acked: "1-20"}}, 0},
		{"acknowledged before it counts as executed", []look{{executed: "1-9", acked: "1-10"}, {executed: "1-10", acked: "1-10"}}, 0},
		{"fewer are executed than were acknowledged", []look{{executed: "1-9", acked: "1-9"}, {executed: "1-3", acked: "1-9"}}, 2},
		{"nothing comes of what is executed", same(9, look{executed: "1-9", acked: "1-5"}), 4},
		{"something huge is on its way", []look{
			{executed: "1-9", acked: "1-8"}, {executed: "1-9", acked: "1-8", received: 1e6}, {executed: "1-9", acked: "1-8", received: 2e6},
			{executed: "1-9", acked: "1-8", received: 3e6}, {executed: "1-9", acked: "1-8", received: 4e6}, {executed: "1-9", acked: "1-9", received: 4e6},
		}, 0},
		{"Elasticsearch takes nothing", same(9, look{executed: "1-9", acked: "1-5", busy: true}), 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var w watch
			ends := 0
			for i, one := range test.looks {
				acked, err := gtid.Parse(watched + ":" + one.acked)
				if err != nil {
					t.Fatal(err)
				}
				now := sight{serverUUID: watched, acked: acked, received: one.received, busy: one.busy}
				err = w.look(now, Position{ServerUUID: watched, Executed: watched + ":" + one.executed})
				if err == nil {
					continue
				}
				if !errors.Is(err, errHistoryMoved) {
					t.Fatal(err)
				}
				ends = i + 1
				break
			}
			if ends != test.ends {
				t.Errorf("it ended at look %d, want %d", ends, test.ends)
			}
		})
	}
	t.Run("another server", func(t *testing.T) {
		var w watch
		err := w.look(sight{serverUUID: watched, acked: gtid.NewSet()}, Position{ServerUUID: "other", Executed: watched + ":1"})
		if !errors.Is(err, errHistoryMoved) {
			t.Errorf("got %v", err)
		}
	})
}
