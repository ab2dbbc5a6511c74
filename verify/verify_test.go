package verify_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/testenv/pipeline"
	"github.com/xunke/xunke/verify"
)

// seed is a small catalogue with everything in it that could be read wrongly: what is
// hidden at every place, absent relations, equal positions, tags whose order depends on
// the collation, characters that JSON escapes, histories from long ago to far ahead.
var seed = []string{
	`INSERT INTO cities (id, name) VALUES (1, '北京'), (2, '杭州')`,
	`INSERT INTO categories (id, name) VALUES (1, '编程'), (2, '<b>&"''')`,
	`INSERT INTO tags (id, name) VALUES (1, 'go'), (2, 'Go'), (3, '数据结构'), (4, 'C++')`,
	`INSERT INTO orgs (id, name, category, city_id, hidden, description, ` + "`key`" + `, created_at) VALUES
		(1, '清华大学', 'university', 1, 0, '', 'thu', '2020-01-31 00:00:00.000'), (2, '某培训机构', 'training', NULL, 0, '描述 <p>', NULL, '2020-02-29 23:59:59.999'),
		(3, '藏起来的机构', 'individual', 2, 1, '', NULL, '2021-05-05 05:05:05.050'), (4, '空机构', 'training', 2, 0, '', NULL, '2021-05-05 05:05:05.100')`,
	`INSERT INTO teachers (id, name, org_id, hidden, title, bio, favorites) VALUES
		(1, '曾祥民', 1, 0, '教授', '教数据结构', 3), (2, 'García', 2, 0, '', '', 0), (3, '隐身', 1, 1, '', '', 0),
		(4, '单雄信', 3, 0, '', '', 0), (5, 'Garcia', NULL, 0, '', '', 0)`,
	`INSERT INTO courses (id, name, org_id, category_id, hidden, level, language, minutes, starting_students, enrolments, favorites, summary, description) VALUES
		(1, '数据结构与 C++', 1, 1, 0, 'beginner', 'zh', 90, 100, 7, 2, '摘要', REPEAT('很长的描述😀', 2000)),
		(2, 'Go 语言', 1, 2, 0, NULL, 'zh-CN', 0, 4000000000, 4000000000, 0, '', ''),
		(3, '隐藏课', 1, 1, 1, 'advanced', '', 0, 50, 50, 0, '', ''),
		(4, 'Orphan  course', NULL, NULL, 0, NULL, '', 0, 0, 0, 0, '', CONCAT('a', CHAR(0x08), 'b', CHAR(0xE280A8 USING utf8mb4))),
		(5, '藏机构的课', 3, 1, 0, 'intermediate', '', 0, 1, 0, 0, '', ''),
		(7, '', 2, NULL, 0, NULL, '', 0, 0, 0, 0, '', ''),
		(20, '数据库', 2, 1, 0, NULL, '', 0, 5, 0, 0, '', ''), (21, '操作系统', 2, 1, 0, NULL, '', 0, 6, 0, 0, '', '')`,
	`INSERT INTO course_teachers (course_id, teacher_id, position) VALUES
		(1, 1, 1), (1, 2, 0), (1, 3, 0), (2, 1, 0), (3, 1, 0), (2, 5, 0), (2, 4, 0), (5, 4, 0)`,
	`INSERT INTO course_tags (course_id, tag_id) VALUES (1, 1), (1, 2), (1, 3), (1, 4), (2, 2), (3, 1)`,
	`INSERT INTO lessons (id, course_id, name, position) VALUES (3, 1, '第三', 2), (1, 1, '第一', 2), (2, 1, '第二', 1), (4, 3, '藏', 0)`,
	`INSERT INTO course_daily_counts (course_id, day, views, favorites, enrolments) VALUES
		(1, '2026-11-22', 10, 1, 0), (1, '2026-11-21', 5, 0, 2), (1, '2019-12-31', 1, 0, 0), (2, '1999-01-01', 1, 0, 0), (2, '2026-01-01', 0, 0, 0),
		(3, '2026-11-22', 1000, 0, 0), (4, '2199-12-31', 1, 1, 1), (5, '2026-11-20', 4000000000, 4000000000, 4000000000)`,
	`INSERT INTO org_daily_counts (org_id, day, views, favorites) VALUES (1, '2026-11-22', 7, 2), (1, '2026-11-01', 1, 0), (3, '2026-11-01', 1, 0)`,
	`INSERT INTO teacher_daily_counts (teacher_id, day, views) VALUES (2, '2026-11-21', 4), (1, '2026-11-21', 4)`,
}

func TestEqual(t *testing.T) {
	h := newHarness(t)
	h.index()
	report := h.equal()
	want := map[catalog.Kind]int64{catalog.KindCourse: 7, catalog.KindOrg: 3, catalog.KindTeacher: 4}
	for _, k := range report.Kinds {
		if k.Rows != want[k.Kind] || k.Documents != want[k.Kind] {
			t.Errorf("%s: %d rows and %d documents, want %d of both", k.Kind, k.Rows, k.Documents, want[k.Kind])
		}
	}
	if len(report.Notes) > 0 {
		t.Errorf("notes of an equal index: %v", report.Notes)
	}
}

