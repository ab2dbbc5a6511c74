package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

func TestLibrary(t *testing.T) {
	s := library(t)
	for name, test := range map[string]func(*testing.T, *shelf){
		"FindsWhatWasMeant": testFinds, "LeavesOutWhatWasNotMeant": testLeavesOut, "Corrections": testCorrections,
		"Highlights": testHighlights, "Lists": testLists, "Filters": testFilters, "Suggest": testSuggest,
		"Related": testRelated, "BadInput": testBadInput, "Explain": testExplain,
		"CuratedOrder": testCuratedOrder, "CuratedKinds": testCuratedKinds, "CuratedHidden": testCuratedHidden,
		"CuratedBoosts": testCuratedBoosts, "CuratedFallback": testCuratedFallback, "CuratedExplain": testCuratedExplain,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

// library is a small catalogue with every trap that names have set for a search.
func library(t *testing.T) *shelf {
	t.Helper()
	s := newShelf(t)
	pku := s.org(t, mappings.Org{Name: "北京大学", OrgCategory: "university", City: "北京", Students: 9000, Courses: 3})
	s.org(t, mappings.Org{Name: "南京大学", OrgCategory: "university", City: "南京", Students: 5000})
	s.org(t, mappings.Org{Name: "重庆大学", OrgCategory: "university", City: "重庆", Students: 4000})
	s.org(t, mappings.Org{Name: "Kyoto University", OrgCategory: "university", Description: "A university in Japan"})
	hua := s.org(t, mappings.Org{Name: "华夏培训", OrgCategory: "training", City: "上海"})
	zeng := s.teacher(t, mappings.Teacher{Name: "曾祥民", Org: &pku, Title: "教授"})
	s.teacher(t, mappings.Teacher{Name: "张晓明", Org: &hua})
	chen := s.teacher(t, mappings.Teacher{Name: "陈开 chenkai168", Org: &hua})
	s.teacher(t, mappings.Teacher{Name: "García Márquez"})
	for _, c := range []mappings.Course{
		{Name: "数据结构", Org: &pku, Teachers: []mappings.Ref{zeng}, Students: 10, Tags: []string{"计算机"}, Category: "工学"},
		{Name: "数据结构与算法", Org: &hua, Students: 900_000, Tags: []string{"计算机", "算法"}, Category: "工学"},
		{Name: "大数据的结构化分析", Students: 500},
		{Name: "算法导论", Description: "从数据结构讲起，<b>直到</b>图论。", Tags: []string{"算法"}, Category: "工学"},
		{Name: "C语言程序设计", Teachers: []mappings.Ref{chen}, Students: 3000},
		{Name: "C++程序设计", Students: 2000},
		{Name: "C#与.NET开发", Students: 1000},
		{Name: "ASP.NET Core实战"},
		{Name: "Vue3从入门到精通"},
		{Name: "Node.js服务端开发"},
		{Name: "5G移动通信"},
		{Name: "Python全栈工程师", Students: 100},
		{Name: "Python3 基础教程", Students: 50},
		{Name: "JavaScript高级编程", Students: 800},
		{Name: "Java多线程编程", Students: 10},
		{Name: "口腔外科学"},
		{Name: "英语语法"},
		{Name: "法语写作", Summary: "先讲语法，英语对照"},
		{Name: "Leaders of Tomorrow", Language: "en"},
		{Name: "Effective Leaders", Language: "en"},
		{Name: "Sander of Lander", Students: 900, Language: "en"},
		{Name: "Hearing 音乐欣赏课", Students: 1900},
		{Name: "零基础学语言CAP", Students: 1900},
		{Name: "计算机基础CAP"},
		{Name: "Molecular Codes"},
		{Name: "Coding Essentials", Students: 1900},
		{Name: "钢琴作品赏析"},
		{Name: "音乐欣赏", Org: &pku, Teachers: []mappings.Ref{zeng}},
		{Name: "经典名著选读"},
		{Name: "网站设计与开发", Summary: "学会做一个自己的网站"},
		{Name: "Programación para todos", Language: "es"},
		{Name: "Introduction to Journalism", Language: "en"},
		{Name: "Machine Learning Basics", Language: "en"},
		{Name: "已删除的数据结构", Deleted: true},
	} {
		s.course(t, c)
	}
	s.flush(t)
	return s
}

func testFinds(t *testing.T, s *shelf) {
	searcher := s.searcher()
	tests := []struct {
		query string
		want  string // the first hit of the kind
		kind  catalog.Kind
	}{
		{"数据结构", "数据结构", catalog.KindCourse},      // exact beats 90,000 times the learners
		{"數據結構", "数据结构", catalog.KindCourse},      // traditional
		{"数据结构算法", "数据结构与算法", catalog.KindCourse}, // nearly all of it
		{"Ｃ＋＋", "C++程序设计", catalog.KindCourse},    // full-width
		{"c#", "C#与.NET开发", catalog.KindCourse},
		{"c", "C语言程序设计", catalog.KindCourse},
		{".net", "C#与.NET开发", catalog.KindCourse},
		{"net", "C#与.NET开发", catalog.KindCourse},
		{"asp.net", "ASP.NET Core实战", catalog.KindCourse},
		{"vue", "Vue3从入门到精通", catalog.KindCourse},
		{"Vue 3", "Vue3从入门到精通", catalog.KindCourse},
		{"node.js", "Node.js服务端开发", catalog.KindCourse},
		{"node", "Node.js服务端开发", catalog.KindCourse},
		{"5g", "5G移动通信", catalog.KindCourse},
		{"全栈", "Python全栈工程师", catalog.KindCourse},
		{"python3", "Python3 基础教程", catalog.KindCourse},
		{"java", "Java多线程编程", catalog.KindCourse},
		{"多线程Java", "Java多线程编程", catalog.KindCourse},
		{"chenkai168", "陈开 chenkai168", catalog.KindTeacher},
		{"168", "陈开 chenkai168", catalog.KindTeacher},
		{"外科学口腔", "口腔外科学", catalog.KindCourse},           // reordered
		{"语法英语", "英语语法", catalog.KindCourse},             // halves exchanged
		{"基础CAP", "计算机基础CAP", catalog.KindCourse},        // a phrase across two scripts
		{"codes", "Molecular Codes", catalog.KindCourse}, // as typed before other forms of the word
		{"曾祥民 音乐", "音乐欣赏", catalog.KindCourse},           // teacher and title
		{"音乐曾祥民", "音乐欣赏", catalog.KindCourse},            // the same in one run
		{"北京大学 数据", "数据结构", catalog.KindCourse},          // org and title
		{"shujujiegou", "数据结构", catalog.KindCourse},
		{"shu ju jie gou", "数据结构", catalog.KindCourse},
		{"sjjg", "数据结构", catalog.KindCourse},
		{"yinyuexinshang", "音乐欣赏", catalog.KindCourse}, // yin yue, not yin le
		{"chongqing", "重庆大学", catalog.KindOrg},
		{"zengxiangmin", "曾祥民", catalog.KindTeacher},
		{"cengxiangmin", "曾祥民", catalog.KindTeacher},
		{"python jichu", "Python3 基础教程", catalog.KindCourse},
		{"kyot", "Kyoto University", catalog.KindOrg},
		{"garcia", "García Márquez", catalog.KindTeacher},
		{"programacion", "Programación para todos", catalog.KindCourse},
		{"想学做网站应该看什么", "网站设计与开发", catalog.KindCourse},
		{"图论", "算法导论", catalog.KindCourse}, // description
		{"journajlism", "Introduction to Journalism", catalog.KindCourse},
		{"machien learning", "Machine Learning Basics", catalog.KindCourse},
		{"lader", "Leaders of Tomorrow", catalog.KindCourse}, // of two as near the one that more names have
		{"钢禽作品", "钢琴作品赏析", catalog.KindCourse},               // homophone
		{"数", "数据结构与算法", catalog.KindCourse},                 // one character; then learners decide
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			a := ask(t, searcher, tt.query)
			names := map[catalog.Kind][]string{
				catalog.KindCourse: courseNames(a), catalog.KindOrg: orgNames(a), catalog.KindTeacher: teacherNames(a),
			}[tt.kind]
			if len(names) == 0 || names[0] != tt.want {
				t.Errorf("got %q, want %q first", names, tt.want)
			}
		})
	}
}

