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
func SplitPinyin(query string) [][]string {
	t, ok := parseTyped(query)
	if !ok {
		return nil
	}
	s := splitter{text: t.letters, cuts: t.cuts, dead: map[int]bool{}}
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
	text  string
	cuts  []int
	found [][]string
	dead  map[int]bool // positions from which the end cannot be reached
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
		last := at+n == len(s.text)
		if (IsSyllable(piece) || last && beginsSyllable(piece)) && s.walk(at+n, append(pieces, piece)) {
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
