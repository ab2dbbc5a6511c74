package boards

import (
	"fmt"
	"strconv"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/rankings"
)

// keys begins every key of the boards.
//
//	state                     live and building generation, builder, follower, sequence
//	generations               those of which there may be keys
//	<generation>:keys         the keys below that are not always there
//	<generation>:<kind>:
//	  all                     sorted set, -catalog.Scoring.Hot
//	  day:2026-11-23          sorted set, -points of a day; expires after boardLife
//	  week:…, month:…         sorted sets, unions of days that end at that day
//	  rising:…, rising:…:made sorted set, -growth, and that it was made; a minute
//	  in:<facet>:<value>      set of the members with that value
//	  top:<board>?<filters>   sorted set, the first of an intersection; a few seconds
//	  cards                   hash, what is shown of a member
//	  marks                   hash, version, digest, days and facets of a member
//	  gone:2026-11-23         hash, versions of what was removed on a day; two days
//
// Scores are negated: sorted sets break ties by ascending member, so what is first on a
// board is at the beginning of its set.
func (b *Boards) keys() string { return b.client.Keys("rankings") }

// How long things are kept.
const (
	boardLife = 35 * 24 * time.Hour // after the day: a month, and some days of slack
	unionLife = 72 * time.Hour      // made a day ahead, and the next one is made from it
	stoneLife = 48 * time.Hour      // longer than any write can be late
)

// member is an item's name in a set. The letter is the number of digits, so that the
// order of members is that of ids.
func member(id int64) string {
	digits := strconv.FormatInt(id, 10)
	return string(rune('a'+len(digits)-1)) + digits
}

func memberID(m string) (int64, error) {
	if m == "" {
		return 0, fmt.Errorf("read member %q: it is empty", m)
	}
	id, err := strconv.ParseInt(m[1:], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read member %q: %w", m, err)
	}
	return id, nil
}

// boardName is the board of a window that ends at a day.
func boardName(w catalog.Window, day time.Time) string {
	if w == catalog.WindowAll {
		return string(w)
	}
	return string(w) + ":" + dayName(day)
}

func dayName(day time.Time) string { return catalog.Day(day).Format(time.DateOnly) }

// union is what unite.lua reads: a board, and how it is made.
type union struct {
	Board    string   `json:"board"`
	Days     []string `json:"days"`     // newest first
	Previous string   `json:"previous"` // the board of the day before
	Left     string   `json:"left"`     // the oldest day of that one
}

// unionOf is how the board of a window that ends at a day is made; nil for one that is
// always there.
func unionOf(w catalog.Window, day time.Time) *union {
	if w.Days() < 2 {
		return nil
	}
	u := &union{
		Board: boardName(w, day), Previous: boardName(w, day.AddDate(0, 0, -1)),
		Left: dayName(day.AddDate(0, 0, -w.Days())),
	}
	for _, d := range rankings.DaysOf(w, day) {
		u.Days = append(u.Days, dayName(d))
	}
	return u
}

// risingLife is how long a board of what rises is kept before it is made again, and
// risingMost of how many items of the week, the hottest, it is made: that bounds the time
// for which Redis answers nobody else.
const (
	risingLife = time.Minute
	risingMost = 10_000
)

// ascent is what rise.lua reads.
type ascent struct {
	Board        string              `json:"board"`
	Week         *union              `json:"week"`
	Month        *union              `json:"month"`
	Curve        catalog.RisingCurve `json:"curve"`
	Most         int                 `json:"most"`
	Milliseconds int64               `json:"milliseconds"`
}

// recipe is how the board of a window that ends at a day is made; nil for one that is
// always there.
func (b *Boards) recipe(w catalog.Window, day time.Time) any {
	if w != catalog.WindowRising {
		return unionOf(w, day)
	}
	return ascent{
		Board: boardName(w, day), Week: unionOf(catalog.WindowWeek, day), Month: unionOf(catalog.WindowMonth, day),
		Curve: b.scoring.RisingCurve(), Most: risingMost, Milliseconds: risingLife.Milliseconds(),
	}
}

// scoringName tells boards that were made with one scoring from those of another.
func (b *Boards) scoringName() string {
	s := b.scoring
	return fmt.Sprintf("%d/%d/%d/%s", s.View, s.Favorite, s.Enrolment, s.HalfLife)
}

// endDays are the days at which the unions end that are kept up: tomorrow's is there when
// the day turns, and yesterday's is there to make today's from.
func endDays(now time.Time) []time.Time {
	today := catalog.Day(now)
	return []time.Time{today.AddDate(0, 0, -1), today, today.AddDate(0, 0, 1)}
}

// unitedWindows are those whose boards are unions.
func unitedWindows() []catalog.Window {
	return []catalog.Window{catalog.WindowWeek, catalog.WindowMonth}
}

// keptDays are the days whose boards are kept up: those of the unions that are kept up,
// and the day that leaves when today's month is made from yesterday's.
func keptDays(now time.Time) []time.Time {
	day := catalog.Day(now).AddDate(0, 0, 1)
	days := make([]time.Time, catalog.WindowMonth.Days()+2)
	for i := range days {
		days[i] = day.AddDate(0, 0, -i)
	}
	return days
}

func facetName(f catalog.Facet, value string) string { return string(f) + ":" + value }

// score is a number as Redis reads it, without loss.
func score(f float64) string { return strconv.FormatFloat(-f, 'g', -1, 64) }
