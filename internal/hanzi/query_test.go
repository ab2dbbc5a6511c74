package hanzi_test

import (
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/hanzi"
)

func TestSplitPinyin(t *testing.T) {
	tests := []struct {
		query string
		first string   // the likeliest
		also  []string // among the others
	}{
		{"shujujiegou", "shu ju jie gou", nil},
		{"shujujieg", "shu ju jie g", nil},
		{"xian", "xian", []string{"xi an"}},
		{"xi'an", "xi an", nil},
		{"xi’an", "xi an", nil},
		{"fangan", "fang an", []string{"fan gan"}},
		{"danganguanli", "dang an guan li", []string{"dan gan guan li"}},
		{"jie'ou", "jie ou", nil},
		{"nv'er", "nv er", nil},
		{"nü", "nv", nil},
		{"lüe", "lve", nil},
		{"lueduo", "lve duo", nil},
		{"lyuyou", "lv you", nil},
		{"danyuan", "dan yuan", nil},
		{"shu4ju4", "shu ju", nil},
		{"fang1an4", "fang an", nil},
		{"shùjù jiégòu", "shu ju jie gou", nil},
		{"SHUJU", "shu ju", nil},
		{"ｓｈｕｊｕ", "shu ju", nil},
		{"zhuangshi", "zhuang shi", nil},
		{"s", "s", nil},
		{"python", "", nil},
		{"java", "", nil},
		{"sjjg", "", nil},
		{"vip", "", nil},
		{"c++", "", nil},
		{"数据", "", nil},
		{"123", "", nil},
		{"", "", nil},
		{strings.Repeat("a", 500), "", nil},
	}
	for _, tt := range tests {
		splits := hanzi.SplitPinyin(tt.query)
		if len(splits) > 8 {
			t.Errorf("%q: %d splits", tt.query, len(splits))
		}
		var got []string
		for _, split := range splits {
			got = append(got, strings.Join(split, " "))
		}
		if len(got) == 0 {
			got = []string{""}
		}
		if got[0] != tt.first {
			t.Errorf("%q: got %q, want %q first", tt.query, got, tt.first)
		}
		for _, also := range tt.also {
			if !strings.Contains(strings.Join(got, ","), also) {
				t.Errorf("%q: got %q, want %q among them", tt.query, got, also)
			}
		}
	}
}

func TestShapeOf(t *testing.T) {
	const pinyin, initials, english, word = "pinyin", "initials", "english", "word"
	tests := map[string]string{
		"shujujiegou": pinyin, "gaodengshuxue": pinyin, "jisuanji": pinyin, "wang": pinyin, "shuj": pinyin,
		"sjjg": initials, "zgls": initials, "gdsx": initials, "sql": initials,
		"women": english, "data": english, "can": english, "change": english, "language": english, "linux": english, "ai": english,
		"java": word, "javascript": word, "vue": word, "design": word, "finance": word,
	}
	for query, want := range tests {
		shape, got := hanzi.ShapeOf(query), word
		switch {
		case shape.English:
			got = english
		case shape.Pinyin:
			got = pinyin
		case shape.Initials:
			got = initials
		}
		if got != want {
			t.Errorf("%q is %s (%+v), want %s", query, got, shape, want)
		}
		if hanzi.IsPinyin(query) != (want == pinyin) {
			t.Errorf("IsPinyin(%q) = %t", query, hanzi.IsPinyin(query))
		}
	}
}

