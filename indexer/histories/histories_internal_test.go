package histories

import (
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
)

func org(id int64) catalog.Key { return catalog.Key{Kind: catalog.KindOrg, ID: id} }

// on are the views of a day.
func on(day, views int64) catalog.DailyCounts {
	return catalog.DailyCounts{Day: catalog.DayOf(day), Views: views, Favorites: 1, Enrolments: 4_000_000_000}
}

func TestHistoriesArePacked(t *testing.T) {
	for _, want := range [][]catalog.DailyCounts{
		{}, {on(2500, 3)}, {{Views: 7}, on(-3, 0), on(0, 1<<40), on(2500, 3), on(65_000, 1)}, // the first is MySQL's zero date
	} {
		got := unpack(pack(want))
		if len(want) > 0 && want[0].Day.IsZero() && got[0].Day.IsZero() {
			got[0].Day = want[0].Day
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%v became %v", want, got)
		}
	}
}

// reads reads an item whose counts changed on some days, of which rows are what MySQL has. It
// returns which days were asked for, and the history that comes of it.
func reads(t *testing.T, h *Cache, k catalog.Key, days binlog.Days, rows ...catalog.DailyCounts) (asked []int64, whole bool, history []catalog.DailyCounts) {
	t.Helper()
	r := h.Begin(Changes{k: days})
	asked, some := r.Days()[k]
	read := map[catalog.Key][]catalog.DailyCounts{}
	for _, d := range rows {
		if !some || slices.Contains(asked, catalog.DayNumber(d.Day)) {
			read[k] = append(read[k], d)
		}
	}
	if !r.End(read) {
		t.Error("was forgotten")
	}
	return asked, !some, read[k]
}

func TestOnlyDaysThatChangedAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, k := New(), org(1)
		rows := []catalog.DailyCounts{on(1, 1), on(2, 1), on(3, 1)}
		check := func(what string, days binlog.Days, wantAsked []int64, wantWhole bool) {
			t.Helper()
			asked, whole, history := reads(t, h, k, days, rows...)
			if whole != wantWhole || !slices.Equal(asked, wantAsked) || !slices.Equal(history, rows) {
				t.Errorf("%s: asked for %v (all: %t) and made %v of it", what, asked, whole, history)
			}
		}
		check("the first time", binlog.Days{}, nil, true)
		check("nothing changed", binlog.Days{}, nil, false)
		rows = []catalog.DailyCounts{on(0, 5), on(1, 1), on(3, 9)}
		check("a day comes, one goes, one changes", binlog.OneDay(3).With(binlog.OneDay(0)).With(binlog.OneDay(2)), []int64{0, 2, 3}, false)
		rows = nil
		check("all go", binlog.OneDay(0).With(binlog.OneDay(1)).With(binlog.OneDay(3)), []int64{0, 1, 3}, false)
		check("there is none", binlog.Days{}, nil, false)
		check("any may have changed", binlog.EveryDay(), nil, true)
		<-time.After(life) // by the clock of synctest
		check("it is old", binlog.Days{}, nil, true)
		h.ForgetAfter(map[binlog.FanOut]struct{}{{Relation: binlog.CoursesOfOrg, ID: 1}: {}})
		check("a name changed", binlog.Days{}, nil, false)
		h.ForgetAfter(map[binlog.FanOut]struct{}{{Relation: binlog.EveryOrg}: {}})
		check("everything may have changed", binlog.Days{}, nil, true)
	})
}

func TestWhatIsForgottenMeanwhileIsReadWhole(t *testing.T) {
	h := New()
	reads(t, h, org(1), binlog.Days{}, on(1, 1))
	r := h.Begin(Changes{org(1): binlog.OneDay(1)})
	h.Forget()
	if r.End(map[catalog.Key][]catalog.DailyCounts{}) {
		t.Error("a part of a history was taken for all of it")
	}
	if r := h.Begin(Changes{org(1): {}}); len(r.Days()) > 0 {
		t.Error("it is still there")
	}
}

func TestHistoriesAreBounded(t *testing.T) {
	h := New()
	var years []catalog.DailyCounts
	for day := range int64(3000) {
		years = append(years, on(day, day))
	}
	for id := range int64(2000) {
		reads(t, h, org(id), binlog.EveryDay(), years...)
	}
	if h.bytes > maxBytes || h.kept.Len() < 100 {
		t.Errorf("%d are kept in %d bytes", h.kept.Len(), h.bytes)
	}
	if _, whole, _ := reads(t, h, org(1999), binlog.Days{}); whole {
		t.Error("the newest is not there")
	}
	h.Forget()
	if h.bytes != 0 {
		t.Errorf("%d bytes are left of nothing", h.bytes)
	}
	all, days := Changes{}, 0
	for id := range int64(20) {
		reads(t, h, org(id), binlog.EveryDay(), on(1, 1))
		all[org(id)] = binlog.OneDay(int64(days)).With(binlog.OneDay(int64(days + 1)))
		days += 2
	}
	if r := h.Begin(all); len(r.Days()) > 0 || len(r.held) > 0 {
		t.Errorf("%d days of a page are read one by one", days)
	}
}
