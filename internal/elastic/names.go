package elastic

import (
	"fmt"
	"strings"

	"github.com/xunke/xunke/catalog"
)

// Names makes every index and alias name of one installation from its prefix.
type Names struct{ Prefix string }

// Alias is what searches of a kind ask: "xunke-courses".
func (n Names) Alias(k catalog.Kind) string { return n.Prefix + "-" + k.Plural() }

// Index is a concrete index: kind, mapping version, generation: "xunke-courses-v1-g3".
func (n Names) Index(k catalog.Kind, version, generation int) string {
	return fmt.Sprintf("%s-v%d-g%d", n.Alias(k), version, generation)
}

// WriteAlias is the alias through which one generation is written. Bulk requests demand
// an alias, so that a deleted index is an error instead of a new index without mapping.
func (n Names) WriteAlias(index string) string { return index + "-write" }

// State is the index of the indexer's own documents: checkpoint, generations.
func (n Names) State() string { return n.Prefix + "-state" }

// DeadLetters is the index of documents that Elasticsearch refused.
func (n Names) DeadLetters() string { return n.Prefix + "-deadletters" }

// KindOf tells which kind an index or alias of this installation holds.
func (n Names) KindOf(index string) (catalog.Kind, bool) {
	for _, k := range catalog.Kinds() {
		if a := n.Alias(k); index == a || strings.HasPrefix(index, a+"-v") {
			return k, true
		}
	}
	return "", false
}
