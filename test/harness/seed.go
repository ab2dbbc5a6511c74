package harness

import (
	"fmt"
	"strings"
)

// Sizes of the catalogue that Seed writes.
const (
	SeedCities     = 6
	SeedCategories = 5
	SeedTags       = 12
	SeedOrgs       = 12
	SeedTeachers   = 40
	SeedCourses    = 400
	// FixedCourses are never renamed, hidden or deleted, so that a search can expect them.
	FixedCourses = 60
)

// FixedName is the first word of the fixed courses' names, and of nothing else.
const FixedName = "长明灯"

// Seed writes a small catalogue by plain SQL. Its ids count from 1.
func (w *World) Seed() {
	w.T.Helper()
	w.Insert("cities (name)", SeedCities, func(i int) []any { return []any{fmt.Sprintf("城%d", i)} })
	w.Insert("categories (name)", SeedCategories, func(i int) []any { return []any{fmt.Sprintf("门类%d", i)} })
	w.Insert("tags (name)", SeedTags, func(i int) []any { return []any{fmt.Sprintf("标签%d", i)} })
	w.Insert("orgs (name, category, city_id)", SeedOrgs, func(i int) []any {
		return []any{fmt.Sprintf("学堂%d", i), []string{"training", "university", "individual"}[i%3], 1 + i%SeedCities}
	})
	w.Insert("teachers (name, org_id)", SeedTeachers, func(i int) []any { return []any{fmt.Sprintf("老师%d", i), 1 + i%SeedOrgs} })
	w.Insert("courses (name, org_id, category_id, minutes, starting_students)", SeedCourses, func(i int) []any {
		name := fmt.Sprintf("课程第%d讲", i)
		if i <= FixedCourses {
			name = fmt.Sprintf("%s第%d讲", FixedName, i)
		}
		return []any{name, 1 + i%SeedOrgs, 1 + i%SeedCategories, i % 90, i % 50}
	})
	w.Insert("course_teachers (course_id, teacher_id)", SeedCourses, func(i int) []any { return []any{i, 1 + i%SeedTeachers} })
	w.Insert("course_tags (course_id, tag_id)", SeedCourses, func(i int) []any { return []any{i, 1 + i%SeedTags} })
	w.Insert("lessons (course_id, name)", SeedCourses, func(i int) []any { return []any{i, fmt.Sprintf("开篇%d", i)} })
}

// Insert writes n rows, numbered from 1, in statements of up to a thousand.
func (w *World) Insert(into string, n int, row func(i int) []any) {
	w.T.Helper()
	for first := 1; first <= n; first += 1000 {
		var values []string
		var args []any
		for i := first; i < first+1000 && i <= n; i++ {
			r := row(i)
			values = append(values, "("+marks(len(r))+")")
			args = append(args, r...)
		}
		w.Exec("INSERT INTO "+into+" VALUES "+strings.Join(values, ", "), args...)
	}
}
