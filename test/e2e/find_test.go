package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// findEverything asks for what importLines has written.
func findEverything(t *testing.T, w *world, a *api) {
	t.Helper()
	findNames(t, a)
	for name, ask := range map[string]func(*testing.T, *world, *api){
		"a teacher's name finds their courses": findCoursesOfATeacher,
		"all three kinds at once":              findAllKinds,
		"hidden is nowhere":                    findNothingHidden,
		"filters agree with MySQL":             filterEverything,
		"suggestions":                          suggestNames,
		"every page of a cursor":               followCursor,
	} {
		t.Run(name, func(t *testing.T) { ask(t, w.on(t), a.on(t)) })
	}
}

// findNames asks for names as people type them.
func findNames(t *testing.T, a *api) {
	t.Helper()
	tests := []struct {
		query string
		kind  string
		first []string // one of them comes first
		total int64    // 0: at least one
	}{
		{"C++", "course", []string{"C++ 程序设计"}, 1},
		{"c++", "course", []string{"C++ 程序设计"}, 1},
		{"C#", "course", []string{"C# 从入门到精通"}, 1},
		{".net", "course", []string{".NET 实战"}, 1},
		{"Vue3", "course", []string{"Vue3 前端开发"}, 1},
		{"vue3前端", "course", []string{"Vue3 前端开发"}, 1},
		{"数据结构", "course", []string{"數據結構與算法"}, 0},
		{"數據結構", "course", []string{"數據結構與算法"}, 0},
		{"javascript", "course", []string{"ＪａｖａＳｃｒｉｐｔ 入门"}, 0},
		{"ＪＡＶＡＳＣＲＩＰＴ", "course", []string{"ＪａｖａＳｃｒｉｐｔ 入门"}, 0},
		{"microbiology", "course", []string{"Introduction to Microbiology"}, 1},
		{"微积分", "course", []string{"微积分"}, 1},
		{"鸢尾花", "course", []string{"名字里没有的词"}, 1},
		{"微", "course", []string{"微积分"}, 0},
		{"通识课第42讲", "course", []string{"通识课第42讲"}, 0},
		{"没人定义的机构", "course", []string{"名字里没有的词"}, 0},
		{"王小云", "teacher", []string{"王小云"}, 2},
		{"没人定义的教师", "teacher", []string{"没人定义的教师"}, 0},
		{"湖畔学堂", "org", []string{"湖畔学堂"}, 2},
		{"海边工作室", "org", []string{"海邊工作室"}, 0},
		{"lakeside", "org", []string{"Lakeside Academy"}, 1},
		{"没人定义的机构", "org", []string{"没人定义的机构"}, 0},
	}
	for _, test := range tests {
		t.Run(test.kind+" "+test.query, func(t *testing.T) {
			s := a.on(t).search("q", test.query, "type", test.kind).of(test.kind)
			if len(s.Hits) == 0 {
				t.Fatal("nothing was found")
			}
			if !slices.Contains(test.first, s.Hits[0].Name) {
				t.Errorf("%q comes first of %q, want one of %q", s.Hits[0].Name, s.names(), test.first)
			}
			if test.total != 0 && s.Total != test.total {
				t.Errorf("%d were found (%q), want %d", s.Total, s.names(), test.total)
			}
		})
	}
}

