package hanzi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/hanzi"
)

func TestTerms(t *testing.T) {
	tests := []struct {
		name   string
		person bool
		want   hanzi.NameForms
	}{
		{name: "数据结构", want: hanzi.NameForms{
			Exact:          []string{"数据结构"},
			Pinyin:         "^ shu ju jie gou $",
			Initials:       []string{"sjjg", "shjjg"},
			InitialsInside: []string{"jjg", "jg", "g"},
			Near:           "su ju jie gou",
		}},
		{name: "Java多线程", want: hanzi.NameForms{
			Exact:          []string{"java多线程"},
			Pinyin:         "^ java duo xian cheng $",
			Initials:       []string{"javadxc", "dxc", "javadxch", "dxch"},
			InitialsInside: []string{"dxc", "xc", "c"},
			Near:           "java duo xian cen",
		}},
		{name: "曾平", person: true, want: hanzi.NameForms{
			Exact:          []string{"曾平"},
			Pinyin:         "^ zeng|ceng ping $",
			Initials:       []string{"zp", "cp"},
			InitialsInside: []string{"p"},
			Near:           "zen|cen pin",
		}},
		{name: "旅游", want: hanzi.NameForms{
			Exact:          []string{"旅游"},
			Pinyin:         "^ lv|lu you $",
			Initials:       []string{"ly"},
			InitialsInside: []string{"y"},
			Near:           "lu you",
		}},
		{name: "Calculus 1", want: hanzi.NameForms{Exact: []string{"calculus1"}}},
		{name: " \u200b", want: hanzi.NameForms{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := hanzi.Terms(tt.name, tt.person)
			for _, field := range []struct {
				name      string
				got, want []string
			}{
				{"Exact", got.Exact, tt.want.Exact},
				{"Pinyin", []string{got.Pinyin}, []string{tt.want.Pinyin}},
				{"Initials", got.Initials, tt.want.Initials},
				{"InitialsInside", got.InitialsInside, tt.want.InitialsInside},
				{"Near", []string{got.Near}, []string{tt.want.Near}},
			} {
				if !slices.Equal(field.got, field.want) {
					t.Errorf("%s = %q, want %q", field.name, field.got, field.want)
				}
			}
		})
	}
}

// findable says whether a Latin query finds a name by the look-ups that the forms are for.
func findable(name, query string) bool {
	forms := hanzi.Terms(name, false)
	for _, cut := range hanzi.SplitPinyin(query) {
		if hasPhrase(strings.Fields(forms.Pinyin), cut) {
			return true
		}
	}
	for _, q := range hanzi.InitialPrefixes(query) {
		for _, form := range slices.Concat(forms.Initials, forms.InitialsInside) {
			if strings.HasPrefix(form, q) {
				return true
			}
		}
	}
	return false
}

// hasPhrase does what a phrase query whose last term is a prefix does.
func hasPhrase(positions, phrase []string) bool {
	for i := 0; i+len(phrase) <= len(positions); i++ {
		all := true
		for n, term := range phrase {
			all = all && slices.ContainsFunc(strings.Split(positions[i+n], "|"), func(have string) bool {
				return have == term || n == len(phrase)-1 && strings.HasPrefix(have, term)
			})
		}
		if all {
			return true
		}
	}
	return false
}

func TestNamesAreFoundByWhatIsTyped(t *testing.T) {
	tests := []struct {
		name    string
		queries []string
		not     []string
	}{
		{"数据结构与算法", []string{"shujujiegou", "shujujieg", "jiegou", "sjjg", "shjjg", "jgysf", "shu ju", "Shùjù", "shu4ju4jie2gou4", "s", "fa"}, []string{"shuji", "sjgj", "jjsf", "uju"}},
		{"电工电子技术（电脑合成课）", []string{"dnhc", "diannaohecheng", "jsdn", "dgdz"}, []string{"dnch"}},
		{"中国旅游地理", []string{"zhongguolvyou", "zhongguoluyou", "zhongguo lüyou", "lyuyoudili", "lydl", "zhgly", "zgly"}, []string{"zhonggly"}},
		{"女性文学", []string{"nvxing", "nuxing", "nü xing", "nyuxing", "nxwx"}, nil},
		{"西安城墙", []string{"xi'an", "xian", "xianchengqiang", "xacq", "xachq"}, nil},
		{"档案管理方案", []string{"danganguanli", "fangan", "dang'an", "daglfa"}, nil},
		{"安卓手机软件积木式开发App Studio", []string{"kaifa", "kfapp", "ruanjian"}, nil},
		{"战略管理", []string{"zhanlve", "zhanlue", "zhanlüe", "zlgl"}, nil},
		{"模具设计", []string{"muju", "moju", "mjsj"}, nil},
		{"单元测试", []string{"danyuan", "danyuanceshi", "dycs"}, nil},
		{"會計學", []string{"kuaiji", "huijixue", "kjx"}, nil},
	}
	for _, tt := range tests {
		for _, query := range tt.queries {
			if !findable(tt.name, query) {
				t.Errorf("%s is not found by %q", tt.name, query)
			}
		}
		for _, query := range tt.not {
			if findable(tt.name, query) {
				t.Errorf("%s is found by %q", tt.name, query)
			}
		}
	}
}

func TestTermsOfLongNamesStaySmall(t *testing.T) {
	names := []string{
		strings.Repeat("长行重乐调传弹曾朝校种率薄藏都", 17),
		strings.Repeat("壮", 255), strings.Repeat("a", 255) + "数", "数" + strings.Repeat("b", 254),
		strings.Repeat("数a", 127), strings.Repeat("㍿", 255), strings.Repeat("ﷺ", 255) + "数",
	}
	for _, name := range names {
		for _, person := range []bool{false, true} {
			forms := hanzi.Terms(name, person)
			size := len(forms.Pinyin) + len(forms.Near)
			for _, list := range [][]string{forms.Initials, forms.InitialsInside} {
				for i, form := range list {
					size += len(form)
					if len(form) == 0 || len(form) > 1024 || slices.Contains(list[:i], form) {
						t.Errorf("%.12s…: form %.20q of %d bytes is empty, long or there twice", name, form, len(form))
					}
				}
			}
			if len(forms.Initials) > 16 || len(forms.InitialsInside) > 128 || size > 16<<10 {
				t.Errorf("%.12s…: %d, %d forms, %d bytes", name, len(forms.Initials), len(forms.InitialsInside), size)
			}
		}
	}
}

func FuzzTerms(f *testing.F) {
	f.Add("Java多线程（上）", false)
	f.Add("曾·国藩 PhD", true)
	f.Add(strings.Repeat("长", 300), false)
	f.Fuzz(func(t *testing.T, name string, person bool) {
		forms := hanzi.Terms(name, person)
		if len(forms.Initials) > 16 || len(forms.InitialsInside) > 128 || len(forms.Exact) > 1 {
			t.Errorf("%q: too many forms", name)
		}
		for _, form := range slices.Concat(forms.Initials, forms.InitialsInside) {
			if strings.ContainsFunc(form, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
				t.Errorf("%q: form %q is not letters and digits", name, form)
			}
		}
		if strings.ContainsFunc(forms.Pinyin+forms.Near, func(r rune) bool { return r > 'z' && r != '|' }) {
			t.Errorf("%q: tokens %q, %q", name, forms.Pinyin, forms.Near)
		}
	})
}
