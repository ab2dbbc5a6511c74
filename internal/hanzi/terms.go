package hanzi

import "strings"

// Limits of what one name is turned into, so that a name of any length and of any number of
// ambiguous characters stays a small document.
const (
	maxWholeReadings  = 4   // readings of the initials of a whole name
	maxInsideReadings = 2   // readings of the initials of what begins inside a name
	maxWholeLetters   = 256 // a query is not longer
	maxInsideInitials = 16
	maxInsideStarts   = 64 // characters of a name at which an inside match may begin
)

// NameForms are the forms of a name that go into the index. All but Exact are empty for a
// name without Hanzi. Equal forms appear once.
type NameForms struct {
	// Exact is the folded name, one element; none for an empty name.
	Exact []string
	// Pinyin is one text of all syllables at consecutive positions between ^ and $, every
	// reading that is possible at a position joined by "|": "^ zeng|ceng xiang min $". With a
	// white-space tokenizer and a pattern_capture filter of ([^|]+), a phrase of SplitPinyin
	// finds the name, one that begins with ^ its beginning. Syllables in lv and nv are there
	// as lu and nu, too, which is how many people type them.
	Pinyin string
	// Initials is the whole name as initials, Latin and digits in place and whole, with zh,
	// ch and sh as one letter and as two; and, for a mixed name, its Hanzi alone: Java多线程
	// is javadxc and dxc. Looked up by equality and by prefix.
	Initials []string
	// InitialsInside is Initials from every later character on, zh, ch and sh as one letter
	// only. Looked up by prefix with InitialPrefixes of a query.
	InitialsInside []string
	// Near is one text of near keys (NearKey) in the form of Pinyin without ^ and $; a phrase
	// of NearTokens finds names that sound nearly like the query.
	Near string
}

// Terms computes the forms of a name. A person's name is read with the readings of surnames.
func Terms(name string, person bool) NameForms {
	var forms NameForms
	if exact := Fold(name); exact != "" {
		forms.Exact = []string{exact}
	}
	syllables := syllablesOf(name, person)
	if !hasReadings(syllables) {
		return forms
	}
	forms.Pinyin = pinyinText(syllables)
	forms.Near = tokenText(syllables, func(reading string) []string { return []string{NearKey(reading)} })
	for _, reading := range variants(syllables, maxWholeReadings) {
		for _, letter := range []func(string) string{shortInitial, longInitial} {
			forms.Initials = appendNew(forms.Initials, join(syllables, reading, maxWholeLetters, letter))
			forms.Initials = appendNew(forms.Initials, joinHanzi(syllables, reading, letter))
		}
	}
	forms.InitialsInside = initialsInside(syllables)
	return forms
}

// PinyinOf computes the folded name and the pinyin text alone, for names inside other
// items' documents.
func PinyinOf(name string, person bool) (exact, pinyin string) {
	syllables := syllablesOf(name, person)
	if hasReadings(syllables) {
		pinyin = pinyinText(syllables)
	}
	return Fold(name), pinyin
}

// pinyinText writes NameForms.Pinyin.
func pinyinText(syllables []Syllable) string {
	return "^ " + tokenText(syllables, func(reading string) []string {
		if reading == "lv" || reading == "nv" {
			return []string{reading, reading[:1] + "u"}
		}
		return []string{reading}
	}) + " $"
}

// initialsInside is what begins at the second and later syllables.
func initialsInside(syllables []Syllable) []string {
	var inside []string
	seen := map[string]bool{}
	for i := 1; i < min(len(syllables), maxInsideStarts); i++ {
		// A cut form holds no more than maxInsideInitials syllables.
		rest := syllables[i:min(len(syllables), i+maxInsideInitials)]
		for _, reading := range variants(rest, maxInsideReadings) {
			if s := join(rest, reading, maxInsideInitials, shortInitial); s != "" && !seen[s] {
				seen[s] = true
				inside = append(inside, s)
			}
		}
	}
	return inside
}

func hasReadings(syllables []Syllable) bool {
	for _, s := range syllables {
		if s.Readings != nil {
			return true
		}
	}
	return false
}

// variants returns up to limit readings of the whole: the chosen one first, then those that
// differ from it in one character, then in two. An element is nil for all chosen readings,
// or says by position which reading to take.
func variants(syllables []Syllable, limit int) []map[int]int {
	result := []map[int]int{nil}
	for i, s := range syllables {
		for alternative := 1; alternative < len(s.Readings); alternative++ {
			if len(result) == limit {
				return result
			}
			result = append(result, map[int]int{i: alternative})
		}
	}
	for _, first := range result[1:] {
		for _, second := range result[1:] {
			if len(result) == limit {
				return result
			}
			if i, j := onlyKey(first), onlyKey(second); i < j {
				result = append(result, map[int]int{i: first[i], j: second[j]})
			}
		}
	}
	return result
}

func onlyKey(m map[int]int) int {
	for k := range m {
		return k
	}
	return -1
}

func wholeSyllable(reading string) string { return reading }
func shortInitial(reading string) string  { return initial(reading, false) }
func longInitial(reading string) string   { return initial(reading, true) }

// join writes the syllables in one reading, each through form, literals as they are, and
// stops before the one that would go past limit letters. A first literal that is too long
// by itself is cut.
func join(syllables []Syllable, reading map[int]int, limit int, form func(string) string) string {
	var b strings.Builder
	for i, s := range syllables {
		part := s.Literal
		if s.Readings != nil {
			part = form(s.Readings[reading[i]])
		}
		if b.Len()+len(part) > limit {
			if b.Len() == 0 {
				return part[:limit]
			}
			break
		}
		b.WriteString(part)
	}
	return b.String()
}

// joinHanzi is join of the Hanzi alone.
func joinHanzi(syllables []Syllable, reading map[int]int, form func(string) string) string {
	var b strings.Builder
	for i, s := range syllables {
		if s.Readings != nil && b.Len() < maxWholeLetters {
			b.WriteString(form(s.Readings[reading[i]]))
		}
	}
	return b.String()
}

// appendNew appends s unless it is empty or there.
func appendNew(list []string, s string) []string {
	if s == "" {
		return list
	}
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// maxTokenLetters bounds a literal in the texts of tokens: longer ones are not words.
const maxTokenLetters = 64

// tokenText writes one token a syllable, the forms of all its readings joined by "|".
func tokenText(syllables []Syllable, forms func(reading string) []string) string {
	var b strings.Builder
	for _, s := range syllables {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if s.Readings == nil {
			b.WriteString(s.Literal[:min(len(s.Literal), maxTokenLetters)])
			continue
		}
		var tokens []string
		for _, reading := range s.Readings {
			for _, form := range forms(reading) {
				tokens = appendNew(tokens, form)
			}
		}
		b.WriteString(strings.Join(tokens, "|"))
	}
	return b.String()
}
