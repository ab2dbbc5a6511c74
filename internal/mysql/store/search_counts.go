package store

import (
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/searchlog"
)

// searchRow is a search that a click may still come for.
type searchRow struct {
	id              string
	day             time.Time
	query, spelling string
	counted         bool
	clicked         bool
}

// queryDay is one row of the counts of queries, positionDay one of those of positions.
type (
	queryDay    struct{ day, query string }
	positionDay struct {
		day      string
		kind     catalog.Kind
		position int
	}
)

// queryCounts is what is added to a row of the counts of queries.
type queryCounts struct {
	spelling                                                         string
	searches, visitors, zeroHits, corrected, relaxed, clicks, opened int64
	networks, shortened                                              int64
	found                                                            bool // something, in its spelling
	lastTotal                                                        *int64
}

type positionCounts struct{ shown, clicks int64 }

// searchCounts is what a batch adds.
type searchCounts struct {
	queries   map[queryDay]*queryCounts
	positions map[positionDay]*positionCounts
}

func newSearchCounts() searchCounts {
	return searchCounts{queries: map[queryDay]*queryCounts{}, positions: map[positionDay]*positionCounts{}}
}

// of is the counts of a query on a day.
func (c searchCounts) of(day time.Time, query, spelling string) *queryCounts {
	key := queryDay{day.Format(time.DateOnly), query}
	if c.queries[key] == nil {
		c.queries[key] = &queryCounts{spelling: spelling}
	}
	return c.queries[key]
}

// at is the counts of a position on a day, nil for one that is too far down to be looked at.
func (c searchCounts) at(day time.Time, k catalog.Kind, position int) *positionCounts {
	if position < 1 || position > searchlog.MaxPosition {
		return nil
	}
	key := positionDay{day.Format(time.DateOnly), k, position}
	if c.positions[key] == nil {
		c.positions[key] = &positionCounts{}
	}
	return c.positions[key]
}

// addSearch counts a search and what it showed.
func (c searchCounts) addSearch(e events.Event) searchRow {
	s, day := *e.Search, catalog.Day(e.At)
	for _, k := range catalog.Kinds() {
		for i := range min(s.Shown[k], searchlog.MaxPosition) {
			if p := c.at(day, k, s.From+i); p != nil {
				p.shown++
			}
		}
	}
	row := searchRow{id: e.SearchID, day: day, query: s.Query, spelling: s.Spelling, counted: s.Counts()}
	if !row.counted {
		return row
	}
	q := c.of(day, s.Query, s.Spelling)
	// What is shown of a query is a form of it that found something.
	if found := s.Total > 0 && !s.Corrected && !s.Relaxed; found || !q.found {
		q.spelling, q.found = s.Spelling, found
	}
	q.searches++
	q.networks += one(s.NewNetwork)
	q.shortened += one(s.Shortened)
	q.visitors += one(s.New)
	q.corrected += one(s.Corrected)
	q.relaxed += one(s.Relaxed)
	if !s.Narrowed {
		q.zeroHits += one(s.Total == 0)
		q.lastTotal = &s.Total
	}
	return row
}

// addClick counts a click in the day of its search, and says whether it is the first.
func (c searchCounts) addClick(e events.Event, row *searchRow) (first bool) {
	if p := c.at(row.day, e.Item.Kind, e.Position); p != nil {
		p.clicks++
	}
	q := c.of(row.day, row.query, row.spelling)
	q.clicks++
	first = row.counted && !row.clicked
	q.opened += one(first)
	row.clicked = row.clicked || first
	return first
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
