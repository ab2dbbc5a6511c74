package hanzi

import "sync"

// traditional maps traditional characters to simplified ones, closed: no target is a key.
var traditional = sync.OnceValue(func() map[rune]rune {
	table := make(map[rune]rune, 3200)
	eachLine(traditionalFile, func(line string) {
		pairs := []rune(line)
		for i := 0; i+1 < len(pairs); i += 2 {
			table[pairs[i]] = pairs[i+1]
		}
	})
	return table
})

// merged lists characters that the standard keeps apart by meaning but that writers of the
// two scripts mix (了解 / 瞭解, 接着 / 接著, 你 / 妳). Names are compared with both as one; the
// pinyin of a name is taken before this step, because 著作 and 着色 are read differently.
var merged = map[rune]rune{
	'瞭': '了', '著': '着', '藉': '借', '妳': '你', '祇': '只', '甯': '宁', '谘': '咨', '钜': '巨',
}

// scriptOnly simplifies r without merging characters that have readings of their own.
func scriptOnly(r rune) rune {
	if r == '乾' { // 乾隆 is written so in both scripts and is not read like 干
		return r
	}
	if s, ok := traditional()[r]; ok {
		return s
	}
	return r
}

// Simplify returns the character that r is compared as, and whether that is another one.
// It works character by character, so 乾 always becomes 干, in 乾燥 and in 乾隆 alike: what
// matters is that both sides of a comparison do the same.
func Simplify(r rune) (rune, bool) {
	if r < 0x3400 {
		return r, false
	}
	if s, ok := merged[r]; ok {
		return s, true
	}
	if s, ok := traditional()[r]; ok {
		return s, true
	}
	return r, false
}
