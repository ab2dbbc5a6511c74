package indexer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
)

const (
	serverA = "6526ad6a-e714-11f1-8848-02fc00000001"
	serverB = "11111111-1111-1111-1111-111111111111"
)

func transaction(n int64) binlog.GTID {
	return binlog.GTID{UUID: uuid.MustParse(serverA), Number: n, Committed: time.Unix(n, 0)}
}

func keysOf(ids ...int64) binlog.Keys {
	k := binlog.NewKeys()
	for _, id := range ids {
		k.Direct[catalog.Key{Kind: catalog.KindCourse, ID: id}] = struct{}{}
	}
	return k
}

func TestQueueTakesAllThatIsSealed(t *testing.T) {
	q := newQueue()
	for n := int64(1); n <= 3; n++ {
		if err := q.Seal(t.Context(), transaction(n), keysOf(n, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Early(t.Context(), transaction(4), keysOf(7)); err != nil {
		t.Fatal(err)
	}
	b, err := q.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if b.count != 3 || len(b.keys.Direct) != 5 || !b.oldest.Equal(time.Unix(1, 0)) || b.last.Number != 3 {
		t.Errorf("took %d transactions, %d keys, oldest %s, last %d", b.count, len(b.keys.Direct), b.oldest, b.last.Number)
	}
	if got := b.sealed.String(); got != serverA+":1-3" {
		t.Errorf("acknowledges %s: an open transaction must not be among them", got)
	}
	if got := b.wait.String(); got != serverA+":1-4" {
		t.Errorf("waits for %s: the open transaction's keys must not be read before it", got)
	}
}

func TestAFullQueueHoldsTheStreamUntilItIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		full := binlog.NewKeys()
		for id := range int64(queueKeys) {
			full.Direct[catalog.Key{Kind: catalog.KindCourse, ID: id}] = struct{}{}
		}
		if err := q.Seal(t.Context(), transaction(1), full); err != nil {
			t.Fatal(err)
		}
		put := make(chan error, 1)
		go func() { put <- q.Seal(t.Context(), transaction(2), keysOf(1)) }()
		synctest.Wait()
		select {
		case err := <-put:
			t.Fatalf("a full queue took a transaction: %v", err)
		default:
		}
		if _, err := q.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-put; err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := q.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := q.take(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("taking from an empty queue: %v", err)
		}
	})
}

func TestVersionsRiseWithHistoryAndEpoch(t *testing.T) {
	if Version(1, 1<<44-1) >= Version(2, 0) {
		t.Error("a new epoch must outrank all before")
	}
	if Version(3, 7) >= Version(3, 8) {
		t.Error("a later snapshot must outrank an earlier one")
	}
}

func TestMergedPagesEndWhereOneOfThemDoes(t *testing.T) {
	tests := []struct {
		name  string
		pages [][]int64
		want  []int64
		last  bool
	}{
		{"both short", [][]int64{{1, 3}, {2, 3}}, []int64{1, 2, 3}, true},
		{"one full", [][]int64{{1, 2, 3}, {2, 9}}, []int64{1, 2, 3}, false},
		{"both full", [][]int64{{1, 5, 6}, {2, 3, 4}}, []int64{1, 2, 3, 4}, false},
		{"none", [][]int64{nil, nil}, nil, true},
		{"nothing on one side", [][]int64{nil, {4, 5, 6}}, []int64{4, 5, 6}, false},
	}
	for _, test := range tests {
		got, last := mergePages(test.pages, 3)
		if !slices.Equal(got, test.want) || last != test.last {
			t.Errorf("%s: got %v, %t, want %v, %t", test.name, got, last, test.want, test.last)
		}
	}
}

func TestFanOutQueue(t *testing.T) {
	rename := binlog.FanOut{Relation: binlog.CoursesOfOrg, ID: 3}
	var s State
	s.addTasks(map[binlog.FanOut]struct{}{rename: {}})
	s.addTasks(map[binlog.FanOut]struct{}{rename: {}})
	if len(s.FanOut) != 1 {
		t.Errorf("one that waits was queued twice: %v", s.FanOut)
	}
	s.FanOut[0].Begun = true
	s.addTasks(map[binlog.FanOut]struct{}{rename: {}})
	if len(s.FanOut) != 2 {
		t.Errorf("one that has begun must be queued again, what was read of it may lack the change: %v", s.FanOut)
	}
	many := map[binlog.FanOut]struct{}{}
	for id := range int64(maxTasks) {
		many[binlog.FanOut{Relation: binlog.CoursesOfTag, ID: id + 1}] = struct{}{}
	}
	s.addTasks(many)
	if len(s.FanOut) != len(catalog.Kinds()) || s.FanOut[0].Cursor != 0 {
		t.Errorf("too many tasks must become one sweep of everything, got %d", len(s.FanOut))
	}
}

