package searchlog

import (
	"strconv"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
)

// MaxPosition is the last position whose clicks are looked at.
const MaxPosition = 50

// MaxReportDays is how far back a report goes.
const MaxReportDays = 400

// Report is what was searched for from one day to another (UTC), both included.
type Report struct {
	From      time.Time        `json:"from"`
	To        time.Time        `json:"to"`
	Totals    Counts           `json:"totals"`
	Nameless  int64            `json:"nameless"`  // searches whose text is not kept
	Top       []QueryCounts    `json:"top"`       // most searches first
	ZeroHits  []QueryCounts    `json:"zero_hits"` // most searches without a hit first
	Positions []PositionCounts `json:"positions"` // by kind and position; those never shown are left out
}

// Counts is how often a query, or all together, was searched for and what came of it.
type Counts struct {
	Searches  int64 `json:"searches"`
	Visitors  int64 `json:"visitors"`  // once a day and query
	ZeroHits  int64 `json:"zero_hits"` // without filters
	Corrected int64 `json:"corrected"` // answered with a correction
	Relaxed   int64 `json:"relaxed"`   // answered with hits that lack some of the words
	Clicks    int64 `json:"clicks"`
	Clicked   int64 `json:"clicked"` // searches that led to a click
}

// ZeroHitRate is the share of searches that found nothing; 0 where there were none.
func (c Counts) ZeroHitRate() float64 { return rate(c.ZeroHits, c.Searches) }

// CorrectedRate is the share of searches that were answered with a correction.
func (c Counts) CorrectedRate() float64 { return rate(c.Corrected, c.Searches) }

// ClickRate is the share of searches that led to a click.
func (c Counts) ClickRate() float64 { return rate(c.Clicked, c.Searches) }

// QueryCounts is the counts of one query.
type QueryCounts struct {
	Query     string `json:"query"`      // as it was last typed, in its normal form
	LastTotal *int64 `json:"last_total"` // hits when it was last asked without filters; null: never
	Counts
}

// PositionCounts is how often hits of a kind were shown at a position, and opened there.
type PositionCounts struct {
	Kind     catalog.Kind `json:"kind"`
	Position int          `json:"position"` // in the list of its kind, from 1
	Shown    int64        `json:"shown"`
	Clicks   int64        `json:"clicks"`
}

// Rate is the share of the hits shown that were opened.
func (p PositionCounts) Rate() float64 { return rate(p.Clicks, p.Shown) }

func rate(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// ParseSince reads from which day (UTC) a report goes: "7d" is seven days with today,
// "24h" every day of which some lies within the last 24 hours, "2026-11-01" that day. The
// error is CodeInvalid about the field since.
func ParseSince(text string, now time.Time) (time.Time, error) {
	today := catalog.Day(now)
	first := today.AddDate(0, 0, 1-MaxReportDays)
	if days, ok := number(text, "d"); ok {
		if days < 1 || days > MaxReportDays {
			return time.Time{}, catalog.Invalidf("since", "%q is not between 1d and %dd", text, MaxReportDays)
		}
		return today.AddDate(0, 0, 1-days), nil
	}
	if hours, ok := number(text, "h"); ok {
		if most := 24 * (MaxReportDays - 1); hours < 1 || hours > most {
			return time.Time{}, catalog.Invalidf("since", "%q is not between 1h and %dh", text, most)
		}
		return catalog.Day(now.Add(-time.Duration(hours) * time.Hour)), nil
	}
	from, err := time.Parse(time.DateOnly, text)
	switch {
	case err != nil:
		return time.Time{}, catalog.Invalidf("since", "%q is none of 7d, 24h, %s", text, today.AddDate(0, 0, -7).Format(time.DateOnly))
	case from.After(today):
		return time.Time{}, catalog.Invalidf("since", "%q has not come yet", text)
	case from.Before(first):
		return time.Time{}, catalog.Invalidf("since", "%q is before %s, and older counts are not kept", text, first.Format(time.DateOnly))
	}
	return from, nil
}

// number reads a whole number with a unit.
func number(text, unit string) (n int, ok bool) {
	digits, ok := strings.CutSuffix(text, unit)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}
