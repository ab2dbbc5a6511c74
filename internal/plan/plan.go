// Package plan decides what a query means before anything is asked: which parts it has,
// in which script each is, and by which ways each may match. A Hanzi query matches text
// alone, because homophones ruin its results; a Latin word is English or a technical term
// first, pinyin second, initials last.
//
// A plan is a plain value made by a pure function. internal/elastic turns it into bodies.
package plan

import (
	"slices"
	"strings"

	"github.com/xunke/xunke/internal/hanzi"
)

// Limits that bound a plan and so the bodies made of it, whatever was typed.
const (
	maxRunes      = 256 // of the text; the rest is cut off
	maxParts      = 16  // words, runs and terms that are looked for
	maxHanzi      = 48  // Hanzi of all runs together that are looked for
	maxReadings   = 4   // ways to read one word as pinyin
	maxRead       = 8   // ways to read all words of a query by themselves
	maxSynonyms   = 4   // of one group
	maxExpansions = 12  // synonyms of the whole plan
)

// Script is what a part is written in.
type Script string

// The scripts.
const (
	Hanzi  Script = "hanzi"  // a run of Hanzi, kana or Hangul, which has no spaces
	Word   Script = "word"   // letters alone
	Term   Script = "term"   // letters with digits or signs: c++, vue3, node.js
	Number Script = "number" // digits alone
)

// Plan is what one query means. Every group must match, but for optional ones, in any
// field; the order of the results then depends on how much of it is in the name.
type Plan struct {
	Text     string   `json:"text"`               // the query in its normal form: width, case, accents, script
	Exact    string   `json:"exact"`              // the key under which a name is exactly the query
	Groups   []Group  `json:"groups"`             // in the order of the text
	Pinyin   []string `json:"pinyin,omitempty"`   // a query of several words that is pinyin: "shu ju jie gou"
	Loose    []string `json:"loose,omitempty"`    // a Latin query as syllables that says little: one, an unfinished one, an English word
	Initials []string `json:"initials,omitempty"` // a Latin query that could be initials, in its spellings
	Question bool     `json:"question,omitempty"` // a sentence: some of what it is about is enough
	About    []Group  `json:"about,omitempty"`    // what a question is about
	Cut      bool     `json:"cut,omitempty"`      // something of the query is not looked for
}

// Group is one or several neighbouring parts that stand for one thing.
type Group struct {
	Parts    []Part   `json:"parts"`
	Synonyms []string `json:"synonyms,omitempty"` // what may stand for all parts together
	Optional bool     `json:"optional,omitempty"` // a word like "the" that need not match
}

// Part is one word, run or term.
type Part struct {
	Text   string   `json:"text"`
	Script Script   `json:"script"`
	Pinyin []string `json:"pinyin,omitempty"` // a word as syllables, each way to read it
	Edits  int      `json:"edits,omitempty"`  // typing errors that it may have
	Begins bool     `json:"begins,omitempty"` // the last word: what is typed may be its beginning
}

// Text is the group as one text.
func (g Group) Text() string { return textOf(g.Parts) }

func textOf(parts []Part) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = p.Text
	}
	return strings.Join(texts, " ")
}

// Terms is the number of index terms that the group's text gives, about.
func (g Group) Terms() int {
	n := 0
	for _, p := range g.Parts {
		n += p.Terms()
	}
	return n
}

// Terms is the number of index terms that the part's text gives: a run of Hanzi is looked
// for by its pairs.
func (p Part) Terms() int {
	if p.Script == Hanzi {
		return max(1, len([]rune(p.Text))-1)
	}
	return 1
}

// Empty says whether the query has nothing to look for, as signs alone have not.
func (p Plan) Empty() bool { return len(p.Groups) == 0 }

// Terms is the number of index terms of the whole plan, at least one.
func (p Plan) Terms() int {
	n := 0
	for _, g := range p.Groups {
		n += g.Terms()
	}
	return max(n, 1)
}

// Only says whether all parts are of one script.
func (p Plan) Only(s Script) bool {
	for _, g := range p.Groups {
		for _, part := range g.Parts {
			if part.Script != s {
				return false
			}
		}
	}
	return !p.Empty()
}

// Parts cuts any text into parts, as Make cuts a query.
func Parts(text string) []Part { return split(hanzi.Normalize(text)) }

