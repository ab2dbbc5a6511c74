package mappings

import (
	"slices"

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
	Joined         []string `json:"joined,omitempty"`          // neighbouring Latin words as one: "tcpip" of TCP/IP
	Near           []string `json:"near,omitempty"`            // like Pinyin, in classes of near sounds, for homophone typos
}

// TermsOf computes the terms of a course's or an org's name.
func TermsOf(name string) NameTerms { return termsOf(name, false) }

// TermsOfPerson computes the terms of a teacher's name, in which surnames have readings
// of their own.
func TermsOfPerson(name string) NameTerms { return termsOf(name, true) }

// TermsOfPeople computes what a course keeps of its org and its teachers: enough to find
// it by their names or pinyin, without the forms that only the items themselves need.
// An org of "" is none.
func TermsOfPeople(org string, teachers []string) NameTerms {
	var t NameTerms
	add := func(name string, person bool) {
		if exact, pinyin := hanzi.PinyinOf(name, person); exact != "" {
			t.Exact = appendNew(t.Exact, exact)
			if pinyin != "" {
				t.Pinyin = appendNew(t.Pinyin, pinyin)
			}
		}
	}
	add(org, false)
	for _, name := range teachers {
		add(name, true)
	}
	return t
}

func termsOf(name string, person bool) NameTerms {
	forms := hanzi.Terms(name, person)
	t := NameTerms{Exact: forms.Exact, Joined: hanzi.JoinedWords(name), Initials: forms.Initials, InitialsInside: forms.InitialsInside}
	if forms.Pinyin != "" {
		t.Pinyin, t.Near = []string{forms.Pinyin}, []string{forms.Near}
	}
	return t
}

// appendNew appends a form unless it is there.
func appendNew(list []string, form string) []string {
	if slices.Contains(list, form) {
		return list
	}
	return append(list, form)
}
