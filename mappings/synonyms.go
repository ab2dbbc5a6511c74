package mappings

import _ "embed"

//go:embed synonyms.txt
var synonyms string

// Synonyms is the text of the rules that ship, one a line.
func Synonyms() string { return synonyms }
