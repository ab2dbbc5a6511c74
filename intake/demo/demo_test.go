package demo

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/mysql/imports"
	"github.com/xunke/xunke/internal/testenv"
)

var today = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func generator(t testing.TB, courses int) *Generator {
	t.Helper()
	g, err := New(courses, DefaultSeed, today)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestSizes(t *testing.T) {
	for _, tc := range []struct{ courses, orgs, teachers int }{
		{1, 40, 200}, {3000, 40, 200}, {200_000, 2010, 10_050}, {1_000_000, 4972, 24_860},
	} {
		if orgs, teachers, courses := generator(t, tc.courses).Sizes(); orgs != tc.orgs || teachers != tc.teachers || courses != tc.courses {
			t.Errorf("%d courses: %d orgs, %d teachers", courses, orgs, teachers)
		}
	}
	for n := 1; n < 400_000; n++ {
		if orgsFor(n) > orgsFor(n+1) {
			t.Fatalf("fewer orgs for %d courses than for %d", n+1, n)
		}
	}
	for _, n := range []int{0, -1, MaxCourses + 1} {
		if _, err := New(n, 1, today); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%d courses: %v", n, err)
		}
	}
}

func TestTheSameSeedGivesTheSameCatalogue(t *testing.T) {
	small, same, large := generator(t, 3000), generator(t, 3000), generator(t, 20_000)
	other, err := New(3000, 2, today)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range []func(*Generator, int) intake.Item{(*Generator).orgItem, (*Generator).teacherItem, (*Generator).courseItem} {
		differ := 0
		for n := range 40 {
			want := item(small, n)
			if !reflect.DeepEqual(item(same, n), want) || !reflect.DeepEqual(item(large, n), want) {
				t.Fatalf("%s %d is not the same", want.Kind(), n)
			}
			if !reflect.DeepEqual(item(other, n), want) {
				differ++
			}
		}
		if differ < 20 {
			t.Errorf("another seed changes %d of 40 only", differ)
		}
	}
}

// Everything that is made passes the checks of an import, refers to what is there, and
// has no slot left in its sentences.
func TestItemsAreGood(t *testing.T) {
	g := generator(t, 1_000_000)
	orgs, teachers, courses := g.Sizes()
	ok := func(item intake.Item, texts ...string) {
		t.Helper()
		if problems := intake.Check(item); problems != nil {
			t.Fatalf("%s: %s", item.Key(), problems[0])
		}
		for _, text := range texts {
			if text == "" || strings.ContainsAny(text, "{}") {
				t.Fatalf("%s has the text %q", item.Key(), text)
			}
		}
	}
	names := map[string]bool{}
	for n := range orgs {
		item := g.orgItem(n)
		ok(item, item.Org.Name, item.Org.Description, item.Org.Details.Slogan)
		if names[item.Org.Name] {
			t.Errorf("two orgs are called %s", item.Org.Name)
		}
		names[item.Org.Name] = true
	}
	for n := 0; n < teachers; n += 7 {
		item := g.teacherItem(n)
		ok(item, item.Teacher.Name, item.Teacher.Title, item.Teacher.Bio)
		if o := g.org(g.orgOf(n)); n < o.first || n >= o.first+o.teachers {
			t.Fatalf("teacher %d is not among those of %s", n, o.name)
		}
	}
	for n := 0; n < courses; n += 1 + n/2000 {
		item := g.courseItem(n)
		c := item.Course
		ok(item, c.Name, c.Summary, c.Description, c.Category)
		b := g.brief(g.dice(saltCourse, n), n)
		if b.orgIndex >= orgsFor(n+1) || len(b.teachers) == 0 || slices.ContainsFunc(b.teachers, func(i int) bool { return g.orgOf(i) != b.orgIndex }) {
			t.Fatalf("course %d of org %d has the teachers %v", n, b.orgIndex, b.teachers)
		}
		if c.CreatedAt.After(epoch) || c.CreatedAt.Before(epoch.AddDate(-7, 0, 0)) {
			t.Fatalf("course %d began at %s", n, c.CreatedAt)
		}
	}
}

