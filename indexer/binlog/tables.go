package binlog

import (
	"maps"
	"slices"

	"github.com/xunke/xunke/catalog"
)

// A rowRule adds the keys that a changed row of a table makes dirty.
type rowRule func(keys Keys, c rowChange) error

// table is what the handler knows of a table.
type table struct {
	rows  rowRule
	kinds []catalog.Kind // whose documents use the table, for changes without row events, such as TRUNCATE
}

// tables lists every table whose rows appear in documents. The images before and after a
// change both count, so that a moved foreign key reaches both sides.
var tables = map[string]table{
	"courses":         {courseRule, catalog.Kinds()},
	"orgs":            {orgRule, catalog.Kinds()},
	"teachers":        {teacherRule, catalog.Kinds()},
	"course_teachers": {linkRule, catalog.Kinds()},
	"course_tags": {
		idColumns(map[string]catalog.Kind{"course_id": catalog.KindCourse}), []catalog.Kind{catalog.KindCourse},
	},
	"course_ratings": {
		idColumns(map[string]catalog.Kind{"course_id": catalog.KindCourse}), []catalog.Kind{catalog.KindCourse},
	},
	"course_vectors": {
		idColumns(map[string]catalog.Kind{"course_id": catalog.KindCourse}), []catalog.Kind{catalog.KindCourse},
	},
	"lessons":              {lessonRule, []catalog.Kind{catalog.KindCourse}},
	"tags":                 {fanOutName(CoursesOfTag), []catalog.Kind{catalog.KindCourse}},
	"categories":           {fanOutName(CoursesOfCategory), []catalog.Kind{catalog.KindCourse}},
	"cities":               {fanOutName(OrgsOfCity, TeachersOfCity, CoursesOfCity), catalog.Kinds()},
	"course_daily_counts":  {courseCountsRule, catalog.Kinds()}, // orgs and teachers add up those of their courses
	"org_daily_counts":     {sumRule("org_id", catalog.KindOrg), []catalog.Kind{catalog.KindOrg}},
	"teacher_daily_counts": {sumRule("teacher_id", catalog.KindTeacher), []catalog.Kind{catalog.KindTeacher}},
	// The rows that tell how fresh searches are; no kind's documents are made of them.
	"sync_sentinels": {sentinelRule, nil},
	// The rows by which it is seen that rows come over the stream at all.
	"sync_marks": {func(Keys, rowChange) error { return nil }, nil},
}

// KindsOf lists the kinds whose documents are made of a table.
func KindsOf(name string) []catalog.Kind { return tables[name].kinds }

// Tables lists the tables that have a rule, in alphabetical order.
func Tables() []string { return slices.Sorted(maps.Keys(tables)) }
