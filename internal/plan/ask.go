package plan

import (
	"cmp"
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed words.txt
var wordsFile string

// sentenceRunes is the length from which a text with phrases of speech in it is taken for
// a sentence though it asks nothing.
const sentenceRunes = 10

// wordLists are the sections of words.txt. Lists are sorted longest first.
type wordLists struct {
	filler, fillerHanzi       map[string]bool
	speech, light             map[string]bool
	before, inside, after     map[string]bool
	asking, leading, trailing []string
}

var words = sync.OnceValue(func() wordLists {
	sections := map[string]map[string]bool{}
	var section map[string]bool
	for line := range strings.Lines(wordsFile) {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = map[string]bool{}
			sections[strings.Trim(line, "[]")] = section
		default:
			for _, w := range strings.Fields(line) {
				section[w] = true
			}
		}
	}
	return wordLists{
		filler: sections["filler"], fillerHanzi: sections["filler hanzi"],
		speech: sections["speech"], light: sections["light"],
		before: sections["before"], inside: sections["inside"], after: sections["after"],
		asking: longestFirst(sections["asking"]), leading: longestFirst(sections["leading"]), trailing: longestFirst(sections["trailing"]),
	}
})

func longestFirst(set map[string]bool) []string {
	return slices.SortedFunc(maps.Keys(set), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
}

// Filler says whether a Latin word in its normal form has no meaning of its own.
func Filler(word string) bool { return words().filler[word] }

// isFiller says whether a part has no meaning of its own.
func isFiller(p Part) bool {
	switch p.Script {
	case Hanzi:
		return words().fillerHanzi[p.Text]
	case Word:
		return Filler(p.Text)
	default:
		return false
	}
}

// ask finds out whether the query is a sentence and what it is about. About stays empty
// where nothing of the query is mere speech: then it is about all of its groups.
func (p *Plan) ask(synonyms Synonyms) {
	about, spoken := []Part{}, false
	for _, g := range p.Groups {
		for _, part := range g.Parts {
			switch {
			case part.Script == Hanzi:
				topics, asks, says := topicsOf(part.Text)
				p.Question = p.Question || asks || says && utf8.RuneCountInString(p.Text) >= sentenceRunes
				spoken = spoken || asks || says
				for _, t := range topics {
					about = append(about, Part{Text: t, Script: Hanzi})
				}
			case !isFiller(part):
				about = append(about, Part{Text: part.Text, Script: part.Script})
			case isQuestionWord(part.Text):
				p.Question, spoken = true, true
			}
		}
	}
	p.About = group(about, synonyms)
	for i := range p.About {
		if apart, ok := takeApart(p.About[i]); ok {
			p.About[i].Synonyms = append(p.About[i].Synonyms, apart)
			spoken = true
		}
	}
	if !spoken {
		p.About = nil
	}
}

// takeApart says a run of Hanzi in two words where a light verb or 的 joins them: for
// 上班族学英语 it is "上班族 英语". The light character may as well belong to a word, so
// this is never more than another way to say the same.
func takeApart(g Group) (string, bool) {
	if len(g.Parts) != 1 || g.Parts[0].Script != Hanzi {
		return "", false
	}
	runes := []rune(g.Parts[0].Text)
	for i := 2; i+2 < len(runes); i++ {
		if words().inside[string(runes[i])] {
			return string(runes[:i]) + " " + string(runes[i+1:]), true
		}
	}
	return "", false
}

// isQuestionWord picks those of the fillers that ask.
func isQuestionWord(word string) bool {
	return slices.Contains([]string{"how", "what", "why", "which", "where", "should", "can"}, word)
}

// topicsOf cuts phrases that ask out of a run of Hanzi, and words of speech off the ends
// of what is left. It returns the topics, and whether something asked or was said.
func topicsOf(run string) (topics []string, asks, says bool) {
	var b strings.Builder
	for rest := run; rest != ""; {
		i := slices.IndexFunc(words().asking, func(w string) bool { return strings.HasPrefix(rest, w) })
		if i >= 0 {
			asks = true
			b.WriteByte(' ')
			rest = rest[len(words().asking[i]):]
			continue
		}
		r, size := utf8.DecodeRuneInString(rest)
		b.WriteRune(r)
		rest = rest[size:]
	}
	for _, piece := range strings.Fields(b.String()) {
		topic := trim(piece)
		says = says || topic != piece
		if utf8.RuneCountInString(topic) >= 2 {
			topics = append(topics, topic)
		}
	}
	return topics, asks, says
}

// trim cuts words of speech and light characters off both ends as long as two characters
// stay; a piece that is nothing but a word of speech goes altogether.
func trim(topic string) string {
	lists := words()
	for {
		was := topic
		for _, w := range lists.leading {
			if rest, ok := strings.CutPrefix(topic, w); ok && longEnough(rest) {
				topic = rest
				break
			}
		}
		for _, w := range lists.trailing {
			if rest, ok := strings.CutSuffix(topic, w); ok && longEnough(rest) {
				topic = rest
				break
			}
		}
		if r, size := utf8.DecodeRuneInString(topic); lists.before[string(r)] && utf8.RuneCountInString(topic) > 2 {
			topic = topic[size:]
		}
		if r, size := utf8.DecodeLastRuneInString(topic); lists.after[string(r)] && utf8.RuneCountInString(topic) > 2 {
			topic = topic[:len(topic)-size]
		}
		if topic == was {
			return topic
		}
	}
}

// longEnough says whether what is left is a topic, or nothing.
func longEnough(topic string) bool { return topic == "" || utf8.RuneCountInString(topic) >= 2 }
