package search

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/eval"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/plan"
	"github.com/xunke/xunke/mappings"
	"github.com/xunke/xunke/searchlog"
)

// Meaning makes the vector of a query, in one byte a dimension, and says of which model it
// is. Without one, or without one in time, it is nil, and the search goes by words.
type Meaning func(ctx context.Context, text string) (vector []int8, model string)

const (
	// meantCandidates is how many documents of a shard are looked at, at least, for those that are
	// closest; they are found through a graph, so some that are close may be missed. For 13 hits
	// 60 find 99.9 % of what 100 find.
	meantCandidates = 60
	// Reciprocal ranks are fused (Cormack et al., Reciprocal Rank Fusion outperforms Condorcet
	// and individual Rank Learning Methods, SIGIR 2009). What is close in meaning leads, and the
	// words that it has count a little: on the judged set 0.1 finds 81 % among the first three, 0.5
	// finds 73 %.
	fusionRank   = 60
	otherWeight  = 0.9 // in other writings: the first stands behind some of its own
	wordedWeight = 0.1
	// knownWeight is of hits that have half of the query's words or more, one of which rules know: that
	// 托福 is called TOEFL, or that who asks for Confucius wants 论语, a small model knows less surely.
	// Where rules know nothing it changes nothing. With 0.8 fifteen courses in the query's own
	// language stand before the first of another that rules name.
	knownWeight = 1.0
)

// WithMeaning is the searcher that looks for what is close in meaning as well, beside few hits.
func (s *Searcher) WithMeaning(meaning Meaning) *Searcher {
	out := *s
	out.meaning = meaning
	return &out
}

// meaningSearches ask for the courses closest in meaning to the question: those in its own
// writing, and those in others, since texts in one writing lie close together whatever they
// are about. There are none where there is no vector of the question, and while few courses
// have one. read adds the answers, which are the last of those that it is given.
func (q question) meaningSearches(ctx context.Context, s *Searcher) (searches []search, read func([]searchAnswer, *nearness)) {
	nothing := func([]searchAnswer, *nearness) {}
	if s.meaning == nil || !q.asksNear() {
		return nil, nothing
	}
	if until, ok := s.coverage.tooFew(s.now()); ok {
		catalog.KeepUntil(ctx, until) // there may be more vectors than when they were counted
		return nil, nothing
	}
	vector, model := s.meaning(ctx, s.textFor(q))
	if vector == nil {
		return nil, nothing
	}
	share, until, counted := s.coverage.of(model, s.now())
	own, other := vectorField, vectorOtherField
	if !mappings.IsHanzi(q.Text) {
		own, other = other, own
	}
	filter := filters(catalog.KindCourse, q.Filters, "")
	if !counted || share < 1 {
		filter = append(filter, ofModel(model))
	}
	searches = []search{
		{kind: catalog.KindCourse, body: q.meaningBody(own, vector, filter)},
		{kind: catalog.KindCourse, body: q.meaningBody(other, vector, filter)},
	}
	if !counted {
		searches = append(searches, coverageSearch(model))
	}
	return searches, func(answers []searchAnswer, n *nearness) {
		answers = answers[len(answers)-len(searches):]
		if !counted {
			share, until = s.coverage.learn(model, s.now(), answers[2])
		}
		if n.leads = share >= coverageLeads; !n.leads {
			catalog.KeepUntil(ctx, until)
		}
		if share >= coverageAsks { // an index from before there were vectors answers with errors, and so with nothing
			n.meant, n.other = answers[0].Hits.Hits, answers[1].Hits.Hits
		}
	}
}

// textFor is the text that is put to the model: what was typed, with its other names where rules
// know the whole of it. 電漿 is a word of Taiwan that the model takes for something electric.
func (s *Searcher) textFor(q question) string {
	text := strings.TrimSpace(q.Text)
	if s.synonyms == nil {
		return text
	}
	return strings.Join(append([]string{text}, s.synonyms(q.plan.Exact)...), " ")
}

