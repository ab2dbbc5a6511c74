package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/english"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/plan"
	"github.com/xunke/xunke/mappings"
)

// candidates is how many documents of each kind are looked at for a correction.
const candidates = 20

// minSoundRunes is the length of a run of Hanzi from which homophones are looked for: the
// homophones of a word of two characters are other words, and other people's names.
const minSoundRunes = 3

// correct looks for names that are spelt or sound nearly like the query, takes the query
// as the nearest of them has it, and asks again. ok is false if that finds nothing. The
// filters play no part in finding the correction, only in what it then shows.
func (s *Searcher) correct(ctx context.Context, q question) (question, result, bool, error) {
	var searches []search
	for _, k := range q.kinds {
		query := correctionQuery(k, q.plan)
		if query == nil {
			continue
		}
		searches = append(searches, search{kind: k, body: object{
			"size": candidates, "track_total_hits": false, "timeout": searchTimeout,
			"_source": list{"name", "org.name", "teachers.name", "tags", "category"},
			"query":   withPopularity(searchable(object{"must": list{query}}), q.today),
		}})
	}
	if len(searches) == 0 {
		return q, result{}, false, nil
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return q, result{}, false, err
	}
	var all []correction
	for i, a := range answers {
		for _, raw := range a.Hits.Hits {
			c, err := correctionBy(raw, searches[i].kind, q.plan)
			if err != nil {
				return q, result{}, false, err
			}
			all = append(all, c)
		}
	}
	best := bestOf(all)
	if best.cost == 0 {
		return q, result{}, false, nil
	}
	q = q.corrects(s, best.text)
	again, err := s.run(ctx, q)
	return q, again, again.total() > 0, err
}

// correctDoubtful is the answer to the question as corrected, if the given answer is
// doubtful and a correction finds anything. What it is judged by is all that was found, of
// which a page by number or by cursor may show nothing.
func (s *Searcher) correctDoubtful(ctx context.Context, q question, r result, a catalog.Answer) (catalog.Answer, error) {
	if !q.mayBeDoubtful(r) || showsTyped(a) {
		return a, nil
	}
	if !showsAll(a, r) {
		all := q
		all.Cursor, all.Page, all.PerPage = nil, 1, doubtfulHits
		whole, err := s.run(ctx, all)
		if err != nil {
			return a, err
		}
		if shown, err := all.answer(whole); err != nil || showsTyped(shown) {
			return a, err
		}
	}
	corrected, found, ok, err := s.correct(ctx, q)
	if err != nil || !ok {
		return a, err
	}
	return corrected.answer(found)
}

// keepWords is a plan in which English words, and what rules know, have no typing errors, and
// whether that is another plan: "understand the stars" is no slip for "understand the start",
// and who typed it is better served by what is near.
func keepWords(p plan.Plan) (_ plan.Plan, isOther bool) {
	p.Groups = slices.Clone(p.Groups)
	for i, g := range p.Groups {
		g.Parts = slices.Clone(g.Parts)
		for j, part := range g.Parts {
			if part.Edits > 0 && (len(g.Synonyms) > 0 || english.IsWord(part.Text)) {
				g.Parts[j].Edits = 0
				isOther = true
			}
		}
		p.Groups[i] = g
	}
	return p, isOther
}

// correctionQuery finds documents that have every group, be it with typing errors in words
// or with homophones in runs of Hanzi. It is nil if no group can have any.
func correctionQuery(k catalog.Kind, p plan.Plan) object {
	var must list
	possible := false
	for _, g := range p.Groups {
		for _, part := range g.Parts {
			queries := list{typedQuery(part.Text)}
			switch {
			case mayBeHomophone(k, part):
				near := strings.Join(hanzi.NearTokens(part.Text), " ")
				queries = append(queries, phrase("name_terms.near", near))
			case part.Edits > 0:
				queries = append(queries, fuzzy("name", part), fuzzy("context", part))
			}
			possible = possible || len(queries) > 1
			if !g.Optional {
				must = append(must, object{"dis_max": object{"queries": queries}})
			}
		}
	}
	if !possible || len(must) == 0 {
		return nil
	}
	return object{"bool": object{"must": must}}
}