func TestShapeCountsSyllables(t *testing.T) {
	if got := hanzi.ShapeOf("shujujieg"); got.Syllables != 4 || got.Complete || !got.Pinyin {
		t.Errorf("got %+v", got)
	}
	if got := hanzi.ShapeOf("sh"); got.Pinyin || got.Syllables != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestMatchPinyin(t *testing.T) {
	tests := []struct {
		original, query string
		want            string // the spans, in brackets
	}{
		{"数据结构与算法", "shujujiegou", "[数据结构]与算法"},
		{"数据结构与算法", "sjjg", "[数据结构]与算法"},
		{"数据结构与算法", "shjjg", "[数据结构]与算法"},
		{"数据结构与算法", "shujjg", "[数据结构]与算法"},
		{"数据结构与算法", "shujujie", "[数据结]构与算法"},
		{"数据结构与算法", "shujuj", "[数据结]构与算法"},
		{"数据结构与算法", "jiegou", "数据[结构]与算法"},
		{"数据结构与算法", "shu ju", "[数据]结构与算法"},
		{"数据结构与算法", "suanfa shuju", "[数据]结构与[算法]"},
		{"数据结构与算法", "zuixin", "数据结构与算法"},
		{"数据结构与数据库", "shuju", "[数据]结构与[数据]库"},
		{"數據結構", "shujv", "[數據]結構"},
		{"眼科学——探索眼睛", "xuetansuo", "眼科[学——探索]眼睛"},
		{"电工电子技术（电脑合成课）", "dnhc", "电工电子技术（[电脑合成]课）"},
		{"西安城墙", "xi'an", "[西安]城墙"},
		{"先进制造", "xi'an", "先进制造"},
		{"先进制造", "xian", "[先]进制造"},
		{"Java多线程", "javadxc", "[Java多线程]"},
		{"Java多线程", "dxc", "Java[多线程]"},
		{"Java多线程", "javaduo", "[Java多]线程"},
		{"Java多线程", "jav", "[Jav]a多线程"},
		{"用Python学数据", "yxsj", "[用Python学数据]"},
		{"Python语言基础", "python jichu", "[Python]语言[基础]"},
		{"旅游地理", "luyou", "[旅游]地理"},
		{"旅游地理", "lüyou", "[旅游]地理"},
		{"中国旅游", "zgly", "[中国旅游]"},
		{"模具设计", "mojusheji", "[模具设计]"},
		{"数据", "s", "[数]据"},
		{"数学与数据", "数据", "数学与数据"},
		{"", "shuju", ""},
		{"数据", "", "数据"},
		{"数据", strings.Repeat("shuju", 200), "数据"},
	}
	for _, tt := range tests {
		if got := mark(tt.original, hanzi.MatchPinyin(tt.original, tt.query, false)); got != tt.want {
			t.Errorf("%q in %s: got %s, want %s", tt.query, tt.original, got, tt.want)
		}
	}
}

func TestMatchPinyinOfPeople(t *testing.T) {
	for query, want := range map[string]string{"zengxiangmin": "[曾祥民]", "cengxiangmin": "[曾祥民]", "zxm": "[曾祥民]", "xiangmin": "曾[祥民]"} {
		if got := mark("曾祥民", hanzi.MatchPinyin("曾祥民", query, true)); got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
}

// mark puts brackets around the spans.
func mark(s string, spans []hanzi.Span) string {
	runes := []rune(s)
	var b strings.Builder
	at := 0
	for _, span := range spans {
		b.WriteString(string(runes[at:span.Start]) + "[" + string(runes[span.Start:span.End]) + "]")
		at = span.End
	}
	return b.String() + string(runes[at:])
}

func FuzzMatchPinyin(f *testing.F) {
	f.Add("Java多线程（上）", "javadxc", false)
	f.Add("曾·国藩 PhD", "zeng g'f phd", true)
	f.Add(strings.Repeat("啊", 255), strings.Repeat("a", 127)+"b", false)
	f.Fuzz(func(t *testing.T, original, query string, person bool) {
		end, n := 0, len([]rune(original))
		for i, span := range hanzi.MatchPinyin(original, query, person) {
			if span.Start < end || span.End <= span.Start || span.End > n || i >= 8 {
				t.Fatalf("%q in %q: span %d %v of %d runes", query, original, i, span, n)
			}
			end = span.End
		}
		for _, split := range hanzi.SplitPinyin(query) {
			if len(split) == 0 || len(split) > 128 {
				t.Errorf("%q: split of %d", query, len(split))
			}
		}
		if len(hanzi.InitialPrefixes(query)) > 2 {
			t.Errorf("%q: too many prefixes", query)
		}
		if match, ok := hanzi.MatchSound(original, query, person, true); ok && (match.Span.Start < 0 || match.Span.End > n || match.Same >= match.Total) {
			t.Errorf("%q in %q: %+v", query, original, match)
		}
	})
}
