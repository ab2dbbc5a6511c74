// Package mxonline carries the catalogue of a Django platform of the mxonline family
// over: a course site that was built many times from one model, so that tables and
// columns differ from one to the next. What is there is asked of information_schema.
package mxonline

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/xunke/xunke/catalog"
)

// querier is the part of a transaction that reads.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// role is what a table holds, whatever it is called.
type role string

const (
	cities    role = "cities"
	orgs      role = "orgs"
	teachers  role = "teachers"
	courses   role = "courses"
	tags      role = "course tags"
	lessons   role = "lessons"
	videos    role = "videos"
	resources role = "resources"
	enrolled  role = "enrolments"
)

// roles lists them in the order of the report.
var roles = []role{cities, orgs, teachers, courses, tags, lessons, videos, resources, enrolled}

// tableNames are the names that the tables have been seen under.
var tableNames = map[role][]string{
	cities:    {"organizations_city", "organizations_citydict", "organization_citydict", "organization_city", "city_dict", "city"},
	orgs:      {"organizations_courseorg", "organization_courseorg", "organizations_org", "course_org"},
	teachers:  {"organizations_teacher", "organization_teacher", "teacher"},
	courses:   {"courses_course", "course_course", "course"},
	tags:      {"courses_coursetag", "course_coursetag", "course_tag"},
	lessons:   {"courses_lesson", "course_lesson", "lesson"},
	videos:    {"courses_video", "course_video", "video"},
	resources: {"courses_courseresource", "course_courseresource", "course_resource"},
	enrolled:  {"operations_usercourse", "operation_usercourse", "users_usercourse", "user_usercourse", "user_course"},
}

// columnNames are the columns that are read, by the name that this package uses, with
// the names they have been seen under. What a table lacks reads as empty.
var columnNames = map[role]map[string][]string{
	cities: {"name": {"name"}},
	orgs: {
		"name": {"name"}, "desc": {"desc", "description", "detail"}, "category": {"category", "catgory", "ct"}, "slogan": {"tag"},
		"image": {"image", "cover", "thumb", "logo"}, "address": {"address"}, "city": {"city_id"}, "favorites": {"fav_nums", "fav_num"},
		"gold": {"is_gold"}, "certified": {"is_auth"}, "created": {"add_time", "create_time", "created_time"},
	},
	teachers: {
		"name": {"name"}, "org": {"org_id", "course_org_id", "organization_id"}, "years": {"work_years"}, "company": {"work_company"},
		"title": {"work_position"}, "style": {"points"}, "bio": {"desc", "description", "detail", "introduction"},
		"image": {"image", "cover", "thumb"}, "favorites": {"fav_nums", "fav_num"}, "created": {"add_time", "create_time", "created_time"},
	},
	courses: {
		"name": {"name"}, "org": {"course_org_id", "org_id", "organization_id"}, "teacher": {"teacher_id"},
		"desc": {"desc", "summary"}, "detail": {"detail", "details", "content"}, "degree": {"degree", "level"},
		"minutes": {"learn_times", "learn_time"}, "students": {"students", "student_nums"}, "favorites": {"fav_nums", "fav_num"},
		"category": {"category", "catgory", "ct"}, "tag": {"tag", "tags"}, "image": {"image", "cover", "thumb"},
		"notice": {"notice", "announcement"}, "prerequisites": {"youneed_know", "you_need_know", "need_know"},
		"outcomes": {"teacher_tell", "teacher_tells"}, "classic": {"is_classics", "is_classic"},
		"created": {"add_time", "create_time", "created_time"},
	},
	tags:      {"course": {"course_id"}, "tag": {"tag", "name"}},
	lessons:   {"course": {"course_id"}, "name": {"name"}},
	videos:    {"lesson": {"lesson_id"}, "name": {"name"}, "url": {"url"}, "minutes": {"learn_times", "learn_time"}},
	resources: {"course": {"course_id"}, "name": {"name"}, "url": {"download", "file", "url"}},
	enrolled:  {"course": {"course_id"}, "user": {"user_id"}, "created": {"add_time", "create_time", "created_time"}},
}

// needed are the columns without which a table cannot be read.
var needed = map[role][]string{
	cities: {"name"}, orgs: {"name"}, teachers: {"name"}, courses: {"name"}, tags: {"course", "tag"},
	lessons: {"course", "name"}, videos: {"lesson", "name"}, resources: {"course", "name"},
	enrolled: {"course", "user"},
}

// table is a table of the platform as it is.
type table struct {
	role    role
	name    string
	columns []string          // all that it has
	read    map[string]string // this package's name → its own
}

// schema is what the database has.
type schema struct {
	tables map[role]*table
	others []string // tables that play no role
}

// discover looks at the tables of the database. One without a course table is an error
// that says which names were looked for.
func discover(ctx context.Context, q querier) (*schema, error) {
	columns, err := readColumns(ctx, q)
	if err != nil {
		return nil, err
	}
	s := &schema{tables: map[role]*table{}}
	used := map[string]bool{}
	for _, r := range roles {
		for _, name := range tableNames[r] {
			if t := fit(r, name, columns[name]); t != nil {
				s.tables[r] = t
				used[name] = true
				break
			}
		}
	}
	for name := range columns {
		if !used[name] {
			s.others = append(s.others, name)
		}
	}
	slices.Sort(s.others)
	if s.tables[courses] == nil {
		return nil, &catalog.Error{
			Code:    catalog.CodeInvalid,
			Message: "the database has no course table: none of " + strings.Join(tableNames[courses], ", ") + " with an id and a name",
			Hint:    "name the platform's own database at the end of --dsn",
		}
	}
	return s, nil
}

// fit is the table in a role; nil if it does not have what is needed.
func fit(r role, name string, columns []string) *table {
	if !slices.Contains(columns, "id") {
		return nil
	}
	t := &table{role: r, name: name, columns: columns, read: map[string]string{}}
	for field, names := range columnNames[r] {
		for _, n := range names {
			if slices.Contains(columns, n) {
				t.read[field] = n
				break
			}
		}
	}
	for _, field := range needed[r] {
		if t.read[field] == "" {
			return nil
		}
	}
	return t
}

func readColumns(ctx context.Context, q querier) (map[string][]string, error) {
	rows, err := q.QueryContext(ctx, `SELECT t.table_name, c.column_name FROM information_schema.tables t
		JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
		WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' ORDER BY t.table_name, c.ordinal_position`)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	columns := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return nil, fmt.Errorf("list tables: %w", err)
		}
		columns[table] = append(columns[table], column)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	return columns, nil
}

// unreadColumns are the columns of a table that nothing here takes over, for the report.
func (t *table) unreadColumns() []string {
	known := []string{"id"}
	for _, name := range t.read {
		known = append(known, name)
	}
	var left []string
	for _, c := range t.columns {
		if !slices.Contains(known, c) {
			left = append(left, c)
		}
	}
	return left
}
