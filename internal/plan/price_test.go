package plan_test

import (
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/plan"
)

// TestPrice: what people type is ordinary; what is made to be dear is known to be before it
// is asked, and is bounded all the same.
func TestPrice(t *testing.T) {
	for _, text := range []string{
		"", "Python", "数据结构", "shujujiegou", "shu ju jie gou yu suan fa", "C++ 面向对象程序设计", "jisuanji wangluo", "我想学机器学习应该先学什么课程",
		"清华大学 人工智能 深度学习 入门", "machine learning with python for beginners", "xian xiongan jiangnan",
	} {
		if price := plan.Make(text, nil).Price(); price > plan.OrdinaryPrice {
			t.Errorf("%q costs %d", text, price)
		}
	}
	for _, text := range []string{
		strings.Repeat("xianguangangangexiangan ", 16), "xiangangu fangangai jiangango tiananmen xianguo danganguan fanganer jiangexi " +
			"xinganmen guangangu langanzi panganxi dangangai liangangu pinganxian huanganer",
	} {
		price := plan.Make(text, nil).Price()
		if price <= plan.OrdinaryPrice || price > 3*plan.OrdinaryPrice {
			t.Errorf("%q costs %d", text, price)
		}
	}
	synonyms := func(string) []string { return []string{"甲", "乙", "丙", "丁"} }
	if with, without := plan.Make("数据 结构", synonyms).Price(), plan.Make("数据 结构", nil).Price(); with <= without {
		t.Errorf("with synonyms it costs %d, without %d", with, without)
	}
}