func TestTheCatalogueIsGoodMaterialForASearch(t *testing.T) {
	g := generator(t, DefaultCourses)
	titles, words, languages, categories := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	size, hidden := 0, 0
	for n := range DefaultCourses {
		c := g.courseItem(n).Course
		titles[c.Name]++
		languages[c.Language]++
		categories[c.Category]++
		size += len(c.Description) + len(c.Summary)
		if c.Hidden {
			hidden++
		}
		for _, word := range []string{
			"C++", "C#", ".NET", "Node.js", "F#", "5G", "Vue3", "Python3", "k8s", "Ｐｙｔｈｏｎ３", "機器學習", "重庆", "音乐", "银行", "长", "乐理", "会计", "机器学习", "Machine Learning",
		} {
			if strings.Contains(c.Name, word) {
				words[word]++
			}
		}
	}
	for word, least := range map[string]int{
		"C++": 8, "C#": 8, ".NET": 8, "Node.js": 5, "F#": 3, "5G": 8, "Vue3": 5, "Python3": 5, "k8s": 3, "Ｐｙｔｈｏｎ３": 1, "機器學習": 1,
		"重庆": 5, "音乐": 5, "银行": 5, "乐理": 3, "会计": 8, "机器学习": 8, "Machine Learning": 2,
	} {
		if words[word] < least {
			t.Errorf("%d titles have %s, want at least %d", words[word], word, least)
		}
	}
	if distinct := len(titles); distinct < DefaultCourses*4/5 || distinct == DefaultCourses {
		t.Errorf("%d of %d titles are distinct: some should repeat, as in life, and most should not", distinct, DefaultCourses)
	}
	if len(categories) != len(g.areas) || languages["en"] < 200 || languages["zh"] < 2000 || languages["zh-Hant"] < 5 {
		t.Errorf("categories %v, languages %v", categories, languages)
	}
	if mean := size / DefaultCourses; mean < 1700 || mean > 2600 {
		t.Errorf("texts have %d bytes on average", mean)
	}
	if hidden < 20 || hidden > 40 {
		t.Errorf("%d courses are hidden", hidden)
	}
	people := map[string]int{}
	for n := range baseTeachers {
		people[g.teacherName(n)]++
	}
	for name, want := range map[string]int{"李静怡": 2, "Sofía García": 1, "Sofia Garcia": 1, "曾雨桐": 1, "单立言": 1} {
		if people[name] != want {
			t.Errorf("%d teachers are called %s, want %d", people[name], name, want)
		}
	}
}

// The hottest of the day, of the week and of the month must not be the same courses.
func TestHistoriesMakeWindowsDiffer(t *testing.T) {
	g := generator(t, DefaultCourses)
	top := map[int][]int{}
	for _, days := range []int{1, 7, 30} {
		points := make([]float64, DefaultCourses)
		order := make([]int, DefaultCourses)
		for n := range DefaultCourses {
			order[n] = n
			for _, d := range g.courseItem(n).Course.History {
				if d.Day.After(g.today) || d.Day.Before(g.today.AddDate(0, 0, 1-historyDays)) || d.Day != catalog.Day(d.Day) {
					t.Fatalf("course %d has a count of %s", n, d.Day)
				}
				if d.Day.After(g.today.AddDate(0, 0, -days)) {
					points[n] += catalog.StandardScoring().Points(d)
				}
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return int(points[b] - points[a]) })
		top[days] = order[:10]
		if points[order[9]] <= points[order[999]] {
			t.Errorf("over %d days the tenth has %v points, the thousandth %v", days, points[order[9]], points[order[999]])
		}
	}
	for _, pair := range [][2]int{{1, 7}, {7, 30}, {1, 30}} {
		same := 0
		for _, n := range top[pair[0]] {
			if slices.Contains(top[pair[1]], n) {
				same++
			}
		}
		if same > 8 {
			t.Errorf("%d of the ten hottest are the same over %d and %d days", same, pair[0], pair[1])
		}
	}
}

func TestImportIntoMySQL(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	store := imports.NewStore(db)
	made := func(courses int, day time.Time) intake.Summary {
		t.Helper()
		g, err := New(courses, DefaultSeed, day)
		if err != nil {
			t.Fatal(err)
		}
		s, err := g.Import(t.Context(), store, intake.Options{})
		if err != nil || s.Warnings > 0 || s.Bad > 0 || s.OrgsMade+s.TeachersMade > 0 {
			t.Fatalf("%+v, %v", s, err)
		}
		return s
	}
	writes := func() (n int64) {
		t.Helper()
		err := db.QueryRow(`SELECT SUM(count_insert + count_update + count_delete)
			FROM performance_schema.table_io_waits_summary_by_table WHERE object_schema = DATABASE()`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if s := made(300, today); s.Orgs.Created != 40 || s.Teachers.Created != 200 || s.Courses.Created != 300 {
		t.Errorf("%+v", s)
	}
	before := writes()
	if s := made(300, today.AddDate(0, 0, 3)); s.Courses.Unchanged != 300 || writes() != before {
		t.Errorf("doing it again three days later wrote %d rows: %+v", writes()-before, s)
	}
	if s := made(400, today); s.Courses.Unchanged != 300 || s.Courses.Created != 100 {
		t.Errorf("a larger one: %+v", s)
	}
	var first, last string
	var n, empty int
	err := db.QueryRow("SELECT MIN(`key`), MAX(id), COUNT(*), (SELECT COUNT(*) FROM courses c WHERE NOT EXISTS (SELECT 1 FROM course_teachers x WHERE x.course_id = c.id)) FROM courses").Scan(&first, &last, &n, &empty)
	if err != nil || first != "demo:course:1" || n != 400 || empty != 0 {
		t.Errorf("first %s, last id %s, %d courses, %d without a teacher, %v", first, last, n, empty, err)
	}
}

func BenchmarkCourse(b *testing.B) {
	g := generator(b, 200_000)
	n := DefaultCourses
	for b.Loop() {
		if intake.Check(g.courseItem(n)) != nil {
			b.Fatal("a course that an import would refuse")
		}
		n++
	}
}
