package plan_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xunke/xunke/internal/plan"
)

var update = flag.Bool("update", false, "write the golden files")

// dictionary is a small set of synonyms, by folded keys as the real one.
func dictionary(key string) []string {
	return map[string][]string{
		"机器学习":            {"machine learning", "ML"},
		"machinelearning": {"机器学习", "ML"},
		"js":              {"JavaScript"},
		"c++":             {"cpp"},
	}[key]
}

// TestMake compares the plans of each file's queries with what was approved.
func TestMake(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("find queries: %v, %d files", err, len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			queries, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for query := range strings.Lines(string(queries)) {
				raw, err := json.Marshal(plan.Make(strings.TrimSuffix(query, "\n"), dictionary))
				if err != nil {
					t.Fatal(err)
				}
				got.Write(raw)
				got.WriteByte('\n')
			}
			golden := strings.TrimSuffix(file, ".txt") + ".jsonl"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
			for i := range max(len(wantLines), len(gotLines)) {
				if w, g := at(wantLines, i), at(gotLines, i); w != g {
					t.Errorf("line %d\n got %s\nwant %s", i+1, g, w)
				}
			}
		})
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

func TestScriptsDecideTheWays(t *testing.T) {
	tests := []struct {
		name  string
		query string
		check func(plan.Plan) bool
	}{
		{"Hanzi are never pinyin", "景点", func(p plan.Plan) bool {
			return p.Only(plan.Hanzi) && p.Pinyin == nil && p.Loose == nil && p.Initials == nil
		}},
		{"short words have no typing errors", "abc", func(p plan.Plan) bool { return p.Groups[0].Parts[0].Edits == 0 }},
		{"long words may have two", "programming", func(p plan.Plan) bool { return p.Groups[0].Parts[0].Edits == 2 }},
		{"technical terms are whole and exact", "C++", func(p plan.Plan) bool {
			part := p.Groups[0].Parts[0]
			return part.Script == plan.Term && part.Text == "c++" && part.Edits == 0 && part.Pinyin == nil
		}},
		{"a finished word is no beginning", "python ", func(p plan.Plan) bool { return !p.Groups[0].Parts[0].Begins }},
		{"an unfinished one is", "pytho", func(p plan.Plan) bool { return p.Groups[0].Parts[0].Begins }},
		{"English words are no sure pinyin", "data", func(p plan.Plan) bool { return p.Pinyin == nil && p.Loose != nil }},
		{"fillers alone must match", "the who", func(p plan.Plan) bool { return p.Groups[0].Optional && !p.Groups[1].Optional }},
		{"only fillers must match", "how to", func(p plan.Plan) bool { return !p.Groups[0].Optional && !p.Groups[1].Optional }},
		{"signs are nothing", "?!…『』", plan.Plan.Empty},
		{"a synonym inside a run is exchanged", "我要学机器学习入门", func(p plan.Plan) bool {
			return len(p.Groups) == 1 && slices.Equal(p.Groups[0].Synonyms, []string{"我要学 machine learning 入门", "我要学 ML 入门"})
		}},
		{"single characters are left out of it", "学机器学习", func(p plan.Plan) bool {
			return slices.Equal(p.Groups[0].Synonyms, []string{"machine learning", "ML"})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if p := plan.Make(tt.query, dictionary); !tt.check(p) {
				t.Errorf("plan of %q is %+v", tt.query, p)
			}
		})
	}
}

func TestPlansAreBounded(t *testing.T) {
	for name, query := range map[string]string{
		"a hundred words": strings.Repeat("machine learning ", 50),
		"a long run":      strings.Repeat("机器学习数据结构", 1000),
		"one long word":   strings.Repeat("xian", 3000),
		"mixed":           strings.Repeat("a机", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			p := plan.Make(query, dictionary)
			checkBounds(t, p)
			if !p.Cut {
				t.Error("the plan does not say that it was cut")
			}
		})
	}
}

func checkBounds(t *testing.T, p plan.Plan) {
	t.Helper()
	synonyms, parts := 0, 0
	for _, g := range p.Groups {
		synonyms += len(g.Synonyms)
		for _, part := range g.Parts {
			parts++
			if len(part.Pinyin) > 4 {
				t.Errorf("%d readings of %q", len(part.Pinyin), part.Text)
			}
		}
	}
	if p.Terms() > 64 || parts > 64 || synonyms > 12 || len(p.Pinyin) > 4 || len(p.Loose) > 4 || len(p.Initials) > 4 || len(p.About) > 64 {
		t.Errorf("%d terms, %d parts, %d synonyms", p.Terms(), parts, synonyms)
	}
}

func FuzzMake(f *testing.F) {
	for _, seed := range []string{"", " ", "C++入门", "shujujiegou", "想学做网站应该看什么", "xi'an", "\x00\xff", "😀数", "..net", "'", "+++", "a\u0300", "ﬃ①Ⅳ㍿"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		p := plan.Make(query, dictionary)
		checkBounds(t, p)
		if !utf8.ValidString(p.Text) || !utf8.ValidString(p.Exact) {
			t.Errorf("plan of %q is not valid UTF-8", query)
		}
		for _, g := range p.Groups {
			for _, part := range g.Parts {
				if strings.TrimSpace(part.Text) == "" {
					t.Errorf("plan of %q has a part without text", query)
				}
			}
		}
	})
}
