package hanzi

import (
	"slices"
	"strings"
)

// Span is a part of a string, in runes: [Start, End).
type Span struct{ Start, End int }

// maxSpans bounds what MatchPinyin returns.
const maxSpans = 8

// MatchPinyin returns the parts of original whose syllables or initials a Latin query
// covers, in order and without overlap, for highlighting: for shujujiegou, sjjg, shujjg and
// shujujie it is 数据结构 of 数据结构与算法. Whole syllables are tried first (the last may be
// unfinished), then initials, then both mixed; only what the first that matches finds is
// returned. Latin words of original match themselves. If the query has spaces and does not
// match in one piece, each of its words is matched alone. nil means no match.
func MatchPinyin(original, query string, person bool) []Span {
	syllables := syllablesOf(original, person)
	if len(syllables) == 0 {
		return nil
	}
	if spans := matchTyped(syllables, query); spans != nil {
		return spans
	}
	words := strings.Fields(query)
	if len(words) < 2 {
		return nil
	}
	var spans []Span
	for _, word := range words[:min(len(words), maxSpans)] {
		spans = append(spans, matchTyped(syllables, word)...)
	}
	return mergeSpans(spans)
}

// matchTyped matches a query in one piece.
func matchTyped(syllables []Syllable, query string) []Span {
	t, ok := parseTyped(query)
	if !ok {
		return nil
	}
	for _, mode := range []matchMode{{whole: true}, {initials: true}, {whole: true, initials: true}} {
		for _, letters := range t.spellings() {
			m := matcher{mode: mode, syllables: syllables, letters: letters, cuts: t.cuts}
			m.dead = make([]bool, len(syllables)*len(letters))
			if spans := m.all(); spans != nil {
				return spans
			}
		}
	}
	return nil
}

// mergeSpans sorts spans and joins those that overlap or touch.
func mergeSpans(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return a.Start - b.Start })
	var merged []Span
	for _, span := range spans {
		if last := len(merged) - 1; last >= 0 && span.Start <= merged[last].End {
			merged[last].End = max(merged[last].End, span.End)
			continue
		}
		merged = append(merged, span)
	}
	return merged
}

// matchMode says what the letters of a query may stand for.
type matchMode struct{ whole, initials bool }

// matcher lays the letters of a query along consecutive syllables.
type matcher struct {
	mode      matchMode
	syllables []Syllable
	letters   string
	cuts      []int
	dead      []bool // by syllable and letter: the end is not reached from there
}

// all returns the matches from left to right.
func (m *matcher) all() []Span {
	var spans []Span
	for i := 0; i < len(m.syllables) && len(spans) < maxSpans; {
		last, end := m.from(i, 0)
		if last < 0 {
			i++
			continue
		}
		spans = append(spans, Span{Start: m.syllables[i].Offset, End: end})
		if len(m.letters) == 1 {
			break // one letter is everywhere; showing the first is enough
		}
		i = last + 1
	}
	return spans
}

// from matches the letters from position at on, beginning with syllable i. It returns the
// last syllable used and the rune after the last one covered, or -1.
func (m *matcher) from(i, at int) (last, end int) {
	state := i*len(m.letters) + at
	if i == len(m.syllables) || m.dead[state] {
		return -1, 0
	}
	s := &m.syllables[i]
	var buffer [2 * maxReadings]int
	for _, n := range m.steps(s, at, buffer[:0]) {
		if at+n == len(m.letters) {
			end := s.Offset + s.Length
			if s.Readings == nil && s.Length == len(s.Literal) {
				end = s.Offset + n
			}
			return i, end
		}
		if last, end := m.from(i+1, at+n); last >= 0 {
			return last, end
		}
	}
	m.dead[state] = true
	return -1, 0
}

// steps appends to steps how many letters from position at on the syllable can take, whole
// syllables first.
func (m *matcher) steps(s *Syllable, at int, steps []int) []int {
	rest := m.letters[at:]
	if s.Readings == nil {
		switch {
		case strings.HasPrefix(rest, s.Literal):
			steps = m.step(steps, at, len(s.Literal))
		case strings.HasPrefix(s.Literal, rest):
			steps = m.step(steps, at, len(rest))
		}
		if m.mode.initials && at > 0 {
			steps = m.step(steps, at, 0) // initials of the Hanzi alone are indexed, too
		}
		return steps
	}
	for _, reading := range s.Readings {
		switch {
		case !m.mode.whole:
		case strings.HasPrefix(rest, reading):
			steps = m.step(steps, at, len(reading))
		case strings.HasPrefix(reading, rest):
			steps = m.step(steps, at, len(rest))
		}
	}
	for _, reading := range s.Readings {
		if !m.mode.initials || rest[0] != reading[0] {
			continue
		}
		if long := initial(reading, true); strings.HasPrefix(rest, long) {
			steps = m.step(steps, at, len(long))
		}
		steps = m.step(steps, at, 1)
	}
	return steps
}

// step appends n unless it is there or goes over a cut of the typist.
func (m *matcher) step(steps []int, at, n int) []int {
	for _, cut := range m.cuts {
		if cut > at && cut < at+n {
			return steps
		}
	}
	if slices.Contains(steps, n) {
		return steps
	}
	return append(steps, n)
}
