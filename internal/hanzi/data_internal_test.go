package hanzi

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPhraseFilesAreWellFormed(t *testing.T) {
	files := map[string]string{
		"phrases.txt": phrasesFile, "course_phrases.txt": coursePhrasesFile, "surnames.txt": surnamesFile,
	}
	for name, file := range files {
		lines, own, seen := 0, name != "phrases.txt", map[string]string{}
		eachLine(file, func(line string) {
			lines++
			text, readings, told := strings.Cut(line, " ")
			if own && !told {
				t.Errorf("%s: %q has no readings", name, line)
			}
			if before, twice := seen[text]; twice && before != readings {
				t.Errorf("%s: %s has the readings %q and %q", name, text, before, readings)
			}
			seen[text] = readings
			fields := strings.Fields(readings)
			if told && len(fields) != utf8.RuneCountInString(text) {
				t.Errorf("%s: %q has %d readings", name, line, len(fields))
			}
			for _, field := range fields {
				for _, reading := range strings.Split(field, "/") {
					if !IsSyllable(reading) {
						t.Errorf("%s: %q: %q is no syllable", name, line, reading)
					}
				}
			}
			for _, r := range text {
				if DefaultReading(r) == "" || plainHanzi(r) != r {
					t.Errorf("%s: %q: %c can never be looked up", name, line, r)
				}
			}
		})
		if lines == 0 {
			t.Errorf("%s is empty", name)
		}
	}
}

func TestPolyphonesAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	eachLine(polyphonesFile, func(line string) {
		fields := strings.Fields(line)
		if utf8.RuneCountInString(fields[0]) != 1 || len(fields) < 2 || len(fields)-1 > maxReadings || seen[fields[0]] {
			t.Errorf("%q is malformed or there twice", line)
		}
		seen[fields[0]] = true
		if r, _ := utf8.DecodeRuneInString(fields[0]); plainHanzi(r) != r {
			t.Errorf("%q can never be looked up", line)
		}
		for _, reading := range fields[1:] {
			if !IsSyllable(reading) {
				t.Errorf("%q: %q is no syllable", line, reading)
			}
		}
	})
}

// The general list is reduced against polyphones.txt; this notices when it was not run again.
func TestPhrasesAreReducedAgainstThePolyphones(t *testing.T) {
	eachLine(phrasesFile, func(line string) {
		text, readings, told := strings.Cut(line, " ")
		if !told {
			return
		}
		var usual []string
		for _, r := range text {
			usual = append(usual, DefaultReading(r))
		}
		if strings.Join(usual, " ") == readings {
			t.Errorf("%q has only default readings: run the generator", line)
		}
	})
}
