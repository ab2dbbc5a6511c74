package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/plan"
)

// TestContent: a word after a colon is what stands for the one before it.
func TestContent(t *testing.T) {
	lay := func(key string) []string {
		return map[string][]string{"癌症": {"肿瘤"}, "机器学习": {"machine learning"}, "kid": {"children"}, "stars": {"astronomy"}, "machinelearning": {"机器学习"}}[key]
	}
	for query, want := range map[string]string{
		"提高情商":                                     "情商",
		"初学者打羽毛球":                                  "打羽毛球",
		"孩子不听话爸妈应该怎么教育":                            "孩子不听话爸妈 教育",
		"喝懂一杯茶":                                    "喝懂 茶",
		"买玉不上当":                                    "买玉不上当",
		"我想学机器学习需要什么基础":                            "机器学习:machine learning 基础",
		"癌症应该怎么预防":                                 "癌症:肿瘤 预防",
		"what machine learning can do for my kids": "machine learning:机器学习 kids:children",
		"understand the star":                      "star:astronomy",
		"how do I make my own cheese":              "cheese",
		"用R语言做统计":                                  "r 语言做统计",
		"怎么学":                                      "",
		"how to get started":                       "",
		"？！":                                       "",
	} {
		var got []string
		for _, g := range plan.Make(query, lay).Content(lay) {
			got = append(got, strings.Join(append([]string{g.Text()}, g.Synonyms...), ":"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("of %q this is content: %q, want %q", query, strings.Join(got, " "), want)
		}
	}
}

func TestContentIsBounded(t *testing.T) {
	many := func(string) []string { return []string{"甲乙", "丙丁", "戊己", "庚辛", "壬癸"} }
	for _, text := range []string{strings.Repeat("机器学习的", 300), strings.Repeat("tea 茶 ", 200)} {
		synonyms := 0
		content := plan.Make(text, many).Content(many)
		for _, g := range content {
			synonyms += len(g.Synonyms)
		}
		if len(content) > 48 || synonyms > 12 {
			t.Errorf("%d groups with %d synonyms", len(content), synonyms)
		}
	}
}

func TestCharacters(t *testing.T) {
	content := plan.Make("喝懂一杯茶", nil).Content(nil)
	if got := plan.Characters(content); !slices.Equal(got, []string{"喝", "茶"}) {
		t.Errorf("characters to look for are %q", got)
	}
	known := []plan.Group{{Parts: []plan.Part{{Text: "茶道", Script: plan.Hanzi}}, Synonyms: []string{"tea"}}}
	if got := plan.Characters(known); got != nil {
		t.Errorf("characters of what has another name are %q", got)
	}
}
