package redis

import (
	"fmt"
	"strconv"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/rankings"
)

// boardKeys begins every key of the boards. What stands in braces is the hash tag: all of
// them are in one slot of a cluster, so that one script may use them together.
//
//	state                     live and building generation, builder, follower, sequence
//	generations               those of which there may be keys
//	<generation>:keys         the keys below that are not always there
//	<generation>:<kind>:
//	  all                     sorted set, -catalog.HotScore
//	  day:2026-11-23          sorted set, -points of a day; expires after boardLife
//	  week:…, month:…         sorted sets, unions of days that end at that day
//	  in:<facet>:<value>      set of the members with that value
//	  top:<board>?<filters>   sorted set, the first of an intersection; a few seconds
//	  cards                   hash, what is shown of a member
//	  marks                   hash, version, digest, days and facets of a member
//	  gone:2026-11-23         hash, versions of what was removed on a day; two days
//
// Scores are negated: sorted sets break ties by ascending member, so what is first on a
// board is at the beginning of its set.
func (c *Client) boardKeys() string { return "{" + c.prefix + ":rankings}:" }

// eventKeys begins every key of the queue of events. It has a slot of its own.
//
//	stream                                  the events that are not in MySQL yet
//	stream:name                             tells this stream from one that was lost
//	seen:2026-11-23:view:course:42          set of visitors; a bit over a day
func (c *Client) eventKeys() string { return "{" + c.prefix + ":events}:" }

// How long things are kept.
const (
	boardLife = 35 * 24 * time.Hour // after the day: a month, and some days of slack
	unionLife = 48 * time.Hour      // today's and tomorrow's are kept up
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

func dayName(day time.Time) string { return rankings.Day(day).Format(time.DateOnly) }

// dayNames are the days that a board is the union of; none for one that is always there.
func dayNames(w catalog.Window, today time.Time) []string {
	days := rankings.DaysOf(w, today)
	if len(days) < 2 {
		return []string{}
	}
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = dayName(d)
	}
	return names
}

func facetName(f catalog.Facet, value string) string { return string(f) + ":" + value }

// score is a number as Redis reads it, without loss.
func score(f float64) string { return strconv.FormatFloat(-f, 'g', -1, 64) }
