package search

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/plan"
)

// suggestTimeout is short: a suggestion that comes after the next key is worth nothing.
const suggestTimeout = "500ms"

// suggestQueries is how many popular queries stand among the names at most, and
// suggestedQuery their type.
const (
	suggestQueries = 3
	suggestedQuery = "query"
)

// Points of a suggestion, multiplied with its popularity like those of a search.
const (
	suggestExact      = 100.0
	suggestBegin      = 50.0 // the name begins with what was typed
	suggestSounds     = 30.0 // or its pinyin does
	suggestInitials   = 25.0 // or its initials do
	suggestInside     = 15.0 // it is inside the name
	suggestSoundsIn   = 8.0
	suggestInitialsIn = 5.0
)

// Suggest completes what has been typed: names by their beginning or from inside, in
// Hanzi, pinyin or initials. Typing errors are allowed for only where nothing else is
// found. Names that several items share are suggested once, by the most popular of them.
// What is hidden from the answers to the text is not suggested for it either. No text gives
// no suggestions. Errors: CodeUnavailable.
func (s *Searcher) Suggest(ctx context.Context, text string, limit int) ([]catalog.Suggestion, error) {
	p := plan.Make(text, nil)
	if p.Empty() {
		return []catalog.Suggestion{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, searchDeadline)
	defer cancel()
	leave, err := s.rooms.typing.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	found, err := s.suggestBy(ctx, p, limit, suggestQuery)
	if err == nil && len(found) == 0 {
		found, err = s.suggestBy(ctx, p, limit, misspeltQuery)
	}
	if err != nil || s.queries == nil {
		return found, err
	}
	return withQueries(found, p, s.queries(text, min(suggestQueries, limit/3)), limit), nil
}

// withQueries puts popular queries behind the first name. One that is a name is left out.
func withQueries(names []catalog.Suggestion, p plan.Plan, queries []string, limit int) []catalog.Suggestion {
	m := newMarker(p, false).whileTyping(p)
	var lines []catalog.Suggestion
	for _, text := range queries {
		same := func(name catalog.Suggestion) bool { return hanzi.Fold(name.Text) == hanzi.Fold(text) }
		if slices.ContainsFunc(names, same) {
			continue
		}
		lines = append(lines, catalog.Suggestion{
			Text: text, Type: suggestedQuery, URL: "/?q=" + url.QueryEscape(text),
			Highlight: mark([]rune(text), m.spans(text, true)),
		})
	}
	all := slices.Insert(names, min(1, len(names)), lines...)
	return all[:min(limit, len(all))]
}

func (s *Searcher) suggestBy(ctx context.Context, p plan.Plan, limit int, query func(plan.Plan) object) ([]catalog.Suggestion, error) {
	var searches []search
	match := query(p)
	if match == nil {
		return []catalog.Suggestion{}, nil
	}
	asked := question{curated: s.curatedFor(p)}
	for _, k := range catalog.Kinds() {
		match := asked.curationsOf(k).withoutHidden(match)
		searches = append(searches, search{kind: k, body: object{
			"size": limit, "track_total_hits": false, "timeout": suggestTimeout, "_source": list{"id", "name"},
			"collapse": object{"field": "name_terms.exact"},
			"query":    withPopularity(searchable(object{"must": list{match}}), s.now()),
		}})
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return nil, err
	}
	type scored struct {
		catalog.Suggestion
		score float64
	}
	var all []scored
	failed := 0
	for i, a := range answers {
		k := searches[i].kind
		m := newMarker(p, k == catalog.KindTeacher).whileTyping(p)
		if a.err() != nil {
			failed, err = failed+1, a.err()
			continue
		}
		for _, raw := range a.Hits.Hits {
			d, err := decode[catalog.Ref](raw)
			if err != nil {
				return nil, err
			}
			spans, score := m.spans(d.Name, true), raw.score()
			if len(spans) > 0 && spans[0].Start > 0 && score >= suggestInitials {
				// A mixed name's Hanzi have initials of their own, which begin in the middle.
				score *= suggestInside / suggestInitials
			}
			all = append(all, scored{catalog.Suggestion{
				Text: d.Name, Type: string(k), ID: d.ID, URL: catalog.ItemURL(k, d.ID),
				Highlight: mark([]rune(d.Name), spans),
			}, score})
		}
	}
	if failed == len(answers) {
		return nil, catalog.Unavailable("the search index", fmt.Errorf("suggest: %w", err))
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	out := make([]catalog.Suggestion, 0, limit)
	for _, s := range all[:min(limit, len(all))] {
		out = append(out, s.Suggestion)
	}
	return out, nil
}

// suggestQuery matches names alone, as far as they have been typed.
func suggestQuery(p plan.Plan) object {
	queries := list{
		constant(suggestExact, term("name_terms.exact", p.Exact)),
		constant(suggestBegin, prefix("name_terms.exact", p.Exact)),
		constant(suggestInside, phrasePrefix("name", p.Text)),
	}
	for _, syllables := range slices.Concat(p.Pinyin, p.Loose) {
		queries = append(queries,
			constant(suggestSounds, phrasePrefix("name_terms.pinyin", "^ "+syllables)),
			constant(suggestSoundsIn, phrasePrefix("name_terms.pinyin", syllables)))
	}
	for _, initials := range initialsOf(p) {
		queries = append(queries,
			constant(suggestInitials, prefix("name_terms.initials", initials)),
			constant(suggestInitialsIn, prefix("name_terms.initials_inside", initials)))
	}
	if len(p.Groups) > 1 {
		queries = append(queries, constant(suggestSoundsIn, eachInName(p)))
	}
	return object{"dis_max": object{"queries": queries}}
}

// initialsOf also takes a single letter for an initial: so suggestions begin to come with
// the first key.
func initialsOf(p plan.Plan) []string {
	if len(p.Initials) == 0 && len(p.Exact) == 1 {
		return hanzi.InitialPrefixes(p.Exact)
	}
	return p.Initials
}

// eachInName wants every part in the name, in any order, each as text or as pinyin, and
// the last one perhaps unfinished: "python jich".
func eachInName(p plan.Plan) object {
	var must list
	for i, g := range p.Groups {
		for _, part := range g.Parts {
			ways := list{phrase("name", part.Text)}
			if i == len(p.Groups)-1 {
				ways = list{phrasePrefix("name", part.Text)}
			}
			if part.Script == plan.Word {
				for _, cut := range hanzi.SplitPinyin(part.Text) {
					ways = append(ways, phrasePrefix("name_terms.pinyin", strings.Join(cut, " ")))
				}
			}
			must = append(must, anyOf(ways))
		}
	}
	return object{"bool": object{"must": must}}
}

// misspeltQuery allows for typing errors in words, nil if no word is long enough for any.
func misspeltQuery(p plan.Plan) object {
	var must list
	possible := false
	for _, g := range p.Groups {
		for _, part := range g.Parts {
			if part.Edits > 0 {
				must, possible = append(must, fuzzy("name", part)), true
			} else {
				must = append(must, phrasePrefix("name", part.Text))
			}
		}
	}
	if !possible {
		return nil
	}
	return object{"bool": object{"must": must}}
}
