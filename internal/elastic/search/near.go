package search

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/plan"
)

// What is near a query stands apart from what it finds: courses that have some of its
// words, outside totals and facets, on the first page, where hits are few.

const (
	fewHits  = 3  // that are so few that something near is looked for
	nearHits = 50 // at most, and no more than a page has
)

// asksNear says whether what is near decides what is found. It does so in the same way on
// each page and in each order of hits: paging and sorting never change what was asked.
func (q question) asksNear() bool {
	return q.hasWords() && q.Cursor == nil && q.corrected == nil && slices.Contains(q.kinds, catalog.KindCourse)
}

// showsNear says whether this is a page on which something near may stand.
func (q question) showsNear() bool {
	return q.asksNear() && q.Page == 1 && q.Sort == catalog.SortRelevance
}

// nearSearch asks for what is near the question; ok is false where nothing can be.
func (q question) nearSearch(s *Searcher) (_ search, content []plan.Group, ok bool) {
	if !q.asksNear() {
		return search{}, nil, false
	}
	content = q.plan.Content(s.near)
	match := nearQuery(content)
	if match == nil {
		return search{}, nil, false
	}
	c := q.curationsOf(catalog.KindCourse)
	filter := filters(catalog.KindCourse, q.Filters, "")
	return search{kind: catalog.KindCourse, body: object{
		"query": c.withoutHidden(withPopularity(searchable(object{"filter": filter, "must": list{match}}), q.today)),
		"sort":  sortKeys(catalog.SortRelevance, true), "size": min(q.PerPage+fewHits, nearHits),
		"track_total_hits": false, "timeout": searchTimeout, "_source": sources(true),
	}}, content, true
}

// nearness is what was found near a question.
type nearness struct {
	content []plan.Group
	hits    []rawHit // that have some of the words
	meant   []rawHit // that are close in meaning, in the query's own writing
	other   []rawHit // and in others
	leads   bool     // what is close in meaning: nearly all courses have vectors
}

// any says whether anything was found.
func (n nearness) any() bool { return len(n.hits)+len(n.meant)+len(n.other) > 0 }

// findNear asks for what is near a question that has found a little. Without an answer
// there is nothing near.
func (s *Searcher) findNear(ctx context.Context, q question) (nearness, error) {
	searches, read := s.nearSearches(ctx, q)
	if len(searches) == 0 {
		return nearness{}, nil
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return nearness{}, err
	}
	return read(answers), nil
}

// nearSearches asks for what is near a question by its words and by its meaning; read makes
// of their answers, in order, what was found.
func (s *Searcher) nearSearches(ctx context.Context, q question) (searches []search, read func([]searchAnswer) nearness) {
	byWords, content, hasWords := q.nearSearch(s)
	if hasWords {
		searches = append(searches, byWords)
	}
	byMeaning, readMeaning := q.meaningSearches(ctx, s)
	searches = append(searches, byMeaning...)
	return searches, func(answers []searchAnswer) nearness {
		n := nearness{content: content}
		if hasWords {
			n.hits = answers[0].Hits.Hits
		}
		readMeaning(answers, &n)
		return n
	}
}

// hasFew says whether so little was found that something near is looked for: few hits, and
// none that has all of the query in its name or among its people, as what is known by name
// has.
func (q question) hasFew(r result) bool {
	if !q.showsNear() || r.textTotal() >= fewHits {
		return false
	}
	for _, k := range r.kinds {
		if slices.ContainsFunc(k.hits, q.isNamedBy) {
			return false
		}
	}
	return true
}

// isNamedBy says whether a hit has every word of the query where it says what it is, and
// not only in its long text, or was found by its sound.
func (q question) isNamedBy(h rawHit) bool {
	if h.score() >= nameWordsPoints {
		return true
	}
	d, err := decode[labels](h)
	if err != nil {
		return false
	}
	text := d.fold(false)
	for _, g := range q.plan.Groups {
		for _, part := range g.Parts {
			if !g.Optional && !strings.Contains(text, part.Text) {
				return false
			}
		}
	}
	return true
}

// labels are the texts of a document of any kind.
type labels struct {
	Name     string   `json:"name"`
	Org      *named   `json:"org"`
	Teachers []named  `json:"teachers"`
	Tags     []string `json:"tags"`
	Category string   `json:"category"`
	City     string   `json:"city"`

	Summary     string   `json:"summary"`
	Description string   `json:"description"`
	Lessons     []string `json:"lessons"`
}

type named struct {
	Name string `json:"name"`
}

// fold is the texts as one, in their normal form: those that say what it is, or all.
func (l labels) fold(all bool) string {
	texts := append([]string{l.Name, l.Category, l.City}, l.Tags...)
	if l.Org != nil {
		texts = append(texts, l.Org.Name)
	}
	for _, t := range l.Teachers {
		texts = append(texts, t.Name)
	}
	if all {
		texts = append(append(texts, l.Summary, l.Description), l.Lessons...)
	}
	return hanzi.Normalize(strings.Join(texts, "\n"))
}

// addTo puts what is near into an answer: the courses that are not among its hits, and
// what the first of them lacks.
func (n nearness) addTo(a *catalog.Answer, perPage int) error {
	if a.Courses == nil {
		return nil
	}
	m := marker{}
	for _, g := range n.content {
		for _, part := range g.Parts {
			m.add(part)
		}
		m.addAll(g.Synonyms)
	}
	for _, raw := range n.fuse() {
		hit, err := courseHit(raw, m)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(a.Courses.Hits, func(h catalog.CourseHit) bool { return h.ID == hit.ID }) {
			continue
		}
		if a.Courses.Near == nil && n.hasWordsOf(raw) {
			if a.LeftOut, err = leftOut(n.content, raw); err != nil {
				return err
			}
		}
		if a.Courses.Near = append(a.Courses.Near, hit); len(a.Courses.Near) == perPage {
			break
		}
	}
	return nil
}

// leftOut is what a hit lacks of the groups, as texts of the query.
func leftOut(groups []plan.Group, h rawHit) ([]string, error) {
	d, err := decode[labels](h)
	if err != nil {
		return nil, err
	}
	text := d.fold(true)
	var out []string
	for i, g := range groups {
		switch {
		case !slices.Contains(h.Matched, strconv.Itoa(i)):
			if !strings.Contains(text, g.Text()) { // one Hanzi alone has no query of its own
				out = append(out, g.Text())
			}
		case len(g.Synonyms) == 0 && g.Parts[0].Script == plan.Hanzi:
			out = append(out, absentRuns(g.Text(), text)...)
		}
	}
	return out, nil
}

// absentRuns are the pieces of a run, of two Hanzi or more, of which a text has no pair.
func absentRuns(run, text string) []string {
	runes := []rune(run)
	has := make([]bool, len(runes))
	for i := 0; i+2 <= len(runes); i++ {
		if strings.Contains(text, string(runes[i:i+2])) {
			has[i], has[i+1] = true, true
		}
	}
	var out []string
	for start := 0; start < len(runes); {
		end := start
		for end < len(runes) && !has[end] {
			end++
		}
		if end-start >= 2 {
			out = append(out, string(runes[start:end]))
		}
		start = end + 1
	}
	return out
}
