package mappings

import (
	"slices"
	"strings"

	"github.com/xunke/xunke/internal/hanzi"
)

// NameTerms are the forms of one or more names that are computed in Go, because no
// plugin is needed then and queries are folded by the very same code. Only Exact is there
// for names without Hanzi.
//
// Pinyin and Near hold one token for each Hanzi or word of a name, readings that are all
// possible joined by "|"; a phrase query finds them. In Pinyin the name stands between ^
// and $, so that a phrase can also ask for a whole name or for its beginning.
type NameTerms struct {
	Exact          []string `json:"exact,omitempty"`           // folded whole names: width, case, accents, script, spacing
	Pinyin         []string `json:"pinyin,omitempty"`          // "^ shu ju jie gou $", "^ zeng|ceng xiang min $"
	Initials       []string `json:"initials,omitempty"`        // "sjjg", with zh, ch and sh both as one letter and as two
	InitialsInside []string `json:"initials_inside,omitempty"` // the same from every later character on: "jjg", "jg", "g"
	Near           []string `json:"near,omitempty"`            // like Pinyin, in classes of near sounds, for homophone typos
}

// TermsOf computes the terms of a course's or an org's name.
func TermsOf(name string) NameTerms {
	var t NameTerms
	t.add(name, false)
	return t
}

// TermsOfPerson computes the terms of a teacher's name, in which surnames have readings
// of their own.
func TermsOfPerson(name string) NameTerms {
	var t NameTerms
	t.add(name, true)
	return t
}

// TermsOfPeople computes what a course keeps of its org and its teachers: enough to find
// it by their names or pinyin, without the forms that only the items themselves need.
// An org of "" is none.
func TermsOfPeople(org string, teachers []string) NameTerms {
	var t NameTerms
	if org != "" {
		t.add(org, false)
	}
	for _, name := range teachers {
		t.add(name, true)
	}
	return NameTerms{Exact: t.Exact, Pinyin: t.Pinyin}
}

// add appends the forms of one name, each form once.
func (t *NameTerms) add(name string, person bool) {
	forms := hanzi.Terms(name, person)
	t.Exact = appendNew(t.Exact, forms.Exact...)
	t.Initials = appendNew(t.Initials, forms.Initials...)
	t.InitialsInside = appendNew(t.InitialsInside, forms.InitialsInside...)
	if forms.Near == "" {
		return
	}
	t.Near = appendNew(t.Near, forms.Near)
	syllables := hanzi.Syllables(name)
	if person {
		syllables = hanzi.PersonSyllables(name)
	}
	t.Pinyin = appendNew(t.Pinyin, pinyinText(syllables))
}

func pinyinText(syllables []hanzi.Syllable) string {
	tokens := make([]string, 0, len(syllables)+2)
	tokens = append(tokens, "^")
	for _, s := range syllables {
		if s.Readings == nil {
			tokens = append(tokens, s.Literal)
		} else {
			tokens = append(tokens, strings.Join(s.Readings, "|"))
		}
	}
	return strings.Join(append(tokens, "$"), " ")
}

func appendNew(list []string, forms ...string) []string {
	for _, f := range forms {
		if !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list
}
