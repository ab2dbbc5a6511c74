package indexer_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/internal/testenv/pipeline"
)

func TestMain(m *testing.M) { pipeline.Main(m) }

// harness is an indexer on the real servers with what these tests ask of it.
type harness struct{ *pipeline.Pipeline }

func newHarness(t *testing.T) *harness {
	t.Helper()
	return &harness{pipeline.New(t)}
}

// document gets a document by its id in real time, nil when there is none.
func (h *harness) document(k catalog.Kind, id int64) map[string]any {
	h.T.Helper()
	var answer struct {
		Source map[string]any `json:"_source"`
	}
	err := h.Client.Do(h.T.Context(), "GET", fmt.Sprintf("/%s/_doc/%d", h.Client.Alias(k), id), nil, &answer)
	if elastic.IsStatus(err, 404) {
		return nil
	}
	if err != nil {
		h.T.Fatal(err)
	}
	return answer.Source
}

// eventually waits until a document's fields are as wanted.
func (h *harness) eventually(k catalog.Kind, id int64, want map[string]any) {
	h.T.Helper()
	testenv.Eventually(h.T, pipeline.Timeout, fmt.Sprintf("%s %d", k, id), func() (bool, string) {
		got := h.document(k, id)
		for field, value := range want {
			if !sameValue(got[field], value) {
				return false, fmt.Sprintf("%s is %v and should be %v", field, got[field], value)
			}
		}
		return got != nil, "there is no document"
	})
}

func sameValue(a, b any) bool {
	raw, err := json.Marshal(b)
	if err != nil {
		return false
	}
	var normal any
	return json.Unmarshal(raw, &normal) == nil && reflect.DeepEqual(a, normal)
}