func testLeavesOut(t *testing.T, s *shelf) {
	searcher := s.searcher()
	tests := []struct {
		name, query string
		not         string // must not be among the hits of any kind; "": nothing may be found
	}{
		{"homophones of a Hanzi word", "景点", "经典名著选读"},
		{"homophones of a teacher", "张小明", ""},
		{"C for C++", "C++", "C语言程序设计"},
		{"C++ for C#", "C#", "C++程序设计"},
		{"JavaScript for Java", "java", "JavaScript高级编程"},
		{"another org with the same end", "北京大学", "南京大学"},
		{"what was deleted", "数据结构", "已删除的数据结构"},
		{"letters without meaning", "qxzvwk", ""},
		{"Hanzi without meaning", "魑魅魍魉", ""},
		{"words that nothing has together", "量子烹饪", ""},
		{"signs", "?!…", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := ask(t, searcher, tt.query)
			names := slices.Concat(courseNames(a), orgNames(a), teacherNames(a))
			if slices.Contains(names, tt.not) || tt.not == "" && len(names) > 0 {
				t.Errorf("%q finds %q", tt.query, names)
			}
		})
	}
}

func testCorrections(t *testing.T, s *shelf) {
	searcher := s.searcher()
	tests := []struct {
		query, want string // "": no correction
		edits       []func(*catalog.Query)
	}{
		{query: "钢禽作品", want: "钢琴作品"},
		{query: "journajlism", want: "journalism"},
		{query: "machien learning", want: "machine learning"},
		{query: "数据结构"},
		{query: "钢禽作品", edits: []func(*catalog.Query){func(q *catalog.Query) { q.Exact = true }}},
		{query: "java", edits: []func(*catalog.Query){filter(catalog.FacetLanguage, "es")}}, // the filter leaves nothing, not the word
		{query: "qxzvwk"},
	}
	for _, tt := range tests {
		got := ""
		if c := ask(t, searcher, tt.query, tt.edits...).CorrectedQuery; c != nil {
			got = *c
		}
		if got != tt.want {
			t.Errorf("correction of %q is %q, want %q", tt.query, got, tt.want)
		}
	}
}