// Fields of vectors: mappings.IsHanzi says in which of them that of a course is.
const (
	vectorField      = "vector"
	vectorOtherField = "vector_other"
)

// ofModel is a filter for vectors of a model: those of two have nothing to do with each other. It makes
// a search of the closest dearer by half, and is left out once all courses have one of the model.
func ofModel(model string) object { return term("vector_model", model) }

// meaningBody asks for what is closest to a vector in one of the fields of vectors. What is deleted
// has none.
func (q question) meaningBody(field string, vector []int8, filter list) object {
	size := min(q.PerPage+fewHits, nearHits)
	closest := object{"field": field, "query_vector": vector, "k": size, "num_candidates": max(meantCandidates, 2*size)}
	c := q.curationsOf(catalog.KindCourse)
	if len(filter) > 0 || len(c.hidden) > 0 {
		closest["filter"] = c.withoutHidden(object{"bool": object{"filter": filter}})
	}
	return object{
		"knn": closest,
		// What was found by its vector need not have a word that could be marked in its long text.
		"size": size, "track_total_hits": false, "timeout": searchTimeout, "_source": sources(false),
	}
}

// topicRunes is the length up to which a run of Hanzi names a topic. Longer ones are mostly
// names of courses, and who has found the one that is called so waits for nothing more.
const topicRunes = 6

// isRareTopic says whether a query of one short word, which names what it is about, has few
// hits, courses all of them: a visitor may want those that are about it in other words, or in
// another language. What is the whole name of a course, or may be pinyin, is no topic.
func (q question) isRareTopic(r result) bool {
	if !q.showsNear() || len(q.plan.Groups) != 1 || r.textTotal() >= fewHits {
		return false
	}
	topic := q.plan.Groups[0]
	if mappings.IsHanzi(q.Text) && len([]rune(topic.Text())) > topicRunes ||
		slices.ContainsFunc(topic.Parts, func(p plan.Part) bool { return len(p.Pinyin) > 0 }) {
		return false
	}
	return !slices.ContainsFunc(r.kinds, func(k kindResult) bool {
		return k.kind != catalog.KindCourse && k.textTotal > 0 ||
			slices.ContainsFunc(k.hits, func(h rawHit) bool { return h.score() >= exactPoints })
	})
}

// findMeant asks for what is close in meaning to a rare topic, and for what rules say about its
// words where they say anything: what has the words themselves is found already.
func (s *Searcher) findMeant(ctx context.Context, q question) (nearness, error) {
	find := s.findClosest
	if q.hasKnownContent(s) {
		find = s.findNear
	}
	n, err := find(ctx, q)
	if err != nil || !n.hasMeant() {
		return nearness{}, err
	}
	return n, nil
}

// findClosest asks for what is close in meaning and for nothing else.
func (s *Searcher) findClosest(ctx context.Context, q question) (n nearness, err error) {
	searches, read := q.meaningSearches(ctx, s)
	if len(searches) == 0 {
		return nearness{}, nil
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return nearness{}, err
	}
	read(answers, &n)
	return n, nil
}

// hasKnownContent says whether rules know any of the question's words.
func (q question) hasKnownContent(s *Searcher) bool {
	return slices.ContainsFunc(q.plan.Content(s.near), func(g plan.Group) bool { return len(g.Synonyms) > 0 })
}

// fuse joins what has some of the words and what is close in meaning, which leads if nearly
// all courses have vectors, and stands behind otherwise.
func (n nearness) fuse() []rawHit {
	words, meaning := wordedWeight, 1.0
	if !n.leads {
		words, meaning = 1, wordedWeight
	}
	worded := func(h rawHit) float64 {
		if n.leads && n.hasKnown(h) {
			return knownWeight
		}
		return words
	}
	all, _ := fuseLists(rankedList{n.hits, worded}, rankedList{n.meant, always(meaning)}, rankedList{n.other, always(meaning * otherWeight)})
	return all
}