func TestEveryKindOfChangeReachesTheIndex(t *testing.T) {
	h := newHarness(t)
	city := h.Exec(`INSERT INTO cities (name) VALUES ('杭州')`)
	org := h.Exec(`INSERT INTO orgs (name, category, city_id) VALUES ('湖畔学堂', 'training', ?)`, city)
	other := h.Exec(`INSERT INTO orgs (name, category) VALUES ('山前学院', 'university')`)
	teacher := h.Exec(`INSERT INTO teachers (name, org_id) VALUES ('曾小明', ?)`, org)
	tag := h.Exec(`INSERT INTO tags (name) VALUES ('算法')`)
	category := h.Exec(`INSERT INTO categories (name) VALUES ('计算机')`)
	course := h.Exec(`INSERT INTO courses (name, org_id, category_id, level, starting_students) VALUES ('数据结构', ?, ?, 'beginner', 10)`, org, category)
	h.Exec(`INSERT INTO course_teachers (course_id, teacher_id) VALUES (?, ?)`, course, teacher)
	h.Exec(`INSERT INTO course_tags (course_id, tag_id) VALUES (?, ?)`, course, tag)
	hidden := h.Exec(`INSERT INTO courses (name, org_id, hidden, starting_students) VALUES ('藏', ?, TRUE, 1000)`, org)
	h.Start()

	h.eventually(catalog.KindCourse, course, map[string]any{
		"name": "数据结构", "category": "计算机", "city": "杭州", "org_category": "training", "level": "beginner",
		"tags": []string{"算法"}, "students": 10, "hot": 0, "deleted": false,
	})
	h.eventually(catalog.KindOrg, org, map[string]any{"courses": 1, "students": 10})
	h.eventually(catalog.KindTeacher, teacher, map[string]any{"courses": 1, "students": 10, "city": "杭州"})
	h.eventually(catalog.KindCourse, hidden, map[string]any{"deleted": true})

	t.Run("a lesson", func(t *testing.T) {
		h.Exec(`INSERT INTO lessons (course_id, name) VALUES (?, '链表')`, course)
		h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"链表"}})
	})
	t.Run("a day's counts", func(t *testing.T) {
		h.Exec(`INSERT INTO course_daily_counts (course_id, day, views) VALUES (?, '2026-01-01', 7)`, course)
		hot := catalog.StandardScoring().Hot([]catalog.DailyCounts{{Day: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Views: 7}})
		h.eventually(catalog.KindCourse, course, map[string]any{"hot": hot})
		h.eventually(catalog.KindOrg, org, map[string]any{"hot": hot})
		h.eventually(catalog.KindTeacher, teacher, map[string]any{"hot": hot})
	})
	t.Run("names that documents embed", func(t *testing.T) {
		h.Exec(`UPDATE orgs SET name = '湖畔书院', updated_at = updated_at WHERE id = ?`, org)
		h.Exec(`UPDATE cities SET name = '苏州', updated_at = updated_at WHERE id = ?`, city)
		h.Exec(`UPDATE tags SET name = '算法导论', updated_at = updated_at WHERE id = ?`, tag)
		h.Exec(`UPDATE categories SET name = '计算机科学', updated_at = updated_at WHERE id = ?`, category)
		h.Exec(`UPDATE teachers SET name = '单小明', updated_at = updated_at WHERE id = ?`, teacher)
		h.eventually(catalog.KindCourse, course, map[string]any{
			"org":      map[string]any{"id": org, "name": "湖畔书院", "facet": fmt.Sprintf("%d 湖畔书院", org)},
			"teachers": []any{map[string]any{"id": teacher, "name": "单小明", "facet": fmt.Sprintf("%d 单小明", teacher)}},
			"city":     "苏州", "tags": []string{"算法导论"}, "category": "计算机科学",
		})
		h.eventually(catalog.KindTeacher, teacher, map[string]any{"city": "苏州", "name": "单小明"})
		h.eventually(catalog.KindOrg, org, map[string]any{"city": "苏州"})
	})
	t.Run("a course that moves", func(t *testing.T) {
		h.Exec(`UPDATE courses SET org_id = ?, updated_at = updated_at WHERE id = ?`, other, course)
		h.eventually(catalog.KindOrg, org, map[string]any{"courses": 0, "students": 0, "hot": 0})
		h.eventually(catalog.KindOrg, other, map[string]any{"courses": 1, "students": 10})
	})
	t.Run("hidden and shown", func(t *testing.T) {
		h.Exec(`UPDATE courses SET hidden = TRUE, updated_at = updated_at WHERE id = ?`, course)
		h.eventually(catalog.KindCourse, course, map[string]any{"deleted": true, "name": nil})
		h.eventually(catalog.KindOrg, other, map[string]any{"courses": 0})
		h.eventually(catalog.KindTeacher, teacher, map[string]any{"courses": 0})
		h.Exec(`UPDATE courses SET hidden = FALSE, updated_at = updated_at WHERE id = ?`, course)
		h.eventually(catalog.KindCourse, course, map[string]any{"deleted": false, "name": "数据结构"})
	})
	t.Run("a changed key", func(t *testing.T) {
		h.Exec(`UPDATE courses SET id = 70000 WHERE id = ?`, hidden)
		h.Exec(`UPDATE courses SET hidden = FALSE WHERE id = 70000`)
		h.eventually(catalog.KindCourse, 70000, map[string]any{"deleted": false, "name": "藏"})
		h.eventually(catalog.KindCourse, hidden, map[string]any{"deleted": true})
	})
	t.Run("a rollback leaves nothing", func(t *testing.T) {
		tx, err := h.DB.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(`UPDATE courses SET name = '没有' WHERE id = ?`, course); err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		h.Exec(`UPDATE courses SET minutes = 5 WHERE id = ?`, course)
		h.eventually(catalog.KindCourse, course, map[string]any{"minutes": 5, "name": "数据结构"})
	})
	t.Run("TRUNCATE has no row events", func(t *testing.T) {
		// Videos refer to lessons, so the keys are not checked, as an admin would do it.
		h.Session(t, `SET foreign_key_checks = 0`, `TRUNCATE lessons`)
		h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{}})
	})
	t.Run("a delete", func(t *testing.T) {
		h.Exec(`DELETE FROM course_teachers WHERE course_id = ?`, course)
		h.Exec(`DELETE FROM course_tags WHERE course_id = ?`, course)
		h.Exec(`DELETE FROM courses WHERE id = ?`, course)
		h.eventually(catalog.KindCourse, course, map[string]any{"deleted": true})
		h.eventually(catalog.KindTeacher, teacher, map[string]any{"courses": 0})
	})
	t.Run("changes while nobody runs", func(t *testing.T) {
		h.Stop()
		late := h.Exec(`INSERT INTO courses (name, org_id) VALUES ('夜里来的', ?)`, org)
		h.Start()
		h.eventually(catalog.KindCourse, late, map[string]any{"name": "夜里来的"})
		h.eventually(catalog.KindOrg, org, map[string]any{"courses": 2})
	})
}
