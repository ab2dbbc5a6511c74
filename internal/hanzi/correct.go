package hanzi

// SoundMatch is a part of a name that sounds like a query.
type SoundMatch struct {
	Span  Span // in runes of the name
	Same  int  // Hanzi and words that are written as in the query
	Total int  // Hanzi and words of the query
	Exact bool // every syllable sounds the same, not only nearly
}

// MatchSound finds the part of name that sounds like the query but is written with other
// Hanzi: for 数剧结构 it is 数据结构. With near, syllables of equal NearKey count, too. Of
// several parts, one that sounds exactly the same is taken first, then the one with most
// characters as typed, then the first. ok is false if there is none, or if a part of the
// name is written just as the query is, which then needs no correction.
func MatchSound(name, query string, person, near bool) (match SoundMatch, ok bool) {
	have, want := syllablesOf(name, person), syllablesOf(query, person)
	if len(want) == 0 {
		return SoundMatch{}, false
	}
	for i := 0; i+len(want) <= len(have); i++ {
		part := have[i : i+len(want)]
		found, sounds := compareSounds(part, want, near)
		if !sounds {
			continue
		}
		if found.Same == found.Total {
			return SoundMatch{}, false
		}
		if !ok || found.Exact && !match.Exact || found.Exact == match.Exact && found.Same > match.Same {
			match, ok = found, true
		}
	}
	return match, ok
}

// compareSounds compares two texts of as many syllables; sounds is false if they differ.
func compareSounds(part, want []Syllable, near bool) (match SoundMatch, sounds bool) {
	last := part[len(part)-1]
	match = SoundMatch{
		Span:  Span{Start: part[0].Offset, End: last.Offset + last.Length},
		Total: len(want),
		Exact: true,
	}
	for i, w := range want {
		switch {
		case part[i].Hanzi == w.Hanzi && part[i].Literal == w.Literal:
			match.Same++
		case w.Hanzi == 0 || part[i].Hanzi == 0:
			return SoundMatch{}, false
		case shareReading(part[i].Readings, w.Readings, wholeSyllable):
		case near && shareReading(part[i].Readings, w.Readings, NearKey):
			match.Exact = false
		default:
			return SoundMatch{}, false
		}
	}
	return match, true
}

func shareReading(a, b []string, form func(string) string) bool {
	for _, x := range a {
		for _, y := range b {
			if form(x) == form(y) {
				return true
			}
		}
	}
	return false
}
