package plan

import (
	"strings"

	"github.com/xunke/xunke/internal/hanzi"
)

// Bounds of what is looked up as one synonym.
const (
	maxSpan      = 4 // parts that one synonym may stand for
	maxInsideRun = 8 // Hanzi of a synonym inside a run
)

// expander looks synonyms up until there are as many as a body may have.
type expander struct {
	synonyms Synonyms // nil: there are none
	left     int
}

func newExpander(synonyms Synonyms) *expander {
	return &expander{synonyms: synonyms, left: maxExpansions}
}

// lookUp is what else a text may be called, as far as there is room for it.
func (e *expander) lookUp(typed string) []string {
	key := hanzi.Fold(typed)
	if e.synonyms == nil || key == "" || e.left == 0 {
		return nil
	}
	var found []string
	for _, s := range e.synonyms(key) {
		if len(found) < min(maxSynonyms, e.left) && textOf(split(hanzi.Normalize(s))) != typed {
			found = append(found, s)
		}
	}
	e.left -= len(found)
	return found
}

// group puts parts that a synonym stands for together, longest first from the left.
func group(parts []Part, synonyms Synonyms) []Group {
	lookUp := newExpander(synonyms).lookUp
	var groups []Group
	for i := 0; i < len(parts); {
		n, found := longestSpan(parts[i:], lookUp)
		switch {
		case found != nil:
			groups = append(groups, Group{Parts: parts[i : i+n : i+n], Synonyms: found})
		case parts[i].Script == Hanzi:
			groups = append(groups, withinRun(parts[i], lookUp))
		default:
			groups = append(groups, Group{Parts: parts[i : i+1 : i+1]})
		}
		i += n
	}
	return groups
}

// longestSpan is the number of leading parts that have synonyms together, and these; 1
// and nil if none have.
func longestSpan(parts []Part, lookUp func(string) []string) (int, []string) {
	for n := min(maxSpan, len(parts)); n > 0; n-- {
		if found := lookUp(textOf(parts[:n])); found != nil {
			return n, found
		}
	}
	return 1, nil
}

// span is a part of a run for which there are synonyms.
type span struct {
	start, end int
	synonyms   []string
}

// withinRun is a run of Hanzi as a group. Where synonyms are inside it, what stands for
// the run is the run with all of them exchanged: for 深度学习入门 it is "deep learning 入门".
func withinRun(run Part, lookUp func(string) []string) Group {
	runes := []rune(run.Text)
	g := Group{Parts: []Part{run}}
	var spans []span
	variants := 0
	for i := 0; i+2 <= len(runes); {
		s := longestWithin(runes, i, lookUp)
		if s.synonyms == nil {
			i++
			continue
		}
		spans = append(spans, s)
		variants = max(variants, len(s.synonyms))
		i = s.end
	}
	for n := range min(variants, maxSynonyms) {
		if text, ok := exchange(runes, spans, n); ok {
			g.Synonyms = append(g.Synonyms, text)
		}
	}
	return g
}

// longestWithin is the longest synonym of two Hanzi or more that starts at i.
func longestWithin(runes []rune, i int, lookUp func(string) []string) span {
	for n := min(maxInsideRun, len(runes)-i); n >= 2; n-- {
		if n == len(runes) {
			continue // looked up as a whole already
		}
		if found := lookUp(string(runes[i : i+n])); found != nil {
			return span{start: i, end: i + n, synonyms: found}
		}
	}
	return span{}
}

// exchange writes a run with its spans' n-th synonyms. A single character that is left
// between them is left out, as fields of long text cannot find one; ok is false if that
// happens twice, because too little of what was typed is left then.
func exchange(runes []rune, spans []span, n int) (text string, ok bool) {
	var words []string
	rest, dropped := 0, 0
	keep := func(end int) {
		switch end - rest {
		case 0:
		case 1:
			dropped++
		default:
			words = append(words, string(runes[rest:end]))
		}
	}
	for _, s := range spans {
		keep(s.start)
		words = append(words, s.synonyms[min(n, len(s.synonyms)-1)])
		rest = s.end
	}
	keep(len(runes))
	return strings.Join(words, " "), dropped < 2
}
