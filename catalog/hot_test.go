package catalog

import (
	"slices"
	"testing"
	"time"
)

var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func ago(days int, views int64) DailyCounts {
	return DailyCounts{Day: today.AddDate(0, 0, -days), Views: views}
}

func TestDay(t *testing.T) {
	shanghai := time.FixedZone("Asia/Shanghai", 8*60*60)
	at := time.Date(2026, 3, 1, 7, 59, 59, 0, shanghai) // still the last of February in UTC
	if got, want := Day(at), time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC); got != want {
		t.Errorf("the day of %s is %s, want %s", at, got, want)
	}
}

func TestDayNumber(t *testing.T) {
	for text, want := range map[string]int64{
		"2020-01-01T00:00:00Z": 0, "2020-01-01T23:59:59Z": 0, "2020-01-02T00:00:00Z": 1, "2019-12-31T23:59:59Z": -1,
		"2019-12-31T00:00:00Z": -1, "2026-11-23T12:00:00Z": 2518, "2026-11-23T12:00:00+13:00": 2517,
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayNumber(at); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

func TestRecent(t *testing.T) {
	s := StandardScoring()
	for name, c := range map[string]struct {
		history []DailyCounts
		want    []int64
	}{
		"nothing":                 {nil, []int64{}},
		"nothing but empty days":  {[]DailyCounts{ago(0, 0)}, []int64{}},
		"in any order, with gaps": {[]DailyCounts{ago(0, 3), ago(9, 4), ago(2, 5)}, []int64{2509_000000004, 2516_000000005, 2518_000000003}},
		"a day in two parts":      {[]DailyCounts{ago(1, 3), ago(1, 4)}, []int64{2517_000000007}},
		"a month, and no more":    {[]DailyCounts{ago(0, 1), ago(30, 2), ago(31, 3)}, []int64{2488_000000002, 2518_000000001}},
		"by its own newest day":   {[]DailyCounts{ago(400, 1), ago(430, 2), ago(431, 3)}, []int64{2088_000000002, 2118_000000001}},
		"more than fits":          {[]DailyCounts{ago(0, 5e9)}, []int64{2518_999999999}},
		"before all time":         {[]DailyCounts{{Day: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), Views: 5}}, []int64{}},
		"weights":                 {[]DailyCounts{{Day: today, Views: 1, Favorites: 2, Enrolments: 3}}, []int64{2518_000000041}},
	} {
		if got := s.Recent(c.history); got == nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestHotHalves(t *testing.T) {
	s := Scoring{View: 1, HalfLife: 48 * time.Hour}
	if a, b := s.Hot([]DailyCounts{ago(4, 400)}), s.Hot([]DailyCounts{ago(0, 100)}); a != b {
		t.Errorf("400 views two half-lives ago are %v, 100 today %v", a, b)
	}
	if got := s.Hot(nil); got != 0 {
		t.Errorf("nothing ever: %v", got)
	}
}

func TestRising(t *testing.T) {
	curve := StandardScoring().RisingCurve()
	if curve.Spread < 2 || curve.Spread > 2.2 || curve.Usual != 23 {
		t.Errorf("the curve is %+v", curve)
	}
	score := func(week, before float64) float64 { return curve.Score(week, week+before) }
	for name, never := range map[string]float64{
		"a few visitors of something new": score(9, 0), "the usual": score(70, 230), "less than usual": score(10, 1000),
		"a little more, which may be chance": score(8+4, 23), "nothing": score(0, 0),
	} {
		if never != 0 {
			t.Errorf("%s rises by %v", name, never)
		}
	}
	// The more there is to go by, the nearer the bound comes to the quotient, from below.
	last := 0.0
	for _, times := range []float64{1, 10, 100, 1000, 10_000} {
		got := score(30*times, 30*times)
		if got <= last || got >= 23.0/7 {
			t.Errorf("30 and 30, %v times: %v after %v", times, got, last)
		}
		last = got
	}
	if last < 3.2 {
		t.Errorf("the bound stays at %v of %v", last, 23.0/7)
	}
	// Twice as much of much beats ten times as much of nearly nothing only if it is certain.
	if a, b := score(20, 0), score(2000, 1000); a >= b {
		t.Errorf("20 visits of something new (%v) come before 2,000 where 300 were usual (%v)", a, b)
	}
	if a, b := score(400, 0), score(2000, 2000); a <= b {
		t.Errorf("400 visits of something new (%v) come after a growth by three (%v)", a, b)
	}
}
