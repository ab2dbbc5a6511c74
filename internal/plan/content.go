package plan

import (
	"strings"
	"unicode/utf8"
)

// maxSpeech is the length of the longest phrase that is cut out of a run of Hanzi.
const maxSpeech = 6

// Content is what the query says beside words of speech, in the order of the text: words
// and runs of Hanzi, cut at phrases like 有没有 and around what a synonym stands for. It is
// for searches that may miss any of it; a plan itself has to match as a whole. It is empty
// for a query that is nothing but speech.
func (p Plan) Content(synonyms Synonyms) []Group {
	e := newExpander(synonyms)
	var parts []Part
	for _, g := range p.Groups {
		parts = append(parts, g.Parts...)
	}
	var out []Group
	for i := 0; i < len(parts); {
		if parts[i].Script == Hanzi {
			out = append(out, e.contentOf(parts[i].Text)...)
			i++
			continue
		}
		n, found := longestSpan(parts[i:], e.lookUp)
		if found == nil && !isSpeech(parts[i]) {
			found = e.lookUp(otherNumber(parts[i].Text))
		}
		if found != nil || !isSpeech(parts[i]) {
			out = append(out, Group{Parts: parts[i : i+n : i+n], Synonyms: found})
		}
		i += n
	}
	return out
}

// isSpeech says whether a Latin word says how something is asked, not what about.
func isSpeech(p Part) bool { return p.Script == Word && (Filler(p.Text) || words().speech[p.Text]) }

// otherNumber is an English word without the s of a plural, or with one: rules name either.
func otherNumber(word string) string {
	switch {
	case len(word) < 3 || strings.HasSuffix(word, "ss"):
		return word
	case !strings.HasSuffix(word, "s"):
		return word + "s"
	case len(word) > 3:
		return strings.TrimSuffix(word, "s")
	default:
		return word
	}
}

// contentOf cuts a run of Hanzi at words of speech and around synonyms. The longer one
// wins where both begin, so that 学习 is not cut out of 机器学习.
func (e *expander) contentOf(run string) []Group {
	var out []Group
	var rest strings.Builder
	keep := func() {
		if text := rest.String(); text != "" && (utf8.RuneCountInString(text) > 1 || !words().light[text]) {
			out = append(out, Group{Parts: []Part{{Text: text, Script: Hanzi}}})
		}
		rest.Reset()
	}
	runes := []rune(run)
	for i := 0; i < len(runes); {
		spoken := speechAt(runes[i:])
		n, synonyms := e.known(runes[i:], max(spoken, 2))
		switch {
		case n > 0:
			keep()
			out = append(out, Group{Parts: []Part{{Text: string(runes[i : i+n]), Script: Hanzi}}, Synonyms: synonyms})
			i += n
		case spoken > 0:
			keep()
			i += spoken
		default:
			rest.WriteRune(runes[i])
			i++
		}
	}
	keep()
	return out
}

// known is the longest beginning of a run for which there are synonyms, of so many Hanzi at
// least; 0 if there is none.
func (e *expander) known(runes []rune, least int) (int, []string) {
	for n := min(maxInsideRun, len(runes)); n >= least; n-- {
		if found := e.lookUp(string(runes[:n])); found != nil {
			return n, found
		}
	}
	return 0, nil
}

// speechAt is how many Hanzi the phrase of speech has that a run begins with.
func speechAt(runes []rune) int {
	for n := min(maxSpeech, len(runes)); n > 0; n-- {
		if words().speech[string(runes[:n])] {
			return n
		}
	}
	return 0
}

// Characters are the single Hanzi of those groups that have no synonyms, as a text to look
// for in names one by one: 茶 of 一杯茶. Characters that are in every other name are left out.
func Characters(groups []Group) []string {
	var out []string
	seen := map[rune]bool{}
	for _, g := range groups {
		for _, part := range g.Parts {
			if part.Script != Hanzi || len(g.Synonyms) > 0 {
				continue
			}
			for _, r := range part.Text {
				if !seen[r] && !words().light[string(r)] {
					seen[r] = true
					out = append(out, string(r))
				}
			}
		}
	}
	return out
}
