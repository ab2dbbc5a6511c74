// Package eval measures search by judged queries: known items that a query must find,
// with grades. It computes the figures itself, so that any system that returns a ranked
// list of keys can be compared with any other.
package eval

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xunke/xunke/catalog"
)

// mustBeEmpty is the class of queries of a graded set that must find nothing.
const mustBeEmpty = "must_be_empty"

// Judged is one query with what it should find. Without anything relevant it must find
// nothing: what stands apart, near the query, is nothing found. Kind, if set, limits it to
// one kind; Catalogue and Catalogues to items whose key begins with one of them and a colon,
// where several catalogues are loaded side by side. A line with Catalogues is of a graded set:
// of its items only those of grade 2 or more are good. Of a known item's, all are.
type Judged struct {
	Query      string       `json:"query"`
	Kind       catalog.Kind `json:"kind,omitempty"`
	Class      string       `json:"class"`
	Catalogue  string       `json:"catalogue,omitempty"`
	Catalogues []string     `json:"catalogues,omitempty"`
	Relevant   []Relevant   `json:"relevant"`
}

// Relevant is an item with its grade: 3 for what the query asks for, 2 for what was meant or
// is clearly useful, 1 for what is related or also does.
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
		if err := j.check(); err != nil {
			return nil, fmt.Errorf("read judged query in line %d: %w", n, err)
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

// check says what is wrong with a line of a set.
func (j Judged) check() error {
	switch {
	case j.Class == "":
		return errors.New("it has no class")
	case j.Class == mustBeEmpty && len(j.Relevant) > 0:
		return fmt.Errorf("class %s has relevant items", mustBeEmpty)
	case j.Catalogue != "" && j.Catalogues != nil:
		return errors.New("it has both catalogue and catalogues")
	}
	return nil
}

// good is the grade from which an item is what was looked for.
func (j Judged) good() int {
	if j.Catalogues != nil {
		return 2
	}
	return 1
}

// counts says whether an item is of the catalogues that the query is about.
func (j Judged) counts(key string) bool {
	if j.Catalogue == "" && j.Catalogues == nil {
		return true
	}
	prefix, _, _ := strings.Cut(key, ":")
	return prefix == j.Catalogue || slices.Contains(j.Catalogues, prefix)
}

// Fuse makes one ranking of a list for each of the query's kinds: the first of each, then
// the second of each, and so on. Items of other catalogues are left out before.
func (j Judged) Fuse(lists map[catalog.Kind][]string) []Item {
	kept := map[catalog.Kind][]string{}
	longest := 0
	for _, k := range j.Kinds() {
		for _, key := range lists[k] {
			if j.counts(key) {
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

// read is what was found in the order in which a visitor reads it: hits, then what stands apart.
// What must be empty is read for hits alone.
func (j Judged) read(f Results) []Item {
	items := j.Fuse(f.Hits)
	if len(j.Relevant) == 0 {
		return items
	}
	return append(items, j.Fuse(f.Near)...)
}
