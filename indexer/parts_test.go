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

const serverA = "6526ad6a-e714-11f1-8848-02fc00000001"

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

func TestGTIDSets(t *testing.T) {
	set, err := parseGTIDSet(serverA + ":1-3:5-9,\n11111111-1111-1111-1111-111111111111:1-10")
	if err != nil {
		t.Fatal(err)
	}
	if got := set.cardinality(); got != 18 {
		t.Errorf("cardinality is %d, want 18", got)
	}
	if !set.has(transaction(5)) || set.has(transaction(4)) {
		t.Error("membership is wrong")
	}
	rest := set.without(transaction(7))
	if rest.has(transaction(7)) || !rest.has(transaction(6)) || !rest.has(transaction(8)) || rest.cardinality() != 17 {
		t.Errorf("without one: %s", rest)
	}
	if !set.has(transaction(7)) {
		t.Error("without must not change the set itself")
	}
	one := emptyGTIDSet()
	one.add(transaction(1))
	if !one.without(transaction(1)).empty() {
		t.Error("a set without its only transaction is empty")
	}
	one.addAll(set)
	if !one.contains(set) || !set.contains(one) {
		t.Errorf("union is %s", one)
	}
	if _, err := parseGTIDSet("nonsense"); err == nil {
		t.Error("nonsense is no GTID set")
	}
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
	const serverB = "11111111-1111-1111-1111-111111111111"
	state := State{ServerUUID: serverA, Acked: serverA + ":1-10", Seen: serverA + ":1-12"}
	tests := []struct {
		name     string
		position Position
		why      string
	}{
		{"it went on", Position{serverA, serverA + ":1-20", serverA + ":1-5"}, ""},
		{"all that was acknowledged is purged", Position{serverA, serverA + ":1-20", serverA + ":1-10"}, ""},
		{"more is purged", Position{serverA, serverA + ":1-20", serverA + ":1-11"}, "purged"},
		{"acknowledged ones are missing", Position{serverA, serverA + ":1-9", ""}, "has only"},
		{"ones that were seen are missing", Position{serverA, serverA + ":1-11", ""}, "has only"},
		{"another server", Position{serverB, serverA + ":1-20", ""}, "the source was"},
	}
	for _, test := range tests {
		why, err := historyBroken(state, test.position)
		if err != nil {
			t.Fatal(err)
		}
		if (why == "") != (test.why == "") || !strings.Contains(why, test.why) {
			t.Errorf("%s: got %q, want something with %q", test.name, why, test.why)
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
