package mappings

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"github.com/xunke/xunke/catalog"
)

// VectorDimensions is how many numbers a course's vector has. The mapping says so, too: a
// model with another number is another version of the mapping.
const VectorDimensions = 384

// Passage is the text of a course of which a model makes its vector: what says most first,
// since models look at the beginning of long texts only. The summary is that of the row.
// A text without Hanzi gets none from category and tags: with a few in it, it would lie closer to all
// that is asked in Chinese than a text about the very thing that has none.
func Passage(name, category string, tags []string, summary string) string {
	if !IsHanzi(name, summary) {
		tags = slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return IsHanzi(tag) })
		if IsHanzi(category) {
			category = ""
		}
	}
	var parts []string
	for _, part := range []string{name, category, strings.Join(tags, " "), catalog.PlainText(summary)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "\n")
}

// IsHanzi says whether texts are written in Hanzi, all or in part. Vectors of texts in Hanzi and of others
// are in fields of their own, each with its own graph: what is in one writing lies close
// together whatever it is about, and to look for the closest in one writing behind all that a filter
// refuses takes several times as long.
func IsHanzi(texts ...string) bool {
	for _, text := range texts {
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			return true
		}
	}
	return false
}

// PassageHash is the same for the same text. A vector belongs to a text by it.
func PassageHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
