package verify

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
)

func TestCompare(t *testing.T) {
	expected := document{
		"id": json.RawMessage(`1`), "name": json.RawMessage(`"a<b"`), "org": json.RawMessage(`{"id":1,"name":"清华"}`),
		"key": json.RawMessage(`null`), "tags": json.RawMessage(`["a","b"]`), "hot": json.RawMessage(`359.123456789012`),
	}
	for name, c := range map[string]struct {
		source string
		want   []Field
	}{
		"the same in another form": {`{"name":"a\u003cb","id":1,"org":{"name":"\u6e05华","id":1},"tags":["a", "b"],"hot":359.1234567890121}`, nil},
		"absent for null, null for absent": {
			`{"name":"a<b","id":1,"org":{"id":1,"name":"清华"},"tags":["a","b"],"hot":359.123456789012,"city":null,"key":null}`, nil,
		},
		"every field": {
			`{"name":"a<c","id":1.0,"org":null,"tags":["b","a"],"hot":359.1234567,"key":"k","more":0}`,
			[]Field{
				{"hot", `359.123456789012`, `359.1234567`}, {"id", `1`, `1.0`}, {"key", `null`, `"k"`}, {"more", ``, `0`},
				{"name", `"a<b"`, `"a<c"`}, {"org", `{"id":1,"name":"清华"}`, `null`}, {"tags", `["a","b"]`, `["b","a"]`},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := compare(expected, json.RawMessage(c.source))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("differs in %+v, %v; want %+v", got, err, c.want)
			}
		})
	}
	if _, err := compare(expected, json.RawMessage(`[]`)); err == nil {
		t.Error("a document that is no object was compared")
	}
}

func TestLongValuesAreCutAroundTheirFirstDifference(t *testing.T) {
	long := strings.Repeat("数", 1000)
	want, have := json.RawMessage(`"`+long+`甲`+long+`"`), json.RawMessage(`"`+long+`乙"`)
	f := difference("name", want, have)
	for _, value := range []string{f.Expected, f.Found} {
		if n := len([]rune(value)); n > shownBefore+shownAfter+2 || !strings.HasPrefix(value, "…数") {
			t.Errorf("%d characters are shown: %s", n, value)
		}
	}
	if !strings.Contains(f.Expected, "甲") || !strings.HasSuffix(f.Expected, "…") || !strings.HasSuffix(f.Found, `乙"`) {
		t.Errorf("shown: %s and %s", f.Expected, f.Found)
	}
}

// TestHotAgreesWithTheCatalog: two ways to add up the same sum.
func TestHotAgreesWithTheCatalog(t *testing.T) {
	epoch := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, history := range [][]Day{
		nil, {{}}, {{Views: 1}}, {{-10000, 1, 0, 0}}, {{2518, 40, 0, 0}, {2517, 1, 2, 3}, {0, 0, 0, 7}}, {{65743, 16, 0, 0}, {2518, 1e12, 0, 0}},
		{{100, 1, 0, 0}, {100, 1, 0, 0}, {100, 2, 0, 0}, {2500, 0, 0, 0}},
		{{2518, 1, 0, 0}, {2488, 2, 0, 0}, {2487, 3, 0, 0}, {2518, 0, 1, 0}, {-1, 5, 0, 0}},
	} {
		var counts []catalog.DailyCounts
		for _, d := range history {
			counts = append(counts, catalog.DailyCounts{Day: epoch.AddDate(0, 0, int(d.Number)), Views: d.Views, Favorites: d.Favorites, Enrolments: d.Enrolments})
		}
		for _, s := range []catalog.Scoring{catalog.StandardScoring(), {View: 2, Enrolment: 7, HalfLife: 36 * time.Hour}} {
			if got, want := hotOf(history, s), s.Hot(counts); !sameHot(got, want) {
				t.Errorf("%v: %v, the catalog has %v", history, got, want)
			}
			if got, want := recentOf(history, s), s.Recent(counts); !slices.Equal(got, want) {
				t.Errorf("%v: recent %v, the catalog has %v", history, got, want)
			}
		}
	}
	if sameHot(359, 359.000001) || sameHot(0, 1e-9) || sameHot(1, math.NaN()) {
		t.Error("different scores are taken for the same")
	}
}

func TestCheck(t *testing.T) {
	row := document{"id": json.RawMessage(`1`)}
	live, other := &stored{1, json.RawMessage(`{"id":1}`)}, &stored{1, json.RawMessage(`{"id":2}`)}
	tombstone := &stored{version: 1}
	for _, c := range []struct {
		expected document
		found    *stored
		want     Problem
	}{
		{nil, nil, ""}, {nil, tombstone, ""}, {nil, live, Surplus}, {row, nil, Missing}, {row, tombstone, Missing}, {row, live, ""}, {row, other, Different},
	} {
		if got, _, err := check(c.expected, c.found); err != nil || got != c.want {
			t.Errorf("%v, %v: %q, %v; want %q", c.expected, c.found, got, err, c.want)
		}
	}
}

