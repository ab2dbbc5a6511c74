package synonym_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/synonym"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"机器学习, machine learning,ML", "机器学习, machine learning, ML"},
		{"前端，front-end、 frontend", "前端, front-end, frontend"},
		{" py =>  Python ", "py => Python"},
		{"a, b => c", "a, b => c"},
		{"看牙,牙齿 ~>口腔", "看牙, 牙齿 ~> 口腔"},
	} {
		r, err := synonym.Parse(tt.text)
		if err != nil || r.String() != tt.want {
			t.Errorf("%q is read as %q, %v; want %q", tt.text, r, err, tt.want)
		}
		if again, err := synonym.Parse(r.String()); err != nil || again.String() != r.String() {
			t.Errorf("%q comes back as %q, %v", r, again, err)
		}
	}
	for _, bad := range []string{"", "one", "a =>", "=> b", "a ~>", "~> b", ",,", "x, X", strings.Repeat("长", 65) + ", b", "a,b,c,d,e,f,g,h,i,j,k,l,m", strings.Repeat("a, b, ", 200)} {
		if r, err := synonym.Parse(bad); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%.30q is read as %q, %v", bad, r, err)
		}
	}
}

func TestRead(t *testing.T) {
	rules, err := synonym.Read(strings.NewReader("# comment\n\na, b\nbad\nc => d\n"))
	if len(rules) != 2 || err == nil || !strings.Contains(err.Error(), "line 4") {
		t.Errorf("read %v, %v", rules, err)
	}
}

func TestDictionary(t *testing.T) {
	rules, err := synonym.Read(strings.NewReader("机器学习, machine learning, ML\npy => Python, 派森\nML, 元语言\nC++, cpp\nSpringBoot, Spring Boot\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := synonym.NewDictionary(rules)
	for typed, want := range map[string][]string{
		"机器学习":             {"machine learning", "ML"},
		"Machine Learning": {"机器学习", "ML"},
		"ｍｌ":               {"机器学习", "machine learning", "元语言"},
		"元语言":              {"ML"}, // not what ML also means
		"py":               {"Python", "派森"},
		"python":           nil,
		"c++":              {"cpp"},
		"c":                nil,
		"springboot":       {"Spring Boot", "SpringBoot"},
		"":                 nil,
	} {
		if got := d.Lookup(hanzi.Fold(typed)); !slices.Equal(got, want) {
			t.Errorf("%q may be called %q, want %q", typed, got, want)
		}
	}
	if (synonym.Dictionary{}).Lookup("x") != nil {
		t.Error("the zero dictionary knows something")
	}
}

// TestNearRules: what is near a name stands after what it is called, for that name alone, and
// only where it is asked for.
func TestNearRules(t *testing.T) {
	rules, err := synonym.Read(strings.NewReader("孩子 ~> 家庭教育, 儿童\n孩子, 儿童\n做账 ~> 会计\n会计, accounting\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := synonym.NewDictionary(rules)
	for typed, want := range map[string]struct{ called, near []string }{
		"孩子": {[]string{"儿童"}, []string{"儿童", "家庭教育"}},
		"做账": {nil, []string{"会计"}},
		"会计": {[]string{"accounting"}, []string{"accounting"}},
		"别的": {nil, nil},
	} {
		if called, near := d.Lookup(typed), d.LookupNear(typed); !slices.Equal(called, want.called) || !slices.Equal(near, want.near) {
			t.Errorf("%q is called %q and near %q, want %q and %q", typed, called, near, want.called, want.near)
		}
	}
}

func TestShipped(t *testing.T) {
	rules, err := synonym.BuiltInRules()
	if err != nil || len(rules) < 1200 {
		t.Errorf("%d rules ship, %v", len(rules), err)
	}
	d := synonym.NewDictionary(rules)
	for _, key := range []string{"机器学习", "frontend", "k8s", "js", "微积分", "calculus"} {
		if d.Lookup(key) == nil {
			t.Errorf("nothing ships for %q", key)
		}
	}
	for typed, want := range map[string]string{
		"癌症": "肿瘤", "機率": "概率", "激光": "雷射", "tai chi": "太极", "牙科": "口腔", "记账": "会计", "中风": "脑卒中", "電漿": "等离子体",
		"隨身碟": "U盘", "常態分佈": "正态分布", "計組": "计算机组成原理", "econometrics": "计量经济学", "維他命": "维生素",
	} {
		if called := d.Lookup(hanzi.Fold(typed)); !slices.Contains(called, want) {
			t.Errorf("%q is called %q, not %q", typed, called, want)
		}
	}
	for typed, want := range map[string]string{"睡不着": "睡眠", "confucius": "论语", "考托福": "TOEFL", "solar system": "天文", "拔牙": "口腔"} {
		if near := d.LookupNear(hanzi.Fold(typed)); !slices.Contains(near, want) || slices.Contains(d.Lookup(hanzi.Fold(typed)), want) {
			t.Errorf("near %q are %q", typed, near)
		}
	}
	kept := map[string]bool{}
	for _, r := range rules {
		if kept[r.String()] {
			t.Errorf("%s ships twice", r)
		}
		kept[r.String()] = true
	}
}

type source []synonym.Rule

func (s source) Version(context.Context) (string, error)       { return "1", nil }
func (s source) Rules(context.Context) ([]synonym.Rule, error) { return s, nil }

func TestLiveLooksUp(t *testing.T) {
	live := synonym.NewLive(source{{From: []string{"a", "b"}}}, slog.New(slog.DiscardHandler))
	if got := live.Lookup("a"); got != nil {
		t.Errorf("before the rules are read: %q", got)
	}
	if err := live.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := live.Lookup("a"); !slices.Equal(got, []string{"b"}) {
		t.Errorf("a may be called %q", got)
	}
}
