package binlog

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/xunke/xunke/catalog"
)

// image is one row as the binlog has it: before or after a change.
type image struct {
	columns map[string]int
	values  []any
}

// id is the value of a key column, 0 for NULL and for an id that no document can have: the
// columns hold twice as many as Elasticsearch's and Go's integers.
func (i image) id(column string) (int64, error) {
	at, ok := i.columns[column]
	if !ok || at >= len(i.values) {
		return 0, fmt.Errorf("read key column %s: the row has no such column", column)
	}
	switch v := i.values[at].(type) {
	case nil:
		return 0, nil
	case uint64:
		if v > math.MaxInt64 {
			return 0, nil
		}
		return int64(v), nil
	case int64:
		return v, nil
	case uint32:
		return int64(v), nil
	case int32:
		return int64(v), nil
	default:
		return 0, fmt.Errorf("read key column %s: a %T is no id", column, v)
	}
}

// rowChange is one row's change; before is nil for an insert, after for a delete.
type rowChange struct{ before, after *image }

func (c rowChange) images() []*image {
	return slices.DeleteFunc([]*image{c.before, c.after}, func(i *image) bool { return i == nil })
}

// partial says whether a session with another binlog_row_image than FULL wrote the row: a
// column that is never NULL is not there. Its keys may be missing then as well.
func (c rowChange) partial() bool {
	for _, i := range c.images() {
		if at, ok := i.columns["created_at"]; ok && i.values[at] == nil {
			return true
		}
	}
	return false
}

// hasChanged says whether an update changed one of the columns. Inserts and deletes change all.
func (c rowChange) hasChanged(columns ...string) bool {
	if c.before == nil || c.after == nil {
		return true
	}
	for _, column := range columns {
		at, ok := c.before.columns[column]
		if !ok || !equal(c.before.values[at], c.after.values[at]) {
			return true
		}
	}
	return false
}

func equal(a, b any) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	}
	return reflect.DeepEqual(a, b)
}

func courseRule(keys Keys, c rowChange) error {
	aggregates := c.hasChanged("org_id", "starting_students", "enrolments", "hidden")
	// A course brings the counts that it has. One that goes, moves or is hidden takes them
	// along, and what they were may not be there any more.
	var days Days
	switch {
	case c.before == nil:
		days = CountedDays()
	case c.hasChanged("id", "org_id", "hidden"):
		days = EveryDay()
	}
	for _, i := range c.images() {
		id, err := i.id("id")
		if err != nil {
			return err
		}
		keys.direct(catalog.KindCourse, id)
		if !aggregates {
			continue
		}
		org, err := i.id("org_id")
		if err != nil {
			return err
		}
		keys.sum(catalog.KindOrg, org, days)
		keys.parents(id, days)
	}
	return nil
}

func orgRule(keys Keys, c rowChange) error {
	for _, i := range c.images() {
		id, err := i.id("id")
		if err != nil {
			return err
		}
		keys.direct(catalog.KindOrg, id)
		// A new org has no children yet, and each child that comes has its own event.
		if c.before != nil && c.hasChanged("id", "name", "category", "city_id", "hidden") {
			keys.fanOut(CoursesOfOrg, id)
			keys.fanOut(TeachersOfOrg, id)
		}
	}
	return nil
}

func teacherRule(keys Keys, c rowChange) error {
	for _, i := range c.images() {
		id, err := i.id("id")
		if err != nil {
			return err
		}
		keys.direct(catalog.KindTeacher, id)
		if c.before != nil && c.hasChanged("id", "name", "hidden") {
			keys.fanOut(CoursesOfTeacher, id)
		}
	}
	return nil
}

// fanOutName is the rule of a table of which only the name appears in documents.
func fanOutName(relations ...Relation) rowRule {
	return func(keys Keys, c rowChange) error {
		if c.before == nil || !c.hasChanged("id", "name") {
			return nil
		}
		for _, i := range c.images() {
			id, err := i.id("id")
			if err != nil {
				return err
			}
			for _, r := range relations {
				keys.fanOut(r, id)
			}
		}
		return nil
	}
}

// idColumns is the rule of a table whose rows make the documents with the ids in some
// columns dirty.
func idColumns(columns map[string]catalog.Kind) rowRule {
	return func(keys Keys, c rowChange) error {
		for _, i := range c.images() {
			for column, kind := range columns {
				id, err := i.id(column)
				if err != nil {
					return err
				}
				keys.direct(kind, id)
			}
		}
		return nil
	}
}

// linkRule is the rule of which teachers a course has.
func linkRule(keys Keys, c rowChange) error {
	for _, i := range c.images() {
		course, err := i.id("course_id")
		if err != nil {
			return err
		}
		teacher, err := i.id("teacher_id")
		if err != nil {
			return err
		}
		keys.direct(catalog.KindCourse, course)
		if c.before == nil {
			keys.sum(catalog.KindTeacher, teacher, Days{})
			keys.parents(course, CountedDays())
			continue
		}
		keys.sum(catalog.KindTeacher, teacher, EveryDay())
	}
	return nil
}

func lessonRule(keys Keys, c rowChange) error {
	if !c.hasChanged("course_id", "name", "position") {
		return nil
	}
	return idColumns(map[string]catalog.Kind{"course_id": catalog.KindCourse})(keys, c)
}

func courseCountsRule(keys Keys, c rowChange) error {
	for _, i := range c.images() {
		id, err := i.id("course_id")
		if err != nil {
			return err
		}
		keys.direct(catalog.KindCourse, id)
		keys.parents(id, i.day())
	}
	return nil
}

// sumRule is the rule of the counts of orgs or teachers, which are added to those of their courses.
func sumRule(column string, kind catalog.Kind) rowRule {
	return func(keys Keys, c rowChange) error {
		for _, i := range c.images() {
			id, err := i.id(column)
			if err != nil {
				return err
			}
			keys.sum(kind, id, i.day())
		}
		return nil
	}
}

func sentinelRule(keys Keys, _ rowChange) error {
	keys.Direct[Sentinel()] = struct{}{}
	return nil
}