// broken is a side that fails and one that waits for the end.
type broken struct {
	Oracle
	Index
	err error
}

func (b broken) Count(context.Context, catalog.Kind) (int64, error) { return 1, nil }

func (b broken) Page(context.Context, catalog.Kind, int64, int) ([]Facts, int64, error) {
	return nil, 0, b.err
}

func (b broken) Scan(ctx context.Context, _ string, _ int, _ func([]Hit) error) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestAFailureOfOneSideEndsTheScan(t *testing.T) {
	failure := errors.New("the server went away")
	r := run{Verifier: &Verifier{Oracle: broken{err: failure}, Index: broken{}}, expecter: &expecter{kind: catalog.KindOrg}, options: Options{}.withDefaults(), report: &Report{}}
	if err := r.scan(t.Context()); !errors.Is(err, failure) {
		t.Errorf("scan: %v", err)
	}
}

// servers is what a wait asks: executed is a number of transactions, as is acked.
type servers struct {
	Oracle
	executed, acked uint64
	fanOut          []indexer.Task
	fannedOut       int64
	parents         indexer.Parents
	held            bool
	step            func(*servers)
	looks           int
}

func (s *servers) ExecutedSet(context.Context) (string, error) {
	return strings.Repeat("x", int(s.executed)), nil
}

func (s *servers) Lacks(_ context.Context, set, other string) (uint64, error) {
	return uint64(max(0, len(set)-len(other))), nil
}

func (s *servers) LoadState(context.Context) (indexer.State, error) {
	s.looks++
	s.step(s)
	return indexer.State{Acked: strings.Repeat("x", int(s.acked)), FanOut: s.fanOut, FannedOut: s.fannedOut, Parents: s.parents}, nil
}

func (s *servers) IsHeld(context.Context) (bool, error) { return s.held, nil }

func TestWait(t *testing.T) {
	task := indexer.Task{FanOut: binlog.FanOut{Relation: binlog.CoursesOfOrg, ID: 1}}
	for name, c := range map[string]struct {
		start servers
		step  func(*servers)
		ok    bool
		why   string
		looks int // at least; 0: any
	}{
		"everything is indexed": {servers{executed: 5, acked: 5}, func(*servers) {}, true, "", 1},
		"slowly, for longer than the timeout": {
			servers{executed: 1000, held: true},
			func(s *servers) {
				if s.looks%50 == 0 {
					s.acked += 100
				}
				s.executed++ // others write all the while
			}, true, "", 500,
		},
		"fan-outs that waited must end": {
			servers{executed: 5, acked: 5, held: true, fanOut: []indexer.Task{task, task}},
			func(s *servers) {
				if s.looks%20 == 0 { // one ends, another comes: the queue is never empty
					s.fannedOut++
				}
			}, true, "", 40,
		},
		"figures that waited must be read": {
			servers{executed: 5, acked: 5, held: true, parents: indexer.Parents{Orgs: []int64{1}, Queued: 2}},
			func(s *servers) {
				if s.looks%20 == 0 { // one is read, another comes
					s.parents.Settled++
					s.parents.Queued++
				}
			}, true, "", 40,
		},
		"an indexer that stands still": {servers{executed: 5, acked: 4, held: true}, func(*servers) {}, false, "has not moved", 200},
		"no indexer":                   {servers{executed: 5, acked: 4}, func(*servers) {}, false, "no indexer", 50},
		"another indexer takes over in time": {
			servers{executed: 5, acked: 4},
			func(s *servers) {
				if s.looks == 40 {
					s.held = true
				}
				if s.looks == 100 {
					s.acked = 5
				}
			}, true, "", 100,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := c.start
				s.step = c.step
				w := &wait{oracle: &s, states: &s, leader: &s, progress: silent{}, stallTimeout: 20 * time.Second}
				ok, err := w.waitForIndex(t.Context())
				if err != nil || ok != c.ok || !strings.Contains(w.why, c.why) || (w.why == "") != ok || s.looks < c.looks {
					t.Errorf("caught up: %t, %v, why %q, after %d looks", ok, err, w.why, s.looks)
				}
				if !ok {
					before := s.looks
					if again, err := w.waitForIndex(t.Context()); again || err != nil || s.looks != before+1 {
						t.Errorf("waited in vain twice: %t, %v, %d looks more", again, err, s.looks-before)
					}
				}
			})
		})
	}
}

// TestAgain: what is wrong at every look in the same way stays, the rest goes.
func TestAgain(t *testing.T) {
	city, name1, name2 := Field{"city", "a", "b"}, Field{"name", "a", "b"}, Field{"name", "c", "d"}
	var s suspicion
	s = s.again(nil, Different, []Field{city, name1})
	s = s.again(nil, Different, []Field{city, name2})
	if s.problem != Different || !reflect.DeepEqual(s.fields, []Field{city}) {
		t.Errorf("left: %s %v", s.problem, s.fields)
	}
	s = s.again(nil, Surplus, nil)
	if s = s.again(nil, Surplus, nil); s.problem != "" {
		t.Errorf("a document that was different and surplus in turn is %s", s.problem)
	}
}