func TestBrokenHistories(t *testing.T) {
	state := State{ServerUUID: serverA, Acked: serverA + ":1-10", Seen: serverA + ":1-12"}
	at := func(server, executed, purged string) Position {
		return Position{ServerUUID: server, Executed: executed, Purged: purged}
	}
	state.Last = &Mark{UUID: serverA, Number: 10}
	doubtful, unsigned := state, state
	doubtful.Doubt, doubtful.DoubtOf = "1236", ReasonPurged
	unsigned.Last = nil
	tests := []struct {
		name     string
		state    State
		position Position
		reason   Reason
		why      string
		from     string
	}{
		{"it went on", state, at(serverA, serverA+":1-20", serverA+":1-5"), "", "", ""},
		{"all that was acknowledged is purged", state, at(serverA, serverA+":1-20", serverA+":1-10"), "", "", ""},
		{"more is purged", state, at(serverA, serverA+":1-20", serverA+":1-11"), ReasonPurged, "purged", serverA + ":1-20"},
		{"acknowledged ones are missing", state, at(serverA, serverA+":1-9", ""), ReasonLost, "has only", serverA + ":1-9"},
		{"ones that were seen are missing", state, at(serverA, serverA+":1-11", ""), ReasonLost, "has only", serverA + ":1-11"},
		{"a replica that had everything", state, at(serverB, serverA+":1-20,"+serverB+":1-2", serverA+":1-3"), ReasonServer, "has everything", serverA + ":1-10"},
		{"a replica that lacks some", state, at(serverB, serverA+":1-8,"+serverB+":1-2", ""), ReasonServer, "lacks 2 transactions", serverA + ":1-8"},
		{"a replica that has purged more", state, at(serverB, serverA+":1-20", serverA+":1-15"), ReasonServer, "the source was", serverA + ":1-15"},
		{"the stream did not like it", doubtful, at(serverA, serverA+":1-20", ""), ReasonPurged, "1236", serverA + ":1-20"},
		{"nothing is known by its time", unsigned, at(serverA, serverA+":1-20", ""), ReasonUnsigned, "by its time", serverA + ":1-20"},
	}
	for _, test := range tests {
		b, err := compareHistory(test.state, test.position)
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			b = &breach{}
		}
		if b.reason != test.reason || (b.why == "") != (test.why == "") || !strings.Contains(b.why, test.why) || b.from != test.from {
			t.Errorf("%s: got %+v, want %q, something with %q, from %q", test.name, b, test.reason, test.why, test.from)
		}
	}
}

func TestRecoveries(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := State{Epoch: 2}
	for _, k := range catalog.Kinds() {
		s.Live = append(s.Live, Gen{Kind: k, Stage: StageServing})
	}
	sweep := map[binlog.FanOut]struct{}{{Relation: binlog.EveryOrg}: {}}
	s.addTasks(sweep)
	s.recover(ReasonDefinition, "altered", now)
	s.recover(ReasonDefinition, "altered again", now)
	if s.Recoveries[ReasonDefinition] != 1 || s.Recovery.Why != "altered" || s.endRecovery(now) {
		t.Errorf("two of a kind are one while a sweep waits: %+v, %v", s.Recovery, s.Recoveries)
	}
	before := s.clone()
	s.FanOut = []Task{{FanOut: binlog.FanOut{Relation: binlog.CoursesOfOrg, ID: 1}}}
	if !s.endRecovery(now) || s.Recovery.Running() || s.endRecovery(now) {
		t.Errorf("no sweep waits, and it ends once: %+v", s.Recovery)
	}
	s.recover(ReasonServer, "another", now)
	if s.Recoveries[ReasonServer] != 1 || !s.Recovery.Running() || !before.Recovery.Running() || len(before.Recoveries) != 1 {
		t.Errorf("a copy must not change with the state: %+v, %v", before.Recovery, before.Recoveries)
	}
	for _, r := range Reasons() {
		if hints[r] == "" {
			t.Errorf("there is no hint for %s", r)
		}
	}
}

func TestProjectionDropsWhatAnOldMappingLacks(t *testing.T) {
	body := []byte(`{"id":1,"name":"a","new":true}`)
	got, err := project(body, []string{"id", "name", "new"}, []string{"id", "name"})
	if err != nil || !sameJSON(got, []byte(`{"id":1,"name":"a"}`)) {
		t.Errorf("got %s, %v", got, err)
	}
}