// mayBeHomophone says whether homophones of a part are looked for. They never are in the
// names of teachers: a name that is not there must not give strangers.
func mayBeHomophone(k catalog.Kind, part plan.Part) bool {
	return part.Script == plan.Hanzi && k != catalog.KindTeacher && utf8.RuneCountInString(part.Text) >= minSoundRunes
}

func fuzzy(field string, part plan.Part) object {
	return object{"match": object{field: object{
		"query": part.Text, "analyzer": "plain", "fuzziness": part.Edits, "prefix_length": 1, "max_expansions": 50,
	}}}
}

// correction is a query as it may have been meant.
type correction struct {
	text    string
	cost    int // letters and Hanzi that were changed; 0: it is what was typed
	unknown int // parts that the document has nothing near of where it was looked
}

// bestOf is the correction that leaves the fewest parts unknown and changes least; of
// several such the one that most documents agree on, and of these the first. It is the
// zero correction if none changes anything.
func bestOf(all []correction) (best correction) {
	agree := map[correction]int{}
	for _, c := range all {
		agree[c]++
	}
	for _, c := range all {
		if c.cost == 0 {
			continue
		}
		order := cmp.Or(cmp.Compare(c.unknown, best.unknown), cmp.Compare(c.cost, best.cost), cmp.Compare(agree[best], agree[c]))
		if best.cost == 0 || order < 0 {
			best = c
		}
	}
	return best
}

// correctionBy corrects each part of the query by one document.
func correctionBy(raw rawHit, k catalog.Kind, p plan.Plan) (correction, error) {
	d, err := decode[struct {
		Name     string         `json:"name"`
		Org      *mappings.Ref  `json:"org"`
		Teachers []mappings.Ref `json:"teachers"`
		Tags     []string       `json:"tags"`
		Category string         `json:"category"`
	}](raw)
	if err != nil {
		return correction{}, err
	}
	texts := append([]string{d.Name, d.Category}, d.Tags...)
	if d.Org != nil {
		texts = append(texts, d.Org.Name)
	}
	for _, t := range d.Teachers {
		texts = append(texts, t.Name)
	}
	known := strings.Fields(hanzi.Normalize(strings.Map(wordRune, strings.Join(texts, " "))))
	out := correction{text: p.Text}
	for _, g := range p.Groups {
		for _, part := range g.Parts {
			better, cost, ok := part.Text, 0, true
			switch {
			case mayBeHomophone(k, part):
				better, cost = soundAlike(d.Name, part.Text)
			case part.Edits > 0:
				better, cost, ok = spelledAlike(known, part)
			}
			if !ok {
				out.unknown++
			}
			out.cost += cost
			out.text = strings.Replace(out.text, part.Text, better, 1)
		}
	}
	return out, nil
}

// wordRune keeps what words are made of.
func wordRune(r rune) rune {
	if isLatin(r) {
		return r
	}
	return ' '
}

// soundAlike is the part of a name that sounds like a run of Hanzi and has most of its
// characters, and the number of characters that differ. It is the run itself, for
// nothing, if the name has it or has nothing alike.
func soundAlike(name, run string) (string, int) {
	m, ok := hanzi.MatchSound(name, run, false, true)
	if !ok || 2*m.Same < m.Total {
		return run, 0
	}
	return hanzi.Normalize(string([]rune(name)[m.Span.Start:m.Span.End])), m.Total - m.Same
}

// spelledAlike is the word of a document, or that word without its ending, that is
// nearest to a part of the query, and how many typing errors lie between. It is the part
// itself, for nothing, if that is there. ok is false if no word is near.
func spelledAlike(known []string, part plan.Part) (nearest string, wrong int, ok bool) {
	nearest, wrong = part.Text, part.Edits+1
	for _, word := range known {
		if word[0] != part.Text[0] || len(word) < part.Edits+3 && plan.Filler(word) {
			continue
		}
		for _, ending := range endings {
			stem, has := strings.CutSuffix(word, ending)
			if !has || stem == "" {
				continue
			}
			if stem == part.Text {
				return part.Text, 0, true
			}
			if d := hanzi.Distance(part.Text, stem); d < wrong {
				nearest, wrong = stem, d
			}
		}
	}
	if wrong > part.Edits {
		return part.Text, 0, false
	}
	return nearest, wrong, true
}