func testHighlights(t *testing.T, s *shelf) {
	searcher := s.searcher()
	tests := []struct{ query, name, field, want string }{
		{"數據", "数据结构", "name", "<em>数据</em>结构"},
		{"sjjg", "数据结构", "name", "<em>数据结构</em>"},
		{"shujujiegou", "数据结构与算法", "name", "<em>数据结构</em>与算法"},
		{"c++", "C++程序设计", "name", "<em>C++</em>程序设计"},
		{"programacion", "Programación para todos", "name", "<em>Programación</em> para todos"},
		{"图论", "算法导论", "description", "从数据结构讲起，&lt;b&gt;直到&lt;/b&gt;<em>图论</em>。"},
	}
	for _, tt := range tests {
		a := ask(t, searcher, tt.query)
		i := slices.Index(courseNames(a), tt.name)
		if i < 0 {
			t.Errorf("%q does not find %q", tt.query, tt.name)
			continue
		}
		if got := strings.Join(a.Courses.Hits[i].Highlight[tt.field], "|"); got != tt.want {
			t.Errorf("%s of %q marked for %q is %q, want %q", tt.field, tt.name, tt.query, got, tt.want)
		}
	}
}

func testLists(t *testing.T, s *shelf) {
	searcher := s.searcher()
	for _, blank := range []string{"", "   ", "\u3000"} {
		a := ask(t, searcher, blank)
		if a.Courses.Total != 33 || a.Orgs.Total != 5 || a.Teachers.Total != 4 {
			t.Errorf("everything is %d courses, %d orgs, %d teachers", a.Courses.Total, a.Orgs.Total, a.Teachers.Total)
		}
	}
	a := ask(t, searcher, "", only(catalog.KindCourse), func(q *catalog.Query) { q.Sort = catalog.SortStudents; q.PerPage = 3 })
	if want := []string{"数据结构与算法", "C语言程序设计", "C++程序设计"}; !slices.Equal(courseNames(a), want) {
		t.Errorf("courses by learners are %q, want %q", courseNames(a), want)
	}
	a = ask(t, searcher, "", only(catalog.KindCourse), func(q *catalog.Query) { q.Sort = catalog.SortNewest; q.PerPage = 1 })
	if want := []string{"Machine Learning Basics"}; !slices.Equal(courseNames(a), want) {
		t.Errorf("the newest course is %q, want %q", courseNames(a), want)
	}
}

func testFilters(t *testing.T, s *shelf) {
	searcher := s.searcher()
	a := ask(t, searcher, "", filter(catalog.FacetTag, "算法"))
	if a.Orgs != nil || a.Teachers != nil || a.Courses == nil || a.Courses.Total != 2 {
		t.Errorf("answer is %+v", a)
	}
	a = ask(t, searcher, "", filter(catalog.FacetCity, "北京", "南京"))
	if a.Orgs.Total != 2 {
		t.Errorf("orgs of two cities are %q", orgNames(a))
	}
}
