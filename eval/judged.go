// Package eval measures search by judged queries: known items that a query must find,
// with grades. It computes the figures itself, so that any system that returns a ranked
// list of keys can be compared with any other.
package eval

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xunke/xunke/catalog"
)

// Judged is one query with what it should find. Without anything relevant it must find
// nothing. Kind, if set, limits it to one kind; Catalogue to items whose key begins with
// it and a colon, where several catalogues are loaded side by side.
type Judged struct {
	Query     string       `json:"query"`
	Kind      catalog.Kind `json:"kind,omitempty"`
	Class     string       `json:"class"`
	Catalogue string       `json:"catalogue,omitempty"`
	Relevant  []Relevant   `json:"relevant"`
}

// Relevant is an item with its grade: 2 or more for what was meant, 1 for what also does.
type Relevant struct {
	Type  catalog.Kind `json:"type"`
	Key   string       `json:"key"`
	Grade int          `json:"grade"`
}

// Item is one line of a result list.
type Item struct {
	Type catalog.Kind
	Key  string
}

// Read reads judged queries, one JSON object a line. Lines that begin with # say who
// judged and how. The error names the line.
func Read(r io.Reader) ([]Judged, error) {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 1<<20)
	var out []Judged
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var j Judged
		if err := json.Unmarshal([]byte(line), &j); err != nil {
			return nil, fmt.Errorf("read judged query in line %d: %w", n, err)
		}
		if j.Class == "" {
			return nil, fmt.Errorf("read judged query in line %d: it has no class", n)
		}
		out = append(out, j)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("read judged queries: %w", err)
	}
	return out, nil
}

// Kinds are the kinds whose lists are judged: those of the relevant items, or the one
// that is set, or all for a query that must find nothing. A page shows each kind as a
// list of its own, so a course is not late because a teacher's section stands above.
func (j Judged) Kinds() []catalog.Kind {
	if j.Kind != "" {
		return []catalog.Kind{j.Kind}
	}
	if len(j.Relevant) == 0 {
		return catalog.Kinds()
	}
	var kinds []catalog.Kind
	for _, r := range j.Relevant {
		if !slices.Contains(kinds, r.Type) {
			kinds = append(kinds, r.Type)
		}
	}
	return kinds
}

// Fuse makes one ranking of a list for each of the query's kinds: the first of each, then
// the second of each, and so on. Items of other catalogues are left out before.
func (j Judged) Fuse(lists map[catalog.Kind][]string) []Item {
	kept := map[catalog.Kind][]string{}
	longest := 0
	for _, k := range j.Kinds() {
		for _, key := range lists[k] {
			if j.Catalogue == "" || strings.HasPrefix(key, j.Catalogue+":") {
				kept[k] = append(kept[k], key)
			}
		}
		longest = max(longest, len(kept[k]))
	}
	var out []Item
	for i := range longest {
		for _, k := range j.Kinds() {
			if i < len(kept[k]) {
				out = append(out, Item{Type: k, Key: kept[k][i]})
			}
		}
	}
	return out
}
