package search

import (
	"html"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/plan"
)

// fragmentRunes is the length of a fragment of long text, about three lines on a phone;
// leadRunes of it stand before the first match.
const (
	fragmentRunes = 110
	leadRunes     = 20
)

// marker marks in original text what a plan looks for. Highlighting is done here and not
// by Elasticsearch because fields of long text keep no positions, and because a pinyin hit
// has nothing to highlight in the text that was indexed.
type marker struct {
	needles []needle
	latin   string // the whole query, if it can be pinyin or initials
	person  bool
}

// needle is one text to look for, folded rune by rune.
type needle struct {
	runes  []rune
	spaced []rune // the same with a space between letters and digits, if it has both
	word   bool   // letters: only where a word begins
	begin  bool   // the word may go on in any way; what is typed of it is marked
}

func newMarker(p plan.Plan, person bool) marker {
	m := marker{person: person}
	for _, g := range p.Groups {
		for _, part := range g.Parts {
			if g.Optional {
				continue
			}
			m.add(part)
			if part.Pinyin != nil {
				m.latin = p.Text
			}
		}
		m.addAll(g.Synonyms)
	}
	for _, g := range p.About {
		m.addAll(g.Synonyms)
	}
	if len(p.Pinyin) > 0 || len(p.Loose) > 0 || len(p.Initials) > 0 {
		m.latin = p.Text
	}
	return m
}

// whileTyping lets every word be the beginning of another, or be pinyin.
func (m marker) whileTyping(p plan.Plan) marker {
	m.needles, m.latin = slices.Clone(m.needles), p.Text
	for i := range m.needles {
		m.needles[i].begin = m.needles[i].word
	}
	return m
}

func (m *marker) addAll(texts []string) {
	for _, text := range texts {
		for _, part := range plan.Parts(text) {
			m.add(part)
		}
	}
}

// add looks for a part. A term of letters and digits is also looked for in pieces, as the
// index holds it: Vue3 is in "Vue 3".
func (m *marker) add(part plan.Part) {
	folded := foldRunes([]rune(part.Text)).runes
	if len(folded) == 0 {
		return
	}
	n := needle{runes: folded, word: isLatin(folded[0])}
	for i := 1; i < len(folded) && part.Script == plan.Term; i++ {
		if isLatin(folded[i]) && isLatin(folded[i-1]) && !sameWord(folded[i-1], folded[i]) {
			n.spaced = slices.Insert(slices.Clone(folded), i, ' ')
			break
		}
	}
	m.needles = append(m.needles, n)
}

// highlight fills the fragments of a hit: the whole name, and the best piece of the first
// long text that has a match.
func (m marker) highlight(into map[string][]string, name string, long []string) {
	if len(m.needles) == 0 {
		return
	}
	if spans := m.spans(name, true); len(spans) > 0 {
		into["name"] = []string{mark([]rune(name), spans)}
	}
	for _, text := range long {
		if spans := m.spans(text, false); len(spans) > 0 {
			into["description"] = []string{fragment([]rune(text), spans)}
			return
		}
	}
}

// spans finds what to mark in a text. Pinyin is looked for in names alone.
func (m marker) spans(text string, name bool) []hanzi.Span {
	if text == "" {
		return nil
	}
	folded := foldRunes([]rune(text))
	var spans []hanzi.Span
	for _, n := range m.needles {
		found := folded.find(n)
		if found == nil && !n.word && len(n.runes) > 2 {
			for i := 0; i+2 <= len(n.runes); i++ {
				found = append(found, folded.find(needle{runes: n.runes[i : i+2]})...)
			}
		}
		if found == nil && n.spaced != nil {
			found = folded.find(needle{runes: n.spaced, word: true})
		}
		if found == nil && name && n.word {
			found = folded.findJoined(n)
		}
		spans = append(spans, found...)
	}
	if name && m.latin != "" {
		spans = append(spans, hanzi.MatchPinyin(text, m.latin, m.person)...)
	}
	return joinSpans(spans)
}

// foldedText is text folded rune by rune, each rune with the place it came from.
type foldedText struct {
	runes []rune
	from  []int // the first rune of the text that it stands for
	to    []int // the one after the last
}

// foldRunes folds like the index does: width, case, accents, script, kana that combine.
func foldRunes(text []rune) foldedText {
	f := foldedText{runes: make([]rune, 0, len(text)), from: make([]int, 0, len(text)), to: make([]int, 0, len(text))}
	for i, r := range text {
		switch {
		case r < 0x80:
			f.add(unicode.ToLower(r), i)
		case unicode.Is(unicode.Han, r):
			r, _ = hanzi.Simplify(r)
			f.add(r, i)
		default:
			plain := hanzi.Normalize(string(r))
			if plain == "" && !unicode.IsMark(r) && !unicode.Is(unicode.Cf, r) {
				plain = " "
			}
			for _, r := range plain {
				if unicode.IsMark(r) && f.combine(r, i) {
					continue
				}
				f.add(r, i)
			}
		}
	}
	return f
}

