package rankings

import (
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
)

// DaysOf returns the days of a window that ends today (UTC), newest first; none for all
// of history.
func DaysOf(w catalog.Window, today time.Time) []time.Time {
	days := make([]time.Time, w.Days())
	for i := range days {
		days[i] = catalog.Day(today).AddDate(0, 0, -i)
	}
	return days
}

// WindowPoints is the score of a history in a window that ends today: the plain sum of
// the points of its days. It is not the score for all of history, which decays.
func WindowPoints(s catalog.Scoring, history []catalog.DailyCounts, w catalog.Window, today time.Time) float64 {
	last := catalog.Day(today)
	first := last.AddDate(0, 0, 1-w.Days())
	sum := 0.0
	for _, d := range history {
		if !d.Day.Before(first) && !d.Day.After(last) {
			sum += s.Points(d)
		}
	}
	return sum
}

// Score is what an item with a history has in a window that ends today: points, the
// decayed score of all time, or the growth of what rises.
func Score(s catalog.Scoring, history []catalog.DailyCounts, w catalog.Window, today time.Time) float64 {
	switch w {
	case catalog.WindowAll:
		return s.Hot(history)
	case catalog.WindowRising:
		return s.RisingCurve().Score(WindowPoints(s, history, catalog.WindowWeek, today), WindowPoints(s, history, catalog.WindowMonth, today))
	default:
		return WindowPoints(s, history, w, today)
	}
}

// Filters returns the facets that a ranking of a kind can be filtered by.
func Filters(k catalog.Kind) []catalog.Facet {
	switch k {
	case catalog.KindCourse:
		return []catalog.Facet{catalog.FacetCategory, catalog.FacetLevel, catalog.FacetCity, catalog.FacetOrg, catalog.FacetOrgCategory}
	case catalog.KindOrg:
		return []catalog.Facet{catalog.FacetCity, catalog.FacetOrgCategory}
	case catalog.KindTeacher:
		return []catalog.Facet{catalog.FacetCity, catalog.FacetOrg, catalog.FacetOrgCategory}
	default:
		return nil
	}
}

// check refuses a query that no board can answer. The field names are those of the API.
func check(q catalog.RankingQuery) error {
	if !slices.Contains(catalog.Kinds(), q.Kind) {
		return catalog.Invalidf("kind", "%q is not one of course, org, teacher", q.Kind)
	}
	if !slices.Contains(catalog.RankingWindows(), q.Window) {
		return catalog.Invalidf("window", "%q is not one of day, week, month, all, rising", q.Window)
	}
	if q.Limit < 1 || q.Limit > catalog.MaxRanking {
		return catalog.Invalidf("limit", "%d is not from 1 to %d", q.Limit, catalog.MaxRanking)
	}
	for facet, values := range q.Filters {
		if !slices.Contains(Filters(q.Kind), facet) {
			return catalog.Invalidf(string(facet), "does not filter rankings of %s", q.Kind.Plural())
		}
		if len(values) > 1 {
			return catalog.Invalidf(string(facet), "takes one value in a ranking")
		}
	}
	return nil
}