// summary is a difference in a line that tests compare.
func summary(r verify.Report) []string {
	var lines []string
	for _, d := range r.Differences {
		line := fmt.Sprintf("%s %d%s %s", d.Kind, d.ID, d.Document, d.Problem)
		for _, f := range d.Fields {
			line += fmt.Sprintf(" %s: %s → %s", f.Name, f.Expected, f.Found)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestEveryTamperedDocumentIsReportedAndRepaired(t *testing.T) {
	h := newHarness(t)
	h.index()
	h.equal()
	courses, orgs, teachers := h.Client.Alias(catalog.KindCourse), h.Client.Alias(catalog.KindOrg), h.Client.Alias(catalog.KindTeacher)
	h.tamper("POST", "/"+courses+"/_update/1", map[string]any{"doc": map[string]any{"students": 106, "tags": []string{"go"}}})
	h.tamper("DELETE", "/"+courses+"/_doc/4", nil)
	h.tamper("PUT", "/"+courses+"/_doc/7", map[string]any{"deleted": true, "id": 7})                    // a visible row
	h.tamper("PUT", "/"+courses+"/_doc/3", map[string]any{"deleted": false, "id": 3, "name": "复活"})     // a hidden one
	h.tamper("PUT", "/"+courses+"/_doc/900", map[string]any{"deleted": false, "id": 900, "name": "多余"}) // none
	h.tamper("PUT", "/"+courses+"/_doc/901", map[string]any{"deleted": true, "id": 901})                // not wrong
	h.tamper("PUT", "/"+courses+"/_doc/902", map[string]any{"id": 20})                                  // under another's id, without the mark
	h.tamper("POST", "/"+orgs+"/_update/1", map[string]any{"doc": map[string]any{"courses": 3}})
	h.tamper("POST", "/"+teachers+"/_update/5", map[string]any{"doc": map[string]any{"city": "北京"}})
	h.changeSilently(`UPDATE teachers SET title = '副教授' WHERE id = 1`)
	h.changeSilently(`DELETE FROM orgs WHERE id = 4`)
	h.changeSilently(`INSERT INTO orgs (id, name, category) VALUES (9, '没人听见的机构', 'training')`)

	want := []string{
		`course 1 different students: 107 → 106 tags: ["C++","Go","go","数据结构"] → ["go"]`,
		`course 3 surplus`,
		`course 4 missing`,
		`course 7 missing`,
		`course 900 surplus`,
		`course 902 surplus`,
		`org 1 different courses: 2 → 3`,
		`org 4 surplus`,
		`org 9 missing`,
		`teacher 1 different title: "副教授" → "教授"`,
		`teacher 5 different city:  → "北京"`,
	}
	report := h.verify()
	if got := summary(report); report.Equal || !reflect.DeepEqual(got, want) {
		t.Errorf("reported:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if c := report.Kinds[0]; c.Missing != 2 || c.Surplus != 3 || c.Different != 1 || c.UnrepairedCount() != 6 {
		t.Errorf("totals of courses: %+v", c)
	}
	if only := h.verify(catalog.KindTeacher); len(only.Kinds) != 1 || len(only.Differences) != 2 {
		t.Errorf("of teachers alone: %+v", only)
	}

	h.repairs()
	report = h.verify()
	if !report.Equal || len(report.Differences) != len(want) {
		t.Errorf("after the repair: %+v", report)
	}
	for _, d := range report.Differences {
		if !d.Repaired {
			t.Errorf("not repaired: %s", d)
		}
	}
	h.v.Repairer = nil
	h.equal()
}

func TestForeignDocumentsAreReportedAndLeftAlone(t *testing.T) {
	h := newHarness(t)
	h.index()
	h.tamper("PUT", "/"+h.Client.Alias(catalog.KindOrg)+"/_doc/guest", map[string]any{"deleted": false, "id": 1})
	h.tamper("PUT", "/"+h.Client.Alias(catalog.KindOrg)+"/_doc/007", map[string]any{"deleted": false})
	h.repairs()
	report := h.verify(catalog.KindOrg)
	want := []string{`org 0guest surplus`, `org 0007 surplus`}
	if got := summary(report); report.Equal || !reflect.DeepEqual(got, want) {
		t.Errorf("reported %v, want %v", got, want)
	}
	if report.Kinds[0].UnrepairedCount() != 2 || len(report.Notes) == 0 {
		t.Errorf("report: %+v", report)
	}
}

func TestWritesInFlightAreNotReported(t *testing.T) {
	h := newHarness(t)
	h.index()
	stop := h.write(
		`UPDATE courses SET enrolments = %[1]d, name = '第 %[1]d 版' WHERE id = 1`,
		`UPDATE courses SET hidden = NOT hidden WHERE id = 20`,
		`UPDATE orgs SET name = '机构 %[1]d' WHERE id = 2`,
		`INSERT INTO courses (id, name, org_id) VALUES (1000 + %[1]d, '新课', 2)`,
		`DELETE FROM courses WHERE id = 1000 + %[1]d - 3`,
	)
	defer stop()
	for range 3 {
		h.equal()
	}
}

func TestADifferenceIsFoundWhileItsDocumentMoves(t *testing.T) {
	h := newHarness(t)
	h.index()
	// What makes the field wrong is lost for good; every later write of the document reads
	// the row anew, so only a builder that is wrong leaves it like that.
	h.v.Index = lying{Index: h.v.Index, id: 1}
	stop := h.write(`UPDATE courses SET enrolments = %d WHERE id = 1`)
	defer stop()
	report := h.verify(catalog.KindCourse)
	if len(report.Differences) != 1 || report.Differences[0].ID != 1 || report.Differences[0].Fields[0].Name != "city" {
		t.Errorf("reported %v, want the city of course 1", summary(report))
	}
}

// lying is an index in which the city of one document is another.
type lying struct {
	verify.Index
	id int64
}

func (l lying) Sample(ctx context.Context, index string, ids []int64) (map[int64]indexer.Stored, error) {
	found, err := l.Index.Sample(ctx, index, ids)
	if d, ok := found[l.id]; ok {
		d.Source = []byte(strings.Replace(string(d.Source), `"city":"北京"`, `"city":"南京"`, 1))
		found[l.id] = d
	}
	return found, err
}

func (l lying) Scan(ctx context.Context, index string, size int, each func([]verify.Hit) error) error {
	return l.Index.Scan(ctx, index, size, func(hits []verify.Hit) error {
		for i := range hits {
			if hits[i].ID == l.id {
				hits[i].Source = []byte(`{}`)
			}
		}
		return each(hits)
	})
}

// corrupt is a reader with a mistake in it.
type corrupt struct{ indexer.Reader }

func (c corrupt) Read(ctx context.Context, wait string, keys []catalog.Key, days map[catalog.Key][]int64) (indexer.Snapshot, error) {
	s, err := c.Reader.Read(ctx, wait, keys, days)
	if o, ok := s.Orgs[1]; ok {
		o.Students++
		s.Orgs[1] = o
	}
	if course, ok := s.Courses[1]; ok {
		course.Lessons = []string{"第三", "第一", "第二"}
		s.Courses[1] = course
	}
	delete(s.Histories, catalog.Key{Kind: catalog.KindTeacher, ID: 2})
	return s, err
}

func TestAMistakeInTheIndexerIsCaught(t *testing.T) {
	h := newHarness(t)
	h.Deps.Reader = corrupt{h.Deps.Reader}
	h.index()
	h.repairs()
	report := h.verify()
	var got []string
	for _, d := range report.Differences {
		if d.Repaired {
			t.Errorf("repaired by the same mistake: %s", d)
		}
		for _, f := range d.Fields {
			got = append(got, fmt.Sprintf("%s %d %s", d.Kind, d.ID, f.Name))
		}
	}
	want := []string{"course 1 lessons", "org 1 students", "teacher 2 hot", "teacher 2 recent"}
	if report.Equal || !reflect.DeepEqual(got, want) {
		t.Errorf("reported %v, want %v", got, want)
	}
}

func TestWithoutAnIndexerWhatIsNotIndexedIsReported(t *testing.T) {
	h := newHarness(t)
	h.index()
	h.equal()
	h.Stop()
	h.v.Options.StallTimeout = 1 // a nanosecond: nobody will come
	h.Exec(`UPDATE courses SET minutes = 91 WHERE id = 1`)
	report := h.verify(catalog.KindCourse)
	want := []string{"course 1 different minutes: 91 → 90"}
	if got := summary(report); report.Equal || !reflect.DeepEqual(got, want) {
		t.Errorf("reported %v, want %v", got, want)
	}
	if len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "no indexer runs") {
		t.Errorf("notes: %v", report.Notes)
	}
	h.index()
	h.v.Options.StallTimeout = pipeline.Timeout
	h.equal()
}

func TestManyDifferencesAreCountedBeyondTheBound(t *testing.T) {
	h := newHarness(t)
	h.index()
	h.equal()
	h.tamper("POST", "/"+h.Client.Alias(catalog.KindCourse)+"/_delete_by_query?refresh=true", map[string]any{"query": map[string]any{"match_all": map[string]any{}}})
	h.v.Options.Candidates, h.v.Options.Details = 4, 2
	report := h.verify(catalog.KindCourse)
	c := report.Kinds[0]
	if report.Equal || c.Missing != 4 || c.Unconfirmed != 3 || len(report.Differences) != 2 || len(report.Notes) == 0 {
		t.Errorf("report: %+v", report)
	}
}