// Synonyms returns what else a key may be called, as texts to search for. The key is
// hanzi.Fold of one or several neighbouring parts. It must be quick: it is asked often.
type Synonyms func(key string) []string

// Make plans a query. synonyms may be nil. Whatever the text is, the plan is bounded.
func Make(text string, synonyms Synonyms) Plan {
	p := Plan{Exact: Key(text)}
	text, p.Cut = cutText(text)
	p.Text = hanzi.Normalize(text)
	parts, cut := limitParts(split(p.Text))
	p.Cut = p.Cut || cut
	p.Groups = group(parts, synonyms)
	p.markOptional()
	p.readLatin(text)
	p.ask(synonyms)
	return p
}

// Key is the Exact of a text's plan: all ways to type a query have one.
func Key(text string) string {
	text, _ = cutText(text)
	return hanzi.Fold(text)
}

// cutText leaves out what is beyond the longest text, and says whether there was any.
func cutText(text string) (string, bool) {
	if runes := []rune(text); len(runes) > maxRunes {
		return string(runes[:maxRunes]), true
	}
	return text, false
}

// limitParts leaves out the parts, and the Hanzi of runs, that are too many.
func limitParts(parts []Part) ([]Part, bool) {
	cut := len(parts) > maxParts
	parts = parts[:min(len(parts), maxParts)]
	left := maxHanzi
	for i, p := range parts {
		if p.Script != Hanzi {
			continue
		}
		run := []rune(p.Text)
		if len(run) > left {
			parts[i].Text, cut = string(run[:left]), true
		}
		left -= min(left, len(run))
	}
	return slices.DeleteFunc(parts, func(p Part) bool { return p.Text == "" }), cut
}

// markOptional lets words without meaning of their own be absent, if others are there.
func (p *Plan) markOptional() {
	optional := make([]bool, len(p.Groups))
	for i, g := range p.Groups {
		optional[i] = len(g.Parts) == 1 && len(g.Synonyms) == 0 && isFiller(g.Parts[0])
	}
	for i := range p.Groups {
		p.Groups[i].Optional = optional[i] && slices.Contains(optional, false)
	}
}

// readLatin reads the words as pinyin, and the whole if all of it is Latin.
//
// The readings of single words are phrases to look for in two fields of each kind, the
// dearest part of a search. Beyond a few words a query that is pinyin is so as a whole, and
// names need not be looked for by each of its words.
func (p *Plan) readLatin(typed string) {
	left := maxRead
	for i := range p.Groups {
		for j := range p.Groups[i].Parts {
			part := &p.Groups[i].Parts[j]
			if part.Script == Word {
				part.Edits = edits(part.Text)
				part.Pinyin, _ = readings(part.Text)
				part.Pinyin = part.Pinyin[:min(len(part.Pinyin), left)]
				left -= len(part.Pinyin)
			}
		}
	}
	if n := len(p.Groups); n > 0 {
		last := p.Groups[n-1].Parts
		part := &last[len(last)-1]
		part.Begins = part.Script == Word && strings.HasSuffix(p.Text, part.Text) && !endsWord(typed)
	}
	// hanzi refuses what is not wholly Latin.
	p.Pinyin, p.Loose = readings(p.Text)
	if hanzi.ShapeOf(p.Text).Initials {
		p.Initials = hanzi.InitialPrefixes(p.Text)
	}
}

// readings cuts Latin text into syllables, each way to read it. It is loose if it is one
// syllable alone, English as well, or unfinished: that is too little to go by as long as
// anything else is found.
func readings(text string) (sure, loose []string) {
	shape := hanzi.ShapeOf(text)
	cuts := hanzi.SplitPinyin(text)
	var out []string
	for _, cut := range cuts[:min(len(cuts), maxReadings)] {
		if shape.Complete && !hanzi.IsSyllable(cut[len(cut)-1]) {
			continue
		}
		out = append(out, strings.Join(cut, " "))
	}
	if shape.Complete && shape.Syllables > 1 && !shape.English {
		return out, nil
	}
	return nil, out
}

// edits is how many typing errors a word may have: none in short ones, where every error
// makes another word, and two in long ones.
func edits(word string) int {
	switch n := len([]rune(word)); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	default:
		return 2
	}
}

// endsWord says whether the last word was finished by a space or a sign.
func endsWord(typed string) bool {
	runes := []rune(typed)
	return len(runes) > 0 && classOf(runes[len(runes)-1]) == sign
}
