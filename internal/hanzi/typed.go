package hanzi

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxTyped is the number of letters of a Latin query that are looked at as pinyin.
const maxTyped = 128

// typed is a Latin query as it is typed for pinyin: letters and digits only, ü as v, and
// where the typist cut between syllables (xi'an, shu ju).
type typed struct {
	letters string
	cuts    []int // positions in letters before which a syllable must begin, ascending
}

// parseTyped accepts tone marks (shùjù), tone digits (shu4ju4), ü in its spellings (ü, u:,
// v, lyu) and spaces, apostrophes and hyphens between syllables. ok is false if anything
// else is in the query, or no letter.
func parseTyped(query string) (t typed, ok bool) {
	query = strings.ReplaceAll(Toneless(norm.NFKC.String(query)), "u:", "v")
	query = otherUmlauts(strings.ReplaceAll(norm.NFC.String(query), "ü", "v"))
	var b strings.Builder
	letter := false
	for _, r := range query {
		switch {
		case isAlnum(r):
			if b.Len() == maxTyped {
				return typed{}, false
			}
			letter = letter || r > '9'
			b.WriteRune(r)
		case unicode.IsSpace(r), strings.ContainsRune("'’‘`-·", r):
			if n := b.Len(); n > 0 && (len(t.cuts) == 0 || t.cuts[len(t.cuts)-1] != n) {
				t.cuts = append(t.cuts, n)
			}
		case isInvisible(r):
		default:
			return typed{}, false
		}
	}
	t.letters = b.String()
	if n := len(t.cuts); n > 0 && t.cuts[n-1] == len(t.letters) {
		t.cuts = t.cuts[:n-1]
	}
	if !letter {
		return typed{}, false
	}
	return t.withoutTones().withPlainUmlaut(), true
}

// withoutTones drops the digits 1 to 5 if each of them follows a whole syllable, so that
// "python3" and "web20" stay.
func (t typed) withoutTones() typed {
	isTone := func(r rune) bool { return r >= '1' && r <= '5' }
	if !strings.ContainsFunc(t.letters, isTone) {
		return t
	}
	start := 0
	for i, r := range t.letters {
		if isTone(r) {
			if !IsSyllable(t.letters[start:i]) {
				return t
			}
			start = i + 1
		}
	}
	plain := typed{}
	removed := 0
	cuts := t.cuts
	for i, r := range t.letters {
		for len(cuts) > 0 && cuts[0] == i {
			plain.cuts = append(plain.cuts, i-removed)
			cuts = cuts[1:]
		}
		if isTone(r) {
			removed++
			if n := i + 1 - removed; i+1 < len(t.letters) && !slices.Contains(t.cuts, i+1) {
				plain.cuts = append(plain.cuts, n)
			}
			continue
		}
		plain.letters += string(r)
	}
	return plain
}

// withPlainUmlaut writes ju, qu, xu, yu for jv …, and lve, nve for lue, nue, which are no
// syllables otherwise. The number of letters stays.
func (t typed) withPlainUmlaut() typed {
	t.letters = umlauts.Replace(t.letters)
	return t
}

var umlauts = strings.NewReplacer("jv", "ju", "qv", "qu", "xv", "xu", "yv", "yu", "lue", "lve", "nue", "nve")

// otherUmlauts writes lv and nv for the lyu and nyu of passports. The n of danyuan ends a
// syllable.
func otherUmlauts(query string) string {
	query = strings.ReplaceAll(query, "lyu", "lv")
	for i := strings.Index(query, "nyu"); i >= 0; {
		if i == 0 || !isVowel(query[i-1]) {
			query = query[:i] + "nv" + query[i+len("nyu"):]
		}
		next := strings.Index(query[i+1:], "nyu")
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return query
}

// spellings returns the letters, and as many with lv and nv for the lu and nu that may mean
// them, for typists whose keyboard has neither ü nor a habit of v.
func (t typed) spellings() []string {
	b := []byte(t.letters)
	for i := 1; i < len(b); i++ {
		if b[i] == 'u' && mayBeUmlaut(b, i) {
			b[i] = 'v'
		}
	}
	return appendNew([]string{t.letters}, string(b))
}

func mayBeUmlaut(b []byte, i int) bool {
	switch b[i-1] {
	case 'l':
	case 'n':
		if i > 1 && isVowel(b[i-2]) {
			return false // that n ends a syllable more often than it begins nv
		}
	default:
		return false
	}
	if i+1 == len(b) {
		return true
	}
	switch b[i+1] {
	case 'a', 'i', 'o':
		return false // luan, luo
	case 'n':
		return i+2 < len(b) && isVowel(b[i+2]) // not lun
	}
	return true
}

func isVowel(c byte) bool { return strings.IndexByte("aeiouv", c) >= 0 }

// InitialPrefixes returns the spellings by which a Latin query is looked up as a prefix in
// NameForms.Initials and InitialsInside: as typed, and with zh, ch and sh as one letter. It
// returns nil if the query cannot be initials.
func InitialPrefixes(query string) []string {
	t, ok := parseTyped(query)
	if !ok {
		return nil
	}
	list := []string{t.letters}
	return appendNew(list, shortInitials.Replace(t.letters))
}

var shortInitials = strings.NewReplacer("zh", "z", "ch", "c", "sh", "s")
