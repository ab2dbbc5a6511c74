package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/test/harness"
)

// TestCatalogueIsImportedAndFound loads a file as users write them, finds what is in it in
// every way the API has, changes rows behind everybody's back, and finds that too.
func TestCatalogueIsImportedAndFound(t *testing.T) {
	w := newWorld(t)
	w.StartIndexer("the indexer", nil)
	a := w.startAPI()

	lines, bad := importLines()
	path := w.WriteLines("catalogue.jsonl", lines)
	first := w.Run("import", path)
	t.Run("bad lines are reported and the rest goes in", func(t *testing.T) {
		if first.Status != 1 {
			t.Errorf("the import of a file with bad lines ended with %s", first)
		}
		for line, reason := range bad {
			if want := fmt.Sprintf("%s:%d: ", filepath.Base(path), line); !says(first.Stderr+first.Stdout, want, reason) {
				t.Errorf("nothing says %s…%s: %s", want, reason, first)
			}
		}
		on := w.on(t)
		for table, want := range map[string]int{"orgs": 8, "teachers": 21, "courses": 300} {
			if got := one[int](on, "SELECT COUNT(*) FROM "+table); got != want {
				t.Errorf("%d %s went in, want %d", got, table, want)
			}
		}
	})
	w.Serving()
	w.Eventually("every visible course can be found", func() (bool, string) {
		return harness.Equals(a.list("courses", "per_page", "1").Total, int64(299))
	})
	a.ready(w)

	t.Run("a second import changes nothing", func(t *testing.T) {
		on := w.on(t)
		sums := on.checksums()
		again := on.Run("import", "--json", path)
		if again.Status != 1 { // the bad lines are still there
			t.Errorf("the second import ended with %s", again)
		}
		type count struct{ Created, Updated, Unchanged int }
		var summary struct{ Orgs, Teachers, Courses count }
		if err := json.Unmarshal([]byte(again.Stdout), &summary); err != nil {
			t.Fatalf("read summary: %v: %s", err, again)
		}
		if want := (count{Unchanged: 300}); summary.Courses != want {
			t.Errorf("courses: %+v, want %+v", summary.Courses, want)
		}
		for _, c := range []count{summary.Orgs, summary.Teachers, summary.Courses} {
			if c.Created+c.Updated > 0 || c.Unchanged == 0 {
				t.Errorf("the second import changed something: %+v", summary)
			}
		}
		if now := on.checksums(); !maps.Equal(sums, now) {
			t.Errorf("the tables were %v and are %v", sums, now)
		}
	})
	t.Run("found by each kind of query", func(t *testing.T) { findEverything(t, w.on(t), a.on(t)) })
	t.Run("rows changed in SQL", func(t *testing.T) { changeRows(t, w.on(t), a.on(t)) })
	t.Run("verify tells a difference and repairs it", func(t *testing.T) { breakAndRepair(t, w.on(t), a.on(t)) })
	w.MustBeEqual()
	w.Tidy()
}

// says reports whether one line of an output has all of the texts.
func says(output string, texts ...string) bool {
	return slices.ContainsFunc(strings.Split(output, "\n"), func(line string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) })
	})
}

// checksums are those of the tables that an import writes.
func (w *world) checksums() map[string]int64 {
	w.T.Helper()
	sums := map[string]int64{}
	for _, table := range []string{"orgs", "teachers", "courses", "course_teachers", "course_tags", "tags", "categories", "cities"} {
		var name string
		var sum int64
		if err := w.DB.QueryRowContext(w.T.Context(), "CHECKSUM TABLE "+table+" EXTENDED").Scan(&name, &sum); err != nil {
			w.T.Fatal(err)
		}
		sums[table] = sum
	}
	return sums
}

