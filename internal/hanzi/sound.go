package hanzi

import "strings"

// NearKey returns the form in which syllables that are easily mistaken for each other are
// equal: zh/z, ch/c, sh/s; n/l and f/h at the beginning; in/ing, en/eng, an/ang (and ian,
// uan) at the end; ü/u. Anything but a syllable is returned as it is.
func NearKey(syllable string) string {
	if !IsSyllable(syllable) {
		return syllable
	}
	key := syllable
	switch {
	case len(key) > 1 && key[1] == 'h':
		key = key[:1] + key[2:]
	case key[0] == 'n' && len(key) > 1:
		key = "l" + key[1:]
	case key[0] == 'f':
		key = "h" + key[1:]
	}
	for _, nasal := range []string{"ang", "eng", "ing"} {
		if strings.HasSuffix(key, nasal) {
			key = key[:len(key)-1]
			break
		}
	}
	return strings.ReplaceAll(key, "v", "u")
}

// SoundKey returns the toneless pinyin of s without spaces, Latin and digits in place: equal
// for exact homophones. It is the first reading only; Terms gives the others.
func SoundKey(s string) string {
	return join(Syllables(s), nil, maxWholeLetters, wholeSyllable)
}

// NearSoundKey returns the same of near keys: equal for names that sound nearly alike.
func NearSoundKey(s string) string {
	return join(Syllables(s), nil, maxWholeLetters, NearKey)
}

// NearTokens returns the near keys of a query, one token a Hanzi or literal, for a phrase
// query on NameForms.Near.
func NearTokens(query string) []string {
	syllables := Syllables(query)
	tokens := make([]string, 0, len(syllables))
	for _, s := range syllables {
		if s.Readings == nil {
			tokens = append(tokens, s.Literal)
		} else {
			tokens = append(tokens, NearKey(s.Readings[0]))
		}
	}
	return tokens
}
