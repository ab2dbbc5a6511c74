package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/test/harness"
)

// changeRows changes rows by plain SQL, keeping updated_at as it is: the binlog tells,
// nothing polls.
func changeRows(t *testing.T, w *world, a *api) {
	t.Helper()
	org := one[int64](w, "SELECT id FROM orgs WHERE `key` = 'org-2'")
	other := one[int64](w, "SELECT id FROM orgs WHERE `key` = 'org-3'")
	course := one[int64](w, "SELECT id FROM courses WHERE `key` = 'course-42'")

	t.Run("a new name", func(t *testing.T) {
		w, a := w.on(t), a.on(t)
		before := one[string](w, `SELECT CAST(updated_at AS CHAR) FROM courses WHERE id = ?`, course)
		w.Exec(`UPDATE courses SET name = '量子鹦鹉学', updated_at = updated_at WHERE id = ?`, course)
		if now := one[string](w, `SELECT CAST(updated_at AS CHAR) FROM courses WHERE id = ?`, course); now != before {
			t.Fatalf("updated_at was %s and is %s", before, now)
		}
		w.Eventually("the new name is found", func() (bool, string) {
			s := a.search("q", "量子鹦鹉学", "type", "course").Courses
			return slices.Equal(s.ids(), []int64{course}), fmt.Sprint(s.names())
		})
		if s := a.search("q", "通识课第42讲", "exact", "true", "type", "course").Courses; slices.Contains(s.ids(), course) {
			t.Errorf("the old name still finds it: %q", s.names())
		}
	})
	t.Run("a course moves between orgs", func(t *testing.T) {
		w, a := w.on(t), a.on(t)
		w.Exec(`UPDATE courses SET org_id = ?, updated_at = updated_at WHERE id = ?`, org, course)
		w.courseCounts(a, org, other)
		w.Exec(`UPDATE courses SET org_id = ?, updated_at = updated_at WHERE id = ?`, other, course)
		w.courseCounts(a, org, other)
		w.Eventually("the course is in the other org's list", func() (bool, string) {
			s := a.search("q", "量子鹦鹉学", "type", "course", "org_id", fmt.Sprint(other)).Courses
			return harness.Equals(s.Total, 1)
		})
	})
	t.Run("an insert and a delete", func(t *testing.T) {
		w, a := w.on(t), a.on(t)
		id := w.Exec(`INSERT INTO courses (name, org_id) VALUES ('昙花课', ?)`, org)
		w.Eventually("the new course is found", func() (bool, string) {
			return harness.Equals(a.search("q", "昙花课", "type", "course", "exact", "true").Courses.Total, 1)
		})
		w.Exec(`DELETE FROM courses WHERE id = ?`, id)
		w.Eventually("the deleted course is gone", func() (bool, string) {
			return harness.Equals(a.search("q", "昙花课", "type", "course", "exact", "true").Courses.Total, 0)
		})
		w.courseCounts(a, org)
	})
	t.Run("an org with 5,000 courses is renamed", func(t *testing.T) { renameBigOrg(t, w.on(t), a.on(t)) })
}

// courseCounts waits until orgs show as many courses as MySQL has visible ones.
func (w *world) courseCounts(a *api, orgs ...int64) {
	w.T.Helper()
	for _, id := range orgs {
		name := one[string](w, `SELECT name FROM orgs WHERE id = ?`, id)
		want := one[int64](w, `SELECT COUNT(*) FROM courses WHERE org_id = ? AND NOT hidden`, id)
		w.Eventually(fmt.Sprintf("org %d has %d courses", id, want), func() (bool, string) {
			for _, h := range a.search("q", name, "type", "org").Orgs.Hits {
				if h.ID == id {
					return harness.Equals(h.Courses, want)
				}
			}
			return false, "the org is not found"
		})
	}
}

func renameBigOrg(t *testing.T, w *world, a *api) {
	t.Helper()
	const courses = 5000
	org := w.Exec(`INSERT INTO orgs (name) VALUES ('鲲鹏书院')`)
	w.Insert("courses (name, org_id)", courses, func(i int) []any { return []any{fmt.Sprintf("大课%d", i), org} })
	found := func(name string, want int64) {
		t.Helper()
		w.Eventually(fmt.Sprintf("%s finds %d courses", name, want), func() (bool, string) {
			return harness.Equals(a.search("q", name, "type", "course", "exact", "true").Courses.Total, want)
		})
	}
	found("鲲鹏书院", courses)
	w.Exec(`UPDATE orgs SET name = '玄鸟学宫', updated_at = updated_at WHERE id = ?`, org)
	found("玄鸟学宫", courses)
	found("鲲鹏书院", 0)
	w.courseCounts(a, org)

	// One statement with more rows than the indexer holds of an open transaction.
	w.Exec(`UPDATE courses SET starting_students = 7 WHERE org_id = ?`, org)
	w.Eventually("the org has the learners of all its courses", func() (bool, string) {
		for _, h := range a.search("q", "玄鸟学宫", "type", "org").Orgs.Hits {
			if h.ID == org {
				return harness.Equals(h.Students, 7*courses)
			}
		}
		return false, "the org is not found"
	})
}

// breakAndRepair spoils documents behind the indexer's back in the three ways there are,
// each of which `xunke verify` has to see and --fix has to mend.
func breakAndRepair(t *testing.T, w *world, a *api) {
	t.Helper()
	w.Must("verify")
	alias := w.Client.Alias(catalog.KindCourse)
	missing := one[int64](w, "SELECT id FROM courses WHERE `key` = 'course-7'")
	different := one[int64](w, "SELECT id FROM courses WHERE `key` = 'course-9'")
	const surplus = 987654321
	do := func(method, path string, body any) {
		t.Helper()
		err := w.Client.Do(t.Context(), method, "/"+alias+path, body, nil)
		if err != nil && !elastic.IsStatus(err, 404) {
			t.Fatal(err)
		}
	}
	do("DELETE", fmt.Sprintf("/_doc/%d", missing), nil)
	do("POST", "/_update_by_query?refresh=true", map[string]any{
		"query": map[string]any{"term": map[string]any{"id": different}}, "script": "ctx._source.minutes = 123456",
	})
	do("PUT", fmt.Sprintf("/_doc/%d?refresh=true", surplus), map[string]any{"deleted": false, "id": surplus, "name": "没有行的文档"})

	r := w.Run("verify")
	if r.Status != 1 {
		t.Errorf("verify of a spoiled index: %s", r)
	}
	for _, id := range []int64{missing, different, surplus} {
		if !strings.Contains(r.Stdout, fmt.Sprint(id)) {
			t.Errorf("verify does not name course %d: %s", id, r)
		}
	}
	if r := w.Run("verify", "--fix"); r.Status != 0 {
		t.Errorf("verify --fix: %s", r)
	}
	w.Eventually("what was repaired can be searched", func() (bool, string) {
		ids := a.search("q", "微积分", "type", "course").Courses.ids()
		return slices.Equal(ids, []int64{missing}), fmt.Sprint(ids)
	})
	w.Must("verify")
}