// hasKnown says whether a hit that was found by words has half of them, and among these one that
// rules know: the word itself or what stands for it.
func (n nearness) hasKnown(h rawHit) bool {
	known := false
	for _, name := range h.Matched {
		i, err := strconv.Atoi(name)
		known = known || err == nil && i < len(n.content) && len(n.content[i].Synonyms) > 0
	}
	return known && 2*len(h.Matched) >= len(n.content)
}

// rankedList is hits in their order, and what the rank of each counts for.
type rankedList struct {
	hits   []rawHit
	weight func(rawHit) float64
}

// always is one weight for all hits of a list.
func always(weight float64) func(rawHit) float64 { return func(rawHit) float64 { return weight } }

// fuseLists joins lists by reciprocal ranks. Of what is in several the first is taken.
func fuseLists(lists ...rankedList) (all []rawHit, scores map[string]float64) {
	scores = map[string]float64{}
	for _, list := range lists {
		for i, h := range list.hits {
			if _, known := scores[h.ID]; !known {
				all = append(all, h)
			}
			scores[h.ID] += list.weight(h) / float64(fusionRank+i+1)
		}
	}
	slices.SortStableFunc(all, func(a, b rawHit) int { return cmp.Compare(scores[b.ID], scores[a.ID]) })
	return all, scores
}

func hasHit(hits []rawHit, id string) bool {
	return slices.ContainsFunc(hits, func(h rawHit) bool { return h.ID == id })
}

// hasMeant says whether the meaning of the question was asked for in time, and found anything
// among nearly all courses.
func (n nearness) hasMeant() bool { return n.leads && len(n.meant)+len(n.other) > 0 }

// hasWordsOf says whether a hit was found by words of the query: only of such it can be said
// which are left out.
func (n nearness) hasWordsOf(h rawHit) bool {
	return hasHit(n.hits, h.ID)
}

// ByMeaning finds courses by their vectors alone.
type ByMeaning struct {
	searcher *Searcher
}

// NewByMeaning makes a system for comparison with the search that visitors get.
func NewByMeaning(c *elastic.Client, meaning Meaning) ByMeaning {
	return ByMeaning{NewSearcher(c, nil).WithMeaning(meaning)}
}

var _ eval.Searcher = ByMeaning{}

// Keys implements eval.Searcher. Nothing that is found is a hit.
func (b ByMeaning) Keys(ctx context.Context, kinds []catalog.Kind, text string, limit int) (eval.Results, error) {
	hits, err := b.searcher.closest(ctx, kinds, text, limit)
	if err != nil || len(hits) == 0 {
		return eval.Results{}, err
	}
	var keys []string
	for _, hit := range hits {
		keys = append(keys, keyOf(hit.Key, hit.ID))
	}
	return eval.Results{Near: map[catalog.Kind][]string{catalog.KindCourse: keys}}, nil
}

var _ searchlog.Closest = (*Searcher)(nil)

// Closest finds the courses that are closest to a text in meaning, best first: none without a
// model, and while few courses have a vector. The error is CodeUnavailable.
func (s *Searcher) Closest(ctx context.Context, text string, limit int) ([]catalog.CourseHit, error) {
	ctx, end, err := s.beginList(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	hits, err := s.closest(ctx, []catalog.Kind{catalog.KindCourse}, text, limit)
	return hits[:min(len(hits), limit)], err
}

func (s *Searcher) closest(ctx context.Context, kinds []catalog.Kind, text string, limit int) ([]catalog.CourseHit, error) {
	q := s.newQuestion(catalog.Query{Text: text, Kinds: kinds, Sort: catalog.SortRelevance, Page: 1, PerPage: limit})
	searches, read := q.meaningSearches(ctx, s)
	if len(searches) == 0 {
		return nil, nil
	}
	answers, err := s.msearch(ctx, searches)
	if err == nil {
		err = errors.Join(answers[0].err(), answers[1].err())
	}
	if err != nil {
		return nil, err
	}
	var n nearness
	read(answers, &n)
	var hits []catalog.CourseHit
	for _, raw := range n.fuse() {
		hit, err := courseHit(raw, marker{})
		if err != nil {
			return nil, err
		}
		hits = append(hits, hit)
	}
	return hits, nil
}
