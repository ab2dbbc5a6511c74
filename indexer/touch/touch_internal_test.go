package touch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/google/uuid"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
)

// catalogue is a Reader that knows which items are of which relation, and in whose figures
// which courses count.
type catalogue struct {
	indexer.Reader
	pages   map[binlog.FanOut][]int64
	parents map[int64][]catalog.Key
	asked   int
}

func (r *catalogue) Page(_ context.Context, f binlog.FanOut, after int64, limit int) (ids []int64, _ error) {
	for _, id := range r.pages[f] {
		if id > after && len(ids) < limit {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (r *catalogue) Parents(_ context.Context, _ string, courses, _ []int64) (map[int64][]catalog.Key, map[int64]binlog.Days, error) {
	r.asked++
	parents := map[int64][]catalog.Key{}
	for _, id := range courses {
		parents[id] = r.parents[id]
	}
	return parents, nil, nil
}

func touching(keys ...any) binlog.Keys {
	k := binlog.NewKeys()
	for _, key := range keys {
		switch key := key.(type) {
		case catalog.Key:
			k.Direct[key] = struct{}{}
		case binlog.FanOut:
			k.FanOut[key] = struct{}{}
		case int:
			k.Parents[int64(key)] = binlog.Days{}
		}
	}
	return k
}

const (
	serverA = "6526ad6a-e714-11f1-8848-02fc00000001"
	serverB = "11111111-1111-1111-1111-111111111111"
)

// history delivers transactions as a stream does: the first has the number 1.
type history struct {
	server  string
	keys    []binlog.Keys
	windows []int // how many each stream delivered
}

func (h *history) read(from gtid.Set, sink binlog.Sink) error {
	h.windows = append(h.windows, 0)
	for i, keys := range h.keys {
		g := binlog.GTID{UUID: uuid.MustParse(h.server), Number: int64(i + 1)}
		if from.Has(g.UUID, g.Number) {
			continue
		}
		h.windows[len(h.windows)-1]++
		if err := sink.Seal(context.Background(), g, keys); err != nil {
			return fmt.Errorf("as canal wraps it: %w", err)
		}
	}
	return errors.New("the stream delivered all and nobody ended it")
}

func TestLastTouch(t *testing.T) {
	course := catalog.Key{Kind: catalog.KindCourse, ID: 5}
	org := catalog.Key{Kind: catalog.KindOrg, ID: 3}
	tag, otherTag := binlog.FanOut{Relation: binlog.CoursesOfTag, ID: 7}, binlog.FanOut{Relation: binlog.CoursesOfTag, ID: 8}
	teachers := binlog.FanOut{Relation: binlog.TeachersOfOrg, ID: 3}
	every := binlog.FanOut{Relation: binlog.EveryCourse}
	reader := &catalogue{
		pages:   map[binlog.FanOut][]int64{tag: {4, 5, 6}, otherTag: {4, 6}, teachers: {5}},
		parents: map[int64][]catalog.Key{5: {org}, 6: {{Kind: catalog.KindOrg, ID: 9}}},
	}
	none := touching()
	tests := []struct {
		name   string
		key    catalog.Key
		keys   []binlog.Keys
		exists bool // the item has a row
		want   string
	}{
		{"its row", course, []binlog.Keys{touching(course), touching(course), touching(org)}, true, "2 row 0"},
		{"a tag that it has", course, []binlog.Keys{touching(course), touching(tag), touching(otherTag)}, true, "2 courses_of_tag 7"},
		{"a tag that it had not then", course, []binlog.Keys{touching(tag), touching(course)}, true, "2 row 0"},
		{"its row and a tag at once", course, []binlog.Keys{touching(course, tag)}, true, "1 row 0"},
		{"a course of its", org, []binlog.Keys{touching(org), touching(5), touching(6)}, true, "2 course 5"},
		{"a course is not its own parent", course, []binlog.Keys{touching(course), touching(5)}, true, "1 row 0"},
		{"another kind's relation", course, []binlog.Keys{touching(course), touching(teachers)}, true, "1 row 0"},
		{"further back", course, []binlog.Keys{touching(course), none, none, none}, true, "1 row 0"},
		{"a sweep", course, []binlog.Keys{touching(course), touching(every), none}, true, "2 every_course 0"},
		{"a sweep that emptied its table", course, []binlog.Keys{touching(course), none, none, touching(every)}, false, "4 every_course 0"},
		{"gone, and a sweep before", course, []binlog.Keys{touching(every), touching(course)}, false, "2 row 0"},
		{"never there, though a sweep was", course, []binlog.Keys{none, touching(every), none}, false, "none of the 3 transactions on the binlog touched it"},
		{"not on the binlog", course, []binlog.Keys{none, touching(otherTag)}, true, "none of the 2 transactions on the binlog touched it"},
		{"too far back", course, slices.Insert(slices.Repeat([]binlog.Keys{none}, 10), 0, touching(course)), true, "none of the last 8 transactions touched it"},
		{"no history", course, nil, true, "no transaction is on the binlog"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reader.pages[every] = nil
			if test.exists {
				reader.pages[every] = []int64{5}
			}
			h := &history{server: serverA, keys: test.keys}
			p := indexer.Position{ServerUUID: serverA}
			if n := len(test.keys); n > 0 {
				p.Executed = fmt.Sprintf("%s:1-%d", serverA, n)
			}
			h.keys = append(h.keys, touching(course, org)) // committed since
			finder := &Finder{Reader: reader, Windows: []int64{2, 4, 8}}
			touch, err := finder.search(t.Context(), test.key, p, h.read)
			got := fmt.Sprint(err)
			if err == nil {
				got = fmt.Sprintf("%d %s %d", touch.Number, touch.How, touch.Of)
			}
			if !strings.HasPrefix(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWindowsGrowAndReadNothingTwice(t *testing.T) {
	course := catalog.Key{Kind: catalog.KindCourse, ID: 5}
	h := &history{server: serverA, keys: slices.Repeat([]binlog.Keys{touching()}, 20)}
	h.keys[2] = touching(course)
	finder := &Finder{Reader: &catalogue{}, Windows: []int64{3, 9, 27}}
	p := indexer.Position{ServerUUID: serverA, Executed: serverA + ":1-20", Purged: serverA + ":1-4"}
	_, err := finder.search(t.Context(), course, p, h.read)
	so, ok := errors.AsType[*UnknownError](err)
	if !ok || so.Looked != 16 || !so.All || !slices.Equal(h.windows, []int{3, 6, 7}) {
		t.Errorf("what is purged: %v, windows %v", err, h.windows)
	}
	p.Purged, h.windows = "", nil
	touch, err := finder.search(t.Context(), course, p, h.read)
	if err != nil || touch.Number != 3 || !slices.Equal(h.windows, []int{3, 6, 11}) {
		t.Errorf("%v, %v, windows %v", touch, err, h.windows)
	}
}

func TestAServerThatTookOverIsAskedForWhatWasBefore(t *testing.T) {
	available, err := gtid.Parse(serverA + ":1-100," + serverB + ":1-4:8-9")
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int64]string{
		1:   serverB + ":9",
		4:   serverB + ":3-4:8-9",
		6:   serverB + ":1-4:8-9",
		10:  serverB + ":1-4:8-9," + serverA + ":97-100",
		500: available.String(),
	} {
		set, err := gtid.Parse(want)
		if err != nil {
			t.Fatal(err)
		}
		if got := back(available, uuid.MustParse(serverB), n); !got.Contains(set) || !set.Contains(got) {
			t.Errorf("%d back: %s, want %s", n, got, want)
		}
	}
}

func TestOnlyTheNewestCandidatesAreKept(t *testing.T) {
	org := catalog.Key{Kind: catalog.KindOrg, ID: 3}
	wanted, err := gtid.Parse(fmt.Sprintf("%s:1-%d", serverA, 5*maxCourses))
	if err != nil {
		t.Fatal(err)
	}
	s := newSink(org, wanted)
	note := func(n int, keys binlog.Keys) {
		if err := s.Early(t.Context(), binlog.GTID{UUID: uuid.MustParse(serverA), Number: int64(n)}, keys); err != nil {
			t.Fatal(err)
		}
	}
	last := 3 * maxCourses
	for n := 1; n <= last; n++ {
		note(n, touching(n))
	}
	if n := len(s.courses.moments); n > 2*maxCourses {
		t.Errorf("%d courses are kept", n)
	}
	ours := int64(last - askCourses - 77)
	reader := &catalogue{parents: map[int64][]catalog.Key{ours: {org}, ours - 1: {org}}}
	finder := &Finder{Reader: reader}
	found, _, err := finder.newest(t.Context(), s)
	if err != nil || found.Of != ours || reader.asked > 15 {
		t.Errorf("found %+v, %v, after %d questions", found, err, reader.asked)
	}
	reader.parents = nil
	if found, _, err = finder.newest(t.Context(), s); !errors.Is(err, errTooMany) {
		t.Errorf("what is not kept may be the item's: %+v, %v", found, err)
	}
	note(last+1, touching(org))
	if found, _, err = finder.newest(t.Context(), s); err != nil || found.Number != int64(last+1) {
		t.Errorf("a touch for certain makes the older ones of no matter: %+v, %v", found, err)
	}
}

func TestWhyATouchIsNotKnown(t *testing.T) {
	course := catalog.Key{Kind: catalog.KindCourse, ID: 5}
	p := indexer.Position{ServerUUID: serverA, Executed: serverA + ":1-20"}
	finder := &Finder{Reader: &catalogue{}, Windows: []int64{3, 9}}
	for why, err := range map[string]error{
		"the replication user may not read the binlog;":  &gomysql.MyError{Code: gomysql.ER_SPECIFIC_ACCESS_DENIED_ERROR},
		"the replication user may not read the binlog; ": errors.New("start sync: ERROR 1045 (28000): Access denied"),
		"the binlog was purged":                          &gomysql.MyError{Code: gomysql.ER_MASTER_FATAL_ERROR_READING_BINLOG},
		"the binlog stream ended":                        nil,
		"several lines;":                                 errors.New("several lines\nof it"),
	} {
		_, got := finder.search(t.Context(), course, p, func(gtid.Set, binlog.Sink) error { return err })
		if so, ok := errors.AsType[*UnknownError](got); !ok || !strings.HasPrefix(so.Error(), why) || so.Looked > 0 {
			t.Errorf("%v: %v", err, got)
		}
	}
}

// silent is a Source that does not answer.
type silent struct{ indexer.Source }

func (silent) Position(ctx context.Context) (indexer.Position, error) {
	<-ctx.Done()
	return indexer.Position{}, fmt.Errorf("read position: %w", ctx.Err())
}

func TestASearchEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finder := &Finder{Source: silent{}}
		if _, err := finder.LastTouch(t.Context(), catalog.Key{}); !errors.Is(err, errTooLong) {
			t.Errorf("a server that is silent: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := finder.LastTouch(ctx, catalog.Key{}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

func TestTheReaderIsNeverTakenForTheIndexer(t *testing.T) {
	for range 100 {
		if id := randomServerID(5730, 1); id < 1<<31 {
			t.Fatalf("server id %d may be somebody's", id)
		}
	}
	if from := beyond(gtid.NewSet()); from.IsEmpty() {
		t.Error("canal begins elsewhere with an empty set")
	}
}
