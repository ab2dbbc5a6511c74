package search

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/rankings"
)

var _ rankings.Substitute = (*Searcher)(nil)

// The scripts go through the recent days of a document (catalog.Scoring.Recent). They
// are texts that never change, so that Elasticsearch compiles each once.
const (
	windowScript = `long sum = 0;
for (long day : doc['recent']) { if (day >= params.first && day < params.end) { sum += day % params.unit; } }
return sum;`
	// risingScript is catalog.RisingCurve.Score, operation by operation.
	risingScript = `double week = 0, before = 0;
for (long day : doc['recent']) {
  if (day >= params.end) { continue; }
  if (day >= params.week) { week += day % params.unit; } else if (day >= params.first) { before += day % params.unit; }
}
if (week < params.least) { return 0; }
double recent = week / params.spread, usual = Math.max(before, params.usual) / params.spread;
double n = recent + usual, share = recent / n, zz = params.z * params.z;
double root = Math.sqrt((share * (1 - share) + zz / (4 * n)) / n);
double low = (share + zz / (2 * n) - params.z * root) / (1 + zz / n);
double growth = low / (1 - low) * params.odds;
return growth > 1 ? growth : 0;`
)

// WithScoring is the searcher with the scoring that documents are made with.
func (s *Searcher) WithScoring(scoring catalog.Scoring) *Searcher {
	out := *s
	out.scoring = scoring
	return &out
}

// Hottest implements rankings.Substitute: what Redis would answer, out of the documents.
// Documents have the points of their recent days rather than finished scores, which would
// be wrong from midnight until all of them were written again; the days of the window are
// added up here, of those documents only to which something happened in it.
func (s *Searcher) Hottest(ctx context.Context, q catalog.RankingQuery, now time.Time) ([]catalog.RankingItem, error) {
	var answer searchAnswer
	ctx, end, err := s.beginList(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	if err := s.c.Do(ctx, http.MethodPost, "/"+s.c.Alias(q.Kind)+"/_search", s.hottestBody(q, now), &answer); err != nil {
		return nil, catalog.Unavailable("the search index", err)
	}
	items := make([]catalog.RankingItem, 0, len(answer.Hits.Hits))
	for _, h := range answer.Hits.Hits {
		item, err := rankedItem(q.Kind, h)
		if err != nil {
			return nil, err
		}
		// What does not rise comes last, and is not in the ranking.
		if q.Window == catalog.WindowAll || item.Score > 0 {
			items = append(items, item)
		}
	}
	return items, nil
}

func (s *Searcher) hottestBody(q catalog.RankingQuery, now time.Time) object {
	filter := filters(q.Kind, q.Filters, "")
	order := sortKeys(catalog.SortHot, false)
	if q.Window != catalog.WindowAll {
		source, params := s.windowSum(q.Window, now)
		from := params["first"]
		if q.Window == catalog.WindowRising {
			from = params["week"] // what does not rise would come out with nothing
		}
		filter = append(filter, object{"range": object{"recent": object{"gte": from, "lt": params["end"]}}})
		order = list{
			object{"_script": object{
				"type": "number", "order": "desc", "script": object{"lang": "painless", "source": source, "params": params},
			}},
			object{"id": object{"order": "asc"}},
		}
	}
	return object{
		"size": q.Limit, "track_total_hits": false, "timeout": searchTimeout, "query": searchable(object{"filter": filter}),
		"sort": order, "_source": list{"id", "name", "image", "students", "org"},
	}
}

// windowSum is the script of a window and its parameters.
func (s *Searcher) windowSum(w catalog.Window, now time.Time) (source string, params object) {
	today := catalog.DayNumber(now)
	first := func(days int) int64 { return (today + 1 - int64(days)) * catalog.RecentUnit }
	params = object{"unit": int64(catalog.RecentUnit), "end": first(0), "first": first(w.Days())}
	if w != catalog.WindowRising {
		return windowScript, params
	}
	curve := s.scoring.RisingCurve()
	params["first"], params["week"] = first(catalog.WindowMonth.Days()), first(catalog.WindowWeek.Days())
	params["least"], params["usual"], params["spread"] = curve.Least, curve.Usual, curve.Spread
	params["z"], params["odds"] = curve.Z, curve.Odds
	return risingScript, params
}

// rankedItem reads a hit; its score is the first of the values that it is sorted by.
func rankedItem(k catalog.Kind, h rawHit) (catalog.RankingItem, error) {
	d, err := decode[struct {
		ID       int64        `json:"id"`
		Name     string       `json:"name"`
		Image    string       `json:"image"`
		Students int          `json:"students"`
		Org      *catalog.Ref `json:"org"`
	}](h)
	if err != nil {
		return catalog.RankingItem{}, err
	}
	item := catalog.RankingItem{
		ID: d.ID, Name: d.Name, URL: catalog.ItemURL(k, d.ID), Image: d.Image, Students: d.Students, Org: d.Org,
	}
	if len(h.Sort) == 0 {
		return item, fmt.Errorf("rank %s %d: the hit has no sort values", k, d.ID)
	}
	if err := json.Unmarshal(h.Sort[0], &item.Score); err != nil {
		return item, fmt.Errorf("rank %s %d: %w", k, d.ID, err)
	}
	return item, nil
}
