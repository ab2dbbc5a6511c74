package mappings

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/xunke/xunke/catalog"
)

// VectorDimensions is how many numbers a course's vector has. The mapping says so, too: a
// model with another number is another version of the mapping.
const VectorDimensions = 384

// Passage is the text of a course of which a model makes its vector: what says most first,
// since models look at the beginning of long texts only. The summary is that of the row.
func Passage(name, category string, tags []string, summary string) string {
	var parts []string
	for _, part := range []string{name, category, strings.Join(tags, " "), catalog.PlainText(summary)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "\n")
}

// PassageHash is the same for the same text. A vector belongs to a text by it.
func PassageHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