// add appends a rune that stands for the one at i.
func (f *foldedText) add(r rune, i int) {
	f.runes, f.from, f.to = append(f.runes, r), append(f.from, i), append(f.to, i+1)
}

// combine joins a mark at i with the rune before it, where there is one rune for both.
func (f *foldedText) combine(mark rune, i int) bool {
	last := len(f.runes) - 1
	if last < 0 {
		return false
	}
	both := []rune(norm.NFC.String(string([]rune{f.runes[last], mark})))
	if len(both) != 1 {
		return false
	}
	f.runes[last], f.to[last] = both[0], i+1
	return true
}

// find returns where a needle is. A word must begin where a word begins, and the rest of
// that word may be no more than an ending, so that "java" does not mark JavaScript.
func (f foldedText) find(n needle) []hanzi.Span {
	var spans []hanzi.Span
	for i := 0; i+len(n.runes) <= len(f.runes); i++ {
		if f.runes[i] != n.runes[0] || !slices.Equal(f.runes[i:i+len(n.runes)], n.runes) {
			continue
		}
		end := i + len(n.runes)
		if n.word {
			if i > 0 && sameWord(f.runes[i-1], f.runes[i]) {
				continue
			}
			if n.begin {
				spans = append(spans, hanzi.Span{Start: f.from[i], End: f.to[end-1]})
				continue
			}
			if end = f.wordEnd(i, end); end < 0 {
				continue
			}
		}
		spans = append(spans, hanzi.Span{Start: f.from[i], End: f.to[end-1]})
		i = end - 1
	}
	return spans
}

// findJoined returns where a word is with signs in between: tcpip in TCP/IP.
func (f foldedText) findJoined(n needle) []hanzi.Span {
	for i := range f.runes {
		if f.runes[i] != n.runes[0] || i > 0 && isLatin(f.runes[i-1]) {
			continue
		}
		at, end := 0, i
		for ; end < len(f.runes) && at < len(n.runes); end++ {
			switch {
			case f.runes[end] == n.runes[at]:
				at++
			case isLatin(f.runes[end]) || hanzi.IsUnspaced(f.runes[end]):
				at = len(n.runes) + 1
			}
		}
		if at == len(n.runes) && (end == len(f.runes) || !isLatin(f.runes[end])) {
			return []hanzi.Span{{Start: f.from[i], End: f.to[end-1]}}
		}
	}
	return nil
}

// endings are what may follow a word that was typed: plurals and forms that the index
// folds as well.
var endings = []string{"", "s", "es", "'s", "’s", "ing", "ed"}

// wordEnd is the end of the word whose beginning matched up to end, or -1 if it is
// another word. Digits after letters, and letters after digits, are parts of their own.
func (f foldedText) wordEnd(start, end int) int {
	stop := end
	for stop < len(f.runes) && sameWord(f.runes[stop-1], f.runes[stop]) {
		stop++
	}
	if stop == end || slices.Contains(endings, string(f.runes[end:stop])) {
		return stop
	}
	if !isLatin(f.runes[start]) {
		return end
	}
	return -1
}

// sameWord says whether b goes on with the word that a is in.
func sameWord(a, b rune) bool {
	return isLatin(a) && isLatin(b) && unicode.IsDigit(a) == unicode.IsDigit(b)
}

// isLatin says whether r is part of a word that has its own beginning and end.
func isLatin(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !hanzi.IsUnspaced(r)
}

// joinSpans sorts spans and joins those that overlap or touch.
func joinSpans(spans []hanzi.Span) []hanzi.Span {
	slices.SortFunc(spans, func(a, b hanzi.Span) int { return a.Start - b.Start })
	var out []hanzi.Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}

// mark writes text with every span between <em> and </em> and all of it escaped.
func mark(text []rune, spans []hanzi.Span) string {
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(html.EscapeString(string(text[at:s.Start])))
		b.WriteString("<em>")
		b.WriteString(html.EscapeString(string(text[s.Start:s.End])))
		b.WriteString("</em>")
		at = s.End
	}
	b.WriteString(html.EscapeString(string(text[at:])))
	return b.String()
}

// fragment cuts the piece with the most marked runes out of a long text.
func fragment(text []rune, spans []hanzi.Span) string {
	best, most := 0, 0
	for i := range spans {
		n := 0
		for _, s := range spans[i:] {
			if s.End > spans[i].Start-leadRunes+fragmentRunes {
				break
			}
			n += s.End - s.Start
		}
		if n > most {
			best, most = i, n
		}
	}
	start := max(0, spans[best].Start-leadRunes)
	end := min(len(text), start+fragmentRunes)
	start = max(0, min(start, end-fragmentRunes))
	var inside []hanzi.Span
	for _, s := range spans {
		if s.Start >= start && s.End <= end {
			inside = append(inside, hanzi.Span{Start: s.Start - start, End: s.End - start})
		}
	}
	marked := mark(text[start:end], inside)
	if start > 0 {
		marked = "…" + marked
	}
	if end < len(text) {
		marked += "…"
	}
	return marked
}
