package hanzi_test

import (
	"slices"
	"testing"

	"github.com/xunke/xunke/internal/hanzi"
)

func TestNearKey(t *testing.T) {
	same := [][2]string{
		{"zhang", "zan"}, {"chi", "ci"}, {"shen", "seng"}, {"nan", "lang"}, {"ning", "lin"}, {"hui", "fui"},
		{"feng", "hen"}, {"jing", "jin"}, {"xiang", "xian"}, {"guang", "guan"}, {"nv", "lu"},
	}
	for _, pair := range same {
		a, b := hanzi.NearKey(pair[0]), hanzi.NearKey(pair[1])
		if pair[1] == "fui" { // no syllable, so only what hui becomes is of interest
			b = "hui"
		}
		if a != b {
			t.Errorf("%s is %s, but %s is %s", pair[0], a, pair[1], b)
		}
	}
	for _, pair := range [][2]string{{"dong", "dang"}, {"ji", "qi"}, {"bao", "pao"}, {"hong", "hon"}, {"er", "e"}, {"ren", "len"}} {
		if hanzi.NearKey(pair[0]) == hanzi.NearKey(pair[1]) {
			t.Errorf("%s and %s are both %s", pair[0], pair[1], hanzi.NearKey(pair[0]))
		}
	}
	if got := hanzi.NearKey("python"); got != "python" {
		t.Errorf("a word becomes %q", got)
	}
}

func TestSoundKeys(t *testing.T) {
	if a, b := hanzi.SoundKey("无机华学实验"), hanzi.SoundKey("无机化学实验"); a != b || a != "wujihuaxueshiyan" {
		t.Errorf("homophones are %q and %q", a, b)
	}
	if a, b := hanzi.NearSoundKey("Java 编成"), hanzi.NearSoundKey("java编程"); a != b {
		t.Errorf("homophones are %q and %q", a, b)
	}
	if a, b := hanzi.SoundKey("金融"), hanzi.SoundKey("精容"); a == b {
		t.Errorf("both are %q", a)
	}
	if a, b := hanzi.NearSoundKey("金融"), hanzi.NearSoundKey("精容"); a != b {
		t.Errorf("near homophones are %q and %q", a, b)
	}
	if got, want := hanzi.NearTokens("数剧 Python"), []string{"su", "ju", "python"}; !slices.Equal(got, want) {
		t.Errorf("tokens %q, want %q", got, want)
	}
}

func TestMatchSound(t *testing.T) {
	tests := []struct {
		name, query string
		near        bool
		want        string // "" for none
	}{
		{"从民歌到现代，十二首常听钢琴作品", "钢禽作品", false, "钢琴作品"},
		{"国际商务礼仪—一门关于来往的学问", "一门关瑜", false, "一门关于"},
		{"Python语言基础与应用", "基础与硬用", false, "基础与应用"},
		{"數據結構", "数剧结构", false, "數據結構"},
		{"金融学", "精融学", false, ""},
		{"金融学", "精融学", true, "金融学"},
		{"湖南地理", "扶兰地里", true, "湖南地理"},
		{"数据结构", "数据", false, ""},
		{"数据结构", "数学", true, ""},
		{"书剧与数据", "数剧", false, "书剧"},
		{"Java编程", "Java编成", false, "Java编程"},
		{"Java编程", "Go编成", true, ""},
		{"数据", "", true, ""},
	}
	for _, tt := range tests {
		match, ok := hanzi.MatchSound(tt.name, tt.query, false, tt.near)
		got := ""
		if ok {
			got = string([]rune(tt.name)[match.Span.Start:match.Span.End])
		}
		if got != tt.want {
			t.Errorf("%q in %s: got %q (%+v), want %q", tt.query, tt.name, got, match, tt.want)
		}
	}
	match, _ := hanzi.MatchSound("金融数学", "精容数学", false, true)
	if want := (hanzi.SoundMatch{Span: hanzi.Span{Start: 0, End: 4}, Same: 2, Total: 4}); match != want {
		t.Errorf("got %+v, want %+v", match, want)
	}
	if match, ok := hanzi.MatchSound("曾平", "增平", true, false); !ok || !match.Exact {
		t.Errorf("a surname is not read as one: %+v", match)
	}
}
