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

// group puts parts that a synonym stands for together, longest first from the left, and
// cuts a run of Hanzi where a synonym is inside it.
func group(parts []Part, synonyms Synonyms) []Group {
	left := maxExpansions
	lookUp := func(key string) []string {
		if synonyms == nil || key == "" || left == 0 {
			return nil
		}
		found := synonyms(key)
		found = found[:min(len(found), maxSynonyms, left)]
		left -= len(found)
		return found
	}
	var groups []Group
	for i := 0; i < len(parts); {
		n, found := longestSpan(parts[i:], lookUp)
		switch {
		case found != nil:
			groups = append(groups, Group{Parts: parts[i : i+n : i+n], Synonyms: found})
		case parts[i].Script == Hanzi:
			groups = append(groups, cutRun(parts[i], lookUp)...)
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
		var b strings.Builder
		for _, p := range parts[:n] {
			b.WriteString(p.Text)
			b.WriteByte(' ')
		}
		if found := lookUp(hanzi.Fold(b.String())); found != nil {
			return n, found
		}
	}
	return 1, nil
}

// cutRun cuts a run of Hanzi around the synonyms in it. A single character that is left
// over need not match: fields of long text cannot find one.
func cutRun(run Part, lookUp func(string) []string) []Group {
	runes := []rune(run.Text)
	var groups []Group
	rest := 0
	flush := func(end int) {
		if end > rest {
			part := Part{Text: string(runes[rest:end]), Script: Hanzi}
			groups = append(groups, Group{Parts: []Part{part}, Optional: end-rest == 1 && len(runes) > 1})
		}
	}
	for i := 0; i+2 <= len(runes); {
		n := min(maxInsideRun, len(runes)-i)
		var found []string
		for ; n >= 2; n-- {
			if i == 0 && n == len(runes) {
				continue // looked up as a whole already
			}
			if found = lookUp(string(runes[i : i+n])); found != nil {
				break
			}
		}
		if found == nil {
			i++
			continue
		}
		flush(i)
		part := Part{Text: string(runes[i : i+n]), Script: Hanzi}
		groups = append(groups, Group{Parts: []Part{part}, Synonyms: found})
		i += n
		rest = i
	}
	flush(len(runes))
	return groups
}
