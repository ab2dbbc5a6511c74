package hanzi

import (
	"slices"
	"sort"
)

const (
	maxSplits    = 8  // segmentations returned
	maxSplitTree = 64 // segmentations looked at
)

// SplitPinyin cuts a Latin query into syllables: "xian" is [xian] and [xi an], "fangan" is
// [fang an] and [fan gan]. The last one may be unfinished (shuj is [shu j]). Spaces and
// apostrophes between syllables are respected, ü is v. Cuts into whole syllables come
// first, and of these the ones with fewer; at most eight are returned, nil if there is none.
func SplitPinyin(query string) [][]string { return splitQuery(query, false) }

// SplitMixed cuts like SplitPinyin but lets initials (one letter, or zh, ch, sh) stand for
// syllables anywhere: "shujjg" is [shu j j g], "sjjg" is [s j j g]. Cuts with fewer initials
// come first.
func SplitMixed(query string) [][]string { return splitQuery(query, true) }

func splitQuery(query string, initials bool) [][]string {
	t, ok := parseTyped(query)
	if !ok {
		return nil
	}
	s := splitter{text: t.letters, cuts: t.cuts, initials: initials, dead: map[int]bool{}}
	s.walk(0, nil)
	sort.SliceStable(s.found, func(i, j int) bool { return splitCost(s.found[i]) < splitCost(s.found[j]) })
	return s.found[:min(len(s.found), maxSplits)]
}

// splitCost orders segmentations: every piece costs, an unfinished one more.
func splitCost(pieces []string) int {
	cost := 0
	for _, piece := range pieces {
		cost++
		if !IsSyllable(piece) {
			cost += 2
		}
	}
	return cost
}

// splitter walks over the ways to cut a text, longest piece first.
type splitter struct {
	text     string
	cuts     []int
	initials bool
	found    [][]string
	dead     map[int]bool // positions from which the end cannot be reached
}

func (s *splitter) walk(at int, pieces []string) bool {
	if at == len(s.text) {
		s.found = append(s.found, slices.Clone(pieces))
		return true
	}
	if s.dead[at] {
		return false
	}
	reached := false
	for n := min(maxSyllable, s.room(at)); n > 0 && len(s.found) < maxSplitTree; n-- {
		piece := s.text[at : at+n]
		if s.accepts(piece, at+n == len(s.text)) && s.walk(at+n, append(pieces, piece)) {
			reached = true
		}
	}
	if !reached && len(s.found) < maxSplitTree {
		s.dead[at] = true
	}
	return reached
}

// room is the number of letters up to the next cut that the typist made.
func (s *splitter) room(at int) int {
	for _, cut := range s.cuts {
		if cut > at {
			return cut - at
		}
	}
	return len(s.text) - at
}

func (s *splitter) accepts(piece string, last bool) bool {
	switch {
	case IsSyllable(piece):
		return true
	case last:
		return beginsSyllable(piece)
	case s.initials:
		return isInitial(piece)
	}
	return false
}

// isInitial says whether s is one letter that a syllable begins with, or zh, ch, sh.
func isInitial(s string) bool {
	if len(s) == 2 {
		return s[1] == 'h' && (s[0] == 'z' || s[0] == 'c' || s[0] == 's')
	}
	return len(s) == 1 && beginsSyllable(s)
}
