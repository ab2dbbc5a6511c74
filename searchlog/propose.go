package searchlog

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
)

// ErrNoModel is why no synonyms can be proposed.
var ErrNoModel error = &catalog.Error{
	Code: catalog.CodeUnavailable, Message: "there is no model of what words mean, or no course has a vector of it yet, so no synonyms can be proposed",
	Hint: "docker/local/servers.sh model fetches it, meaning.model says where it is, and xunke doctor and xunke status tell what is missing",
}

const (
	// closestCourses is how many courses words are taken from, and proposedWords of how many
	// of their words the meaning is compared with the query's.
	closestCourses = 10
	proposedWords  = 10
	// leastSimilarity is below which a word is not proposed. Texts that have nothing in common
	// reach some 0.8 with the model that is used, so it is people who decide.
	leastSimilarity = 0.86
	// topicRunes and topicWords bound queries that synonyms can be of: a word or two. What
	// sentences mean is found without.
	topicRunes, topicWords = 10, 3
)

// Proposal is a word of the catalogue that may be another word for a query without hits.
type Proposal struct {
	Query      string   `json:"query"`
	Word       string   `json:"word"`
	Times      int64    `json:"times"`      // that the query found nothing
	Similarity float64  `json:"similarity"` // cosine of what the two mean, up to 1
	Courses    []string `json:"courses"`    // some that have the word
}

// Dismissal is a proposal that is not to be made again.
type Dismissal struct{ Query, Word string }

// Closest finds the courses that are closest to a text in meaning. Errors: CodeUnavailable.
type Closest interface {
	Closest(ctx context.Context, text string, limit int) ([]catalog.CourseHit, error)
}

// Dismissals knows which proposals are not to be made. Errors: CodeUnavailable.
type Dismissals interface {
	Dismissed(ctx context.Context) ([]Dismissal, error)
}

// Proposer proposes synonyms for queries that find nothing, and puts none in force.
type Proposer struct {
	Closest    Closest
	Dismissals Dismissals
	// Vector is what a text means; nil if that is not known in time. model is empty where
	// there is no model.
	Vector func(ctx context.Context, text string) (vector []int8, model string)
	// Known are the synonyms in force of a folded text.
	Known func(folded string) []string
}

// Propose proposes a word for each of some queries, if one is close enough. When ctx ends it
// returns what it has found until then. Errors: ErrNoModel, CodeUnavailable.
func (p Proposer) Propose(ctx context.Context, queries []QueryCounts) ([]Proposal, error) {
	proposals := []Proposal{}
	if _, model := p.Vector(ctx, "课程"); model == "" {
		return nil, ErrNoModel
	}
	dismissed, err := p.Dismissals.Dismissed(ctx)
	if err != nil {
		return nil, err
	}
	refused := map[Dismissal]bool{}
	for _, d := range dismissed {
		refused[d.fold()] = true
	}
	for _, q := range queries {
		if q.LastTotal != nil && *q.LastTotal > 0 || !isTopic(q.Query) || len(p.Known(hanzi.Fold(q.Query))) > 0 {
			continue
		}
		proposal, ok, err := p.propose(ctx, q, refused)
		select {
		case <-ctx.Done(): // what was found until then is worth having
			return proposals, nil
		default:
		}
		if err != nil {
			return nil, err
		}
		if ok {
			proposals = append(proposals, proposal)
		}
	}
	slices.SortStableFunc(proposals, func(a, b Proposal) int { return cmp.Compare(b.Times, a.Times) })
	return proposals, nil
}

func (d Dismissal) fold() Dismissal { return Dismissal{hanzi.Fold(d.Query), hanzi.Fold(d.Word)} }

func (p Proposer) propose(ctx context.Context, q QueryCounts, refused map[Dismissal]bool) (best Proposal, ok bool, err error) {
	vector, _ := p.Vector(ctx, q.Query)
	if vector == nil {
		return Proposal{}, false, nil
	}
	courses, err := p.Closest.Closest(ctx, q.Query, closestCourses)
	if err != nil {
		return Proposal{}, false, err
	}
	key := hanzi.Fold(q.Query)
	words := slices.DeleteFunc(wordsOf(courses), func(w wordOfCourses) bool {
		other := hanzi.Fold(w.text)
		return other == "" || strings.Contains(key, other) || strings.Contains(other, key) || refused[Dismissal{key, other}]
	})
	best.Similarity = leastSimilarity
	for _, w := range words[:min(len(words), proposedWords)] {
		meaning, _ := p.Vector(ctx, w.text)
		if near := cosine(vector, meaning); near > best.Similarity {
			best = Proposal{Query: q.Query, Word: w.text, Times: q.ZeroHits, Similarity: math.Round(near*1000) / 1000, Courses: w.courses}
		}
	}
	return best, best.Word != "", nil
}

// isTopic says whether a query is short enough to be a synonym.
func isTopic(query string) bool {
	if strings.ContainsFunc(query, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return utf8.RuneCountInString(query) <= topicRunes
	}
	return len(strings.Fields(query)) <= topicWords
}

// wordOfCourses is a tag, a category or a piece of a name.
type wordOfCourses struct {
	text    string
	courses []string // some that have it
	count   int
}

// exampleCourses is how many courses are told of a word.
const exampleCourses = 3

// wordsOf are the words of courses, those of most courses first, of equals those of the first.
func wordsOf(courses []catalog.CourseHit) []wordOfCourses {
	var words []wordOfCourses
	for _, c := range courses {
		var own []string
		for _, text := range slices.Concat(piecesOf(c.Name), c.Tags, []string{c.Category}) {
			key := hanzi.Fold(text)
			if key == "" || slices.Contains(own, key) || !isTopic(text) || utf8.RuneCountInString(text) < 2 {
				continue
			}
			own = append(own, key)
			at := slices.IndexFunc(words, func(w wordOfCourses) bool { return hanzi.Fold(w.text) == key })
			if at < 0 {
				at, words = len(words), append(words, wordOfCourses{text: text})
			}
			if words[at].count++; len(words[at].courses) < exampleCourses {
				words[at].courses = append(words[at].courses, c.Name)
			}
		}
	}
	slices.SortStableFunc(words, func(a, b wordOfCourses) int { return cmp.Compare(b.count, a.count) })
	return words
}

// piecesOf are the parts of a name between its signs.
func piecesOf(name string) []string {
	pieces := strings.FieldsFunc(name, func(r rune) bool {
		return unicode.IsPunct(r) && r != '#' && r != '-' && r != '\'' && r != '.' || unicode.IsControl(r)
	})
	for i := range pieces {
		pieces[i] = strings.TrimSpace(pieces[i])
	}
	return pieces
}

// cosine is 0 where a vector is missing.
func cosine(a, b []int8) float64 {
	var dot, x, y float64
	for i := range min(len(a), len(b)) {
		dot += float64(a[i]) * float64(b[i])
		x += float64(a[i]) * float64(a[i])
		y += float64(b[i]) * float64(b[i])
	}
	if x == 0 || y == 0 {
		return 0
	}
	return dot / math.Sqrt(x*y)
}

// DismissalOf makes a proposal one that is not made again. Errors: CodeInvalid.
func DismissalOf(query, word string) (Dismissal, error) {
	d := Dismissal{query, word}.fold()
	for _, text := range []string{query, word} {
		if key, _, _ := Normal(text); key == "" || utf8.RuneCountInString(hanzi.Fold(text)) > MaxRunes {
			return Dismissal{}, catalog.Invalidf("word", "%q for %q is no synonym that could be proposed", word, query)
		}
	}
	return d, nil
}
