package plan

import (
	_ "embed"
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

// wordLists are the sections of words.txt.
type wordLists struct {
	filler, fillerHanzi, asking, edge map[string]bool
	spoken                            []string // asking and saying, longest first
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
	lists := wordLists{
		filler: sections["filler"], fillerHanzi: sections["filler hanzi"],
		asking: sections["asking"], edge: sections["edge"],
	}
	for _, from := range []string{"asking", "saying"} {
		for w := range sections[from] {
			lists.spoken = append(lists.spoken, w)
		}
	}
	slices.SortFunc(lists.spoken, func(a, b string) int {
		if d := len(b) - len(a); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	lists.spoken = slices.Compact(lists.spoken)
	return lists
})

// isFiller says whether a part has no meaning of its own.
func isFiller(p Part) bool {
	switch p.Script {
	case Hanzi:
		return words().fillerHanzi[p.Text]
	case Word:
		return words().filler[p.Text]
	default:
		return false
	}
}

// ask finds out whether the query is a sentence and what it is about. About stays empty
// where nothing of the query is mere speech: then it is about all of its groups.
func (p *Plan) ask() {
	about, spoken := []Part{}, false
	for _, g := range p.Groups {
		if g.Synonyms != nil {
			about = append(about, g.Parts...)
			continue
		}
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
	if spoken && len(about) > 0 {
		p.About = about
	}
}

// isQuestionWord picks those of the fillers that ask.
func isQuestionWord(word string) bool {
	return slices.Contains([]string{"how", "what", "why", "which", "where", "should", "can"}, word)
}

// topicsOf cuts phrases of speech out of a run of Hanzi and returns what is left, and
// whether what was cut out asks or only says something.
func topicsOf(run string) (topics []string, asks, says bool) {
	lists := words()
	rest := run
	var b strings.Builder
	for rest != "" {
		i := slices.IndexFunc(lists.spoken, func(w string) bool { return strings.HasPrefix(rest, w) })
		if i < 0 {
			r, size := utf8.DecodeRuneInString(rest)
			b.WriteRune(r)
			rest = rest[size:]
			continue
		}
		if w := lists.spoken[i]; lists.asking[w] {
			asks = true
		} else {
			says = true
		}
		b.WriteByte(' ')
		rest = rest[len(lists.spoken[i]):]
	}
	for _, topic := range strings.Fields(b.String()) {
		if topic = trimEdges(topic); utf8.RuneCountInString(topic) >= 2 {
			topics = append(topics, topic)
		}
	}
	return topics, asks, says
}

// trimEdges cuts light characters off both ends as long as two characters stay.
func trimEdges(topic string) string {
	edge := words().edge
	for utf8.RuneCountInString(topic) > 2 {
		r, size := utf8.DecodeRuneInString(topic)
		if edge[string(r)] {
			topic = topic[size:]
			continue
		}
		r, size = utf8.DecodeLastRuneInString(topic)
		if !edge[string(r)] {
			break
		}
		topic = topic[:len(topic)-size]
	}
	return topic
}
