package e2e

import (
	"fmt"
	"strings"
)

// Sizes of the catalogue that seed writes.
const (
	seedCities     = 6
	seedCategories = 5
	seedTags       = 12
	seedOrgs       = 12
	seedTeachers   = 40
	seedCourses    = 400
	// fixedCourses are never renamed, hidden or deleted, so that a search can expect them.
	fixedCourses = 60
)

// fixedName is the first word of the fixed courses' names, and of nothing else.
const fixedName = "长明灯"

// seed writes a small catalogue by plain SQL. Its ids count from 1.
func (w *world) seed() {
	w.t.Helper()
	w.insert("cities (name)", seedCities, func(i int) []any { return []any{fmt.Sprintf("城%d", i)} })
	w.insert("categories (name)", seedCategories, func(i int) []any { return []any{fmt.Sprintf("门类%d", i)} })
	w.insert("tags (name)", seedTags, func(i int) []any { return []any{fmt.Sprintf("标签%d", i)} })
	w.insert("orgs (name, category, city_id)", seedOrgs, func(i int) []any {
		return []any{fmt.Sprintf("学堂%d", i), []string{"training", "university", "individual"}[i%3], 1 + i%seedCities}
	})
	w.insert("teachers (name, org_id)", seedTeachers, func(i int) []any { return []any{fmt.Sprintf("老师%d", i), 1 + i%seedOrgs} })
	w.insert("courses (name, org_id, category_id, minutes, starting_students)", seedCourses, func(i int) []any {
		name := fmt.Sprintf("课程第%d讲", i)
		if i <= fixedCourses {
			name = fmt.Sprintf("%s第%d讲", fixedName, i)
		}
		return []any{name, 1 + i%seedOrgs, 1 + i%seedCategories, i % 90, i % 50}
	})
	w.insert("course_teachers (course_id, teacher_id)", seedCourses, func(i int) []any { return []any{i, 1 + i%seedTeachers} })
	w.insert("course_tags (course_id, tag_id)", seedCourses, func(i int) []any { return []any{i, 1 + i%seedTags} })
	w.insert("lessons (course_id, name)", seedCourses, func(i int) []any { return []any{i, fmt.Sprintf("开篇%d", i)} })
}

// insert writes n rows, numbered from 1, in statements of up to a thousand.
func (w *world) insert(into string, n int, row func(i int) []any) {
	w.t.Helper()
	for first := 1; first <= n; first += 1000 {
		var values []string
		var args []any
		for i := first; i < first+1000 && i <= n; i++ {
			r := row(i)
			values = append(values, "("+marks(len(r))+")")
			args = append(args, r...)
		}
		w.exec("INSERT INTO "+into+" VALUES "+strings.Join(values, ", "), args...)
	}
}