// importLines are the lines of a catalogue of 8 orgs, 21 teachers and 300 courses, one of
// them hidden, and what is wrong with the bad ones by line number.
func importLines() (lines []string, bad map[int]string) {
	bad = map[int]string{}
	add := func(line any) {
		raw, err := json.Marshal(line)
		if err != nil {
			panic(err) // only maps of texts and numbers are marshalled
		}
		lines = append(lines, string(raw))
	}
	wrong := func(line, reason string) {
		lines = append(lines, line)
		bad[len(lines)] = reason
	}
	type fields = map[string]any
	for i, city := range []string{"北京", "杭州", "上海", "臺北"} {
		add(fields{"type": "org", "key": fmt.Sprintf("org-%d", i), "name": []string{"湖畔学堂", "山前大学", "云上书院", "海邊工作室"}[i],
			"category": []string{"training", "university", "training", "individual"}[i], "city": city, "description": "认真教书的地方"})
	}
	add(fields{"type": "org", "key": "org-4", "name": "湖畔学堂", "category": "university", "city": "杭州"}) // a name twice
	add(fields{"type": "org", "key": "org-5", "name": "Lakeside Academy", "category": "training"})
	wrong(`{"type":"org","key":"org-x","name":"坏机构","category":"kindergarten"}`, "category")
	for i := range 16 {
		add(fields{"type": "teacher", "key": fmt.Sprintf("teacher-%d", i), "name": fmt.Sprintf("教师%d号", i), "org": fmt.Sprintf("org-%d", i%6), "title": "讲师"})
	}
	add(fields{"type": "teacher", "key": "wang-1", "name": "王小云", "org": "org-0"})
	add(fields{"type": "teacher", "key": "wang-2", "name": "王小云", "org": "org-1"})
	add(fields{"type": "teacher", "key": "garcia-1", "name": "García", "org": "org-5"})
	add(fields{"type": "teacher", "key": "garcia-2", "name": "Garcia", "org": "org-5"})
	wrong(`{"type":"teacher","key":"teacher-x"}`, "name")
	wrong(`{"type":"course","name":`, "JSON")
	wrong(`{"type":"course","key":"x","name":"坏课程","level":"expert"}`, "level")
	wrong(`{"type":"course","key":"y","name":"坏课程","speed":9}`, "speed")
	special := []fields{
		{"name": "C++ 程序设计", "teachers": []string{"wang-1"}, "tags": []string{"C++"}, "category": "计算机", "level": "beginner"},
		{"name": "C# 从入门到精通", "tags": []string{"C#"}, "category": "计算机", "level": "beginner"},
		{"name": ".NET 实战", "category": "计算机", "level": "advanced"},
		{"name": "Vue3 前端开发", "category": "计算机"},
		{"name": "數據結構與算法", "summary": "用繁體字寫的課", "category": "计算机", "level": "intermediate", "tags": []string{"算法"}},
		{"name": "ＪａｖａＳｃｒｉｐｔ 入门", "category": "计算机"},
		{"name": "Introduction to Microbiology", "language": "en", "category": "生物", "org": "org-5", "teachers": []string{"García", "Garcia"}},
		{"name": "微积分", "category": "数学", "org": "山前大学", "teachers": []string{"wang-2"}, "students": 9000},
		{"name": "藏起来的课程", "hidden": true, "org": "org-0", "students": 100_000},
		{"name": "名字里没有的词", "summary": "只有简介提到鸢尾花", "org": "没人定义的机构", "teachers": []string{"没人定义的教师"}},
		{"name": "另一门", "org": "也没人定义", "teachers": []string{"没人定义的教师"}, "created_at": "2020-01-31T00:00:00Z"},
	}
	for i := range 300 {
		course := fields{"type": "course", "key": fmt.Sprintf("course-%d", i), "org": fmt.Sprintf("org-%d", i%5), "language": "zh", "minutes": i, "students": i}
		if i < len(special) {
			maps.Copy(course, special[i])
		} else {
			course["name"] = fmt.Sprintf("通识课第%d讲", i)
			course["category"], course["level"] = "通识", string(catalog.Levels()[i%3])
			course["tags"] = []string{"通识", fmt.Sprintf("组%d", i%4)}
		}
		add(course)
	}
	return lines, bad
}
