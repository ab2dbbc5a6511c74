package binlog

import (
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
)

// mostDays is how many days are named. What changes on more is read whole, which takes no
// longer then.
const mostDays = 8

// Days are the days on which an item's counts changed. The zero value is none: what changed
// is something else.
type Days struct {
	numbers []int64 // of catalog.DayNumber, ascending; shared by copies and never written to
	every   bool
	counted bool
}

// EveryDay is all of history.
func EveryDay() Days { return Days{every: true} }

// OneDay is the day with that number.
func OneDay(number int64) Days { return Days{numbers: []int64{number}} }

// CountedDays are those on which a course has counts, however many. They change for whoever
// adds the course up from now on; its own history does not.
func CountedDays() Days { return Days{counted: true} }

// Counted says whether CountedDays are among them.
func (d Days) Counted() bool { return d.counted }

// Every says whether any day may have changed.
func (d Days) Every() bool { return d.every }

// Numbers are the days by their numbers, ascending, unless it is every day.
func (d Days) Numbers() []int64 { return d.numbers }

// With adds other days.
func (d Days) With(other Days) Days {
	if d.every || other.every {
		return EveryDay()
	}
	d.counted = d.counted || other.counted
	for _, n := range other.numbers {
		at, found := slices.BinarySearch(d.numbers, n)
		switch {
		case found:
		case len(d.numbers) == mostDays:
			return EveryDay()
		default:
			d.numbers = slices.Insert(slices.Clone(d.numbers), at, n)
		}
	}
	return d
}

// day is the day of a row of daily counts, every day where that cannot be told.
func (i image) day() Days {
	at, ok := i.columns["day"]
	if !ok || at >= len(i.values) {
		return EveryDay()
	}
	text, ok := i.values[at].(string)
	if !ok {
		return EveryDay()
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil { // a date without a day, as sessions without a strict SQL mode store it
		return EveryDay()
	}
	return OneDay(catalog.DayNumber(day))
}
