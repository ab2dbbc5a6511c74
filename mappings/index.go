package mappings

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
)

//go:embed *.json
var files embed.FS

// Options are the settings of an index that differ from one installation, or one phase
// of an index's life, to another. A Refresh of 0 turns refreshing off, for bulk loading.
type Options struct {
	Shards   int
	Replicas int
	Refresh  time.Duration
}

// Body is the request that creates an index of a kind: settings, analysis, mapping.
func Body(k catalog.Kind, o Options) (json.RawMessage, error) {
	mapping, err := read[json.RawMessage](k.Plural())
	if err != nil {
		return nil, err
	}
	analysis, err := Analysis()
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(map[string]any{
		"settings": map[string]any{
			"number_of_shards":   o.Shards,
			"number_of_replicas": o.Replicas,
			"refresh_interval":   RefreshInterval(o.Refresh),
			"analysis":           analysis,
		},
		"mappings": mapping,
	})
	if err != nil {
		return nil, fmt.Errorf("encode index of %s: %w", k.Plural(), err)
	}
	return raw, nil
}

// RefreshInterval is a refresh interval as Elasticsearch writes it; "-1" means never.
func RefreshInterval(d time.Duration) string {
	if d <= 0 {
		return "-1"
	}
	return fmt.Sprintf("%dms", d.Milliseconds())
}

// Analysis is the analysis section of every index: the embedded one, joined with the
// foldings that Go applies to queries, so that both sides fold alike. They run before
// everything else: width before technical terms are looked for, so that Ｃ＋＋ is C++.
func Analysis() (map[string]any, error) {
	analysis, err := read[map[string]any]("analysis")
	if err != nil {
		return nil, err
	}
	filters, ok := analysis["char_filter"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("read analysis.json: it has no char_filter")
	}
	for name, rules := range map[string][]string{"fold": hanzi.FoldingRules(), "compose": hanzi.ComposingRules()} {
		value, err := joinRules(rules)
		if err != nil {
			return nil, fmt.Errorf("write the rules of %s: %w", name, err)
		}
		filters[name] = map[string]any{"type": "mapping", "mappings": value}
	}
	return analysis, nil
}

// joinRules makes one value of rules, which Elasticsearch parts again at the commas. As a list
// they are slow: whenever it copies the settings of an index it interns each value of a list by
// itself, so that an index with ten thousand rules took a second and more to create, and half
// a second for each later change of a setting.
func joinRules(rules []string) (string, error) {
	for _, rule := range rules {
		if strings.Contains(rule, ",") {
			return "", fmt.Errorf("a comma stands in %q: write it as \\u002C", rule)
		}
	}
	return strings.Join(rules, ","), nil
}

// mapping is what this package itself has to know about a mapping file.
type mapping struct {
	Meta struct {
		Version int `json:"version"`
	} `json:"_meta"`
	Properties map[string]json.RawMessage `json:"properties"`
}

// Version is the version of a kind's mapping. It is raised with every change of the
// mapping or of the analysis, and is part of the index's name.
func Version(k catalog.Kind) (int, error) {
	m, err := read[mapping](k.Plural())
	if err != nil {
		return 0, err
	}
	if m.Meta.Version < 1 {
		return 0, fmt.Errorf("read %s.json: it has no _meta.version", k.Plural())
	}
	return m.Meta.Version, nil
}

// copied are fields that Elasticsearch fills from others: no document has them.
var copied = []string{"context", "body"}

// Fields lists the top-level fields that a document of a kind may have, sorted.
func Fields(k catalog.Kind) ([]string, error) {
	m, err := read[mapping](k.Plural())
	if err != nil {
		return nil, err
	}
	fields := make([]string, 0, len(m.Properties))
	for f := range m.Properties {
		if !slices.Contains(copied, f) {
			fields = append(fields, f)
		}
	}
	slices.Sort(fields)
	return fields, nil
}

func read[T any](name string) (T, error) {
	var out T
	raw, err := files.ReadFile(name + ".json")
	if err != nil {
		return out, fmt.Errorf("read mapping of %s: %w", name, err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return out, fmt.Errorf("decode %s.json: %w", name, err)
	}
	return out, nil
}