func findCoursesOfATeacher(t *testing.T, _ *world, a *api) {
	t.Helper()
	names := a.search("q", "王小云", "type", "course").Courses.names()
	slices.Sort(names)
	if want := []string{"C++ 程序设计", "微积分"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func findAllKinds(t *testing.T, _ *world, a *api) {
	t.Helper()
	found := a.search("q", "湖畔学堂")
	if found.Courses == nil || found.Orgs == nil || found.Teachers == nil || found.Orgs.Total != 2 || found.Courses.Total == 0 {
		t.Errorf("got %+v", found)
	}
}

func findNothingHidden(t *testing.T, w *world, a *api) {
	t.Helper()
	for _, word := range []string{"藏起来的课程", "藏起来"} {
		if found := a.search("q", word, "exact", "true"); found.Courses.Total != 0 {
			t.Errorf("%q finds %q", word, found.Courses.names())
		}
	}
	id := one[int64](w, `SELECT id FROM courses WHERE name = '藏起来的课程'`)
	if status, _ := a.get(fmt.Sprintf("/api/v1/courses/%d", id), nil, &struct{}{}); status != 404 {
		t.Errorf("its page answers %d", status)
	}
	hottest := a.list("courses", "sort", "students", "per_page", "1")
	if len(hottest.Hits) == 0 || hottest.Hits[0].Name != "微积分" {
		t.Errorf("the course with most learners is %q", hottest.names())
	}
}

func suggestNames(t *testing.T, _ *world, a *api) {
	t.Helper()
	var out struct{ Suggestions []struct{ Text string } }
	if _, err := a.get("/api/v1/suggest", query("q", "王小"), &out); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(out.Suggestions, func(s struct{ Text string }) bool { return s.Text == "王小云" }) {
		t.Errorf("王小 suggests %+v", out.Suggestions)
	}
}

func followCursor(t *testing.T, _ *world, a *api) {
	t.Helper()
	seen := map[int64]bool{}
	for pairs := []string{"q", "通识课", "type", "course", "per_page", "100"}; ; {
		s := a.search(pairs...).Courses
		for _, h := range s.Hits {
			if seen[h.ID] {
				t.Fatalf("course %d came twice", h.ID)
			}
			seen[h.ID] = true
		}
		if s.NextCursor == nil {
			break
		}
		pairs = append(pairs[:6:6], "cursor", *s.NextCursor)
	}
	if len(seen) != 289 {
		t.Errorf("%d courses came, want 289", len(seen))
	}
}

// filterEverything compares the totals of filtered lists with counts in MySQL.
func filterEverything(t *testing.T, w *world, a *api) {
	t.Helper()
	org := one[int64](w, "SELECT id FROM orgs WHERE `key` = 'org-1'")
	teacher := one[int64](w, "SELECT id FROM teachers WHERE `key` = 'wang-2'")
	const courses = `SELECT COUNT(DISTINCT c.id) FROM courses c LEFT JOIN orgs o ON o.id = c.org_id LEFT JOIN cities y ON y.id = o.city_id
		LEFT JOIN categories k ON k.id = c.category_id LEFT JOIN course_tags ct ON ct.course_id = c.id LEFT JOIN tags g ON g.id = ct.tag_id
		LEFT JOIN course_teachers cp ON cp.course_id = c.id WHERE NOT c.hidden AND `
	tests := []struct {
		plural string
		pairs  []string
		count  string
	}{
		{"courses", []string{"category", "计算机"}, courses + `k.name = '计算机'`},
		{"courses", []string{"level", "beginner"}, courses + `c.level = 'beginner'`},
		{"courses", []string{"level", "beginner", "level", "advanced"}, courses + `c.level IN ('beginner', 'advanced')`},
		{"courses", []string{"tag", "组1"}, courses + `g.name = '组1'`},
		{"courses", []string{"tag", "C++"}, courses + `g.name = 'C++'`},
		{"courses", []string{"city", "杭州"}, courses + `y.name = '杭州'`},
		{"courses", []string{"org_id", fmt.Sprint(org)}, courses + fmt.Sprintf(`o.id = %d`, org)},
		{"courses", []string{"teacher_id", fmt.Sprint(teacher)}, courses + fmt.Sprintf(`cp.teacher_id = %d`, teacher)},
		{"courses", []string{"org_category", "university"}, courses + `o.category = 'university'`},
		{"courses", []string{"language", "en"}, courses + `c.language = 'en'`},
		{"courses", []string{"city", "杭州", "level", "advanced"}, courses + `y.name = '杭州' AND c.level = 'advanced'`},
		{"orgs", []string{"city", "杭州"}, `SELECT COUNT(*) FROM orgs o JOIN cities y ON y.id = o.city_id WHERE y.name = '杭州'`},
		{"orgs", []string{"org_category", "training"}, `SELECT COUNT(*) FROM orgs WHERE category = 'training'`},
		{"teachers", []string{"org_id", fmt.Sprint(org)}, fmt.Sprintf(`SELECT COUNT(*) FROM teachers WHERE org_id = %d`, org)},
	}
	for _, test := range tests {
		t.Run(test.plural+" "+strings.Join(test.pairs, " "), func(t *testing.T) {
			want := one[int64](w.on(t), test.count)
			if got := a.on(t).list(test.plural, test.pairs...).Total; got != want || want == 0 {
				t.Errorf("the list has %d and MySQL %d", got, want)
			}
		})
	}
}
