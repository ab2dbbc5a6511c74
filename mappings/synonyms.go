package mappings

import _ "embed"

// The rules that ship: what words of courses are called besides, what people say who do not
// know these words, and what is said on the mainland and in Taiwan.
var (
	//go:embed synonyms.txt
	synonyms string
	//go:embed lay.txt
	lay string
	//go:embed regional.txt
	regional string
)

// Synonyms is the text of the rules that ship, one a line.
func Synonyms() string { return synonyms + "\n" + lay + "\n" + regional }
