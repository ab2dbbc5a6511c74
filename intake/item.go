// Package intake brings catalogues in: it reads lines of JSON, another platform's
// tables or a generator, checks every value and hands batches to a store. It knows no
// database; internal/mysql implements its Store.
package intake

import (
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
)

// Ref names an org or a teacher: by key where an item has that key, otherwise by exact
// name. What neither finds is made with Text as its name, unless KeyOnly says that Text
// is a key and nothing else.
type Ref struct {
	Text    string
	KeyOnly bool
}

// Position says where an item came from, for messages: a file and its line, or a
// table and the id of its row.
type Position struct {
	Source string
	Line   int64
}

// String is the position as compilers write it: "courses.jsonl:12".
func (p Position) String() string { return fmt.Sprintf("%s:%d", p.Source, p.Line) }

// Org is an org as its source describes it. It replaces what an earlier import with the
// same key said. Details nil: what they hold stays as it is.
type Org struct {
	Key         string
	Name        string
	Description string
	Category    catalog.OrgCategory // empty: training
	City        string
	Image       string
	CreatedAt   time.Time // zero: the time of the first import
	Details     *OrgDetails
	History     []catalog.DailyCounts // written once, when the org is new
}

// OrgDetails is what lines of JSON do not have. Favorites is a starting figure: it is
// written when the org is new and never again.
type OrgDetails struct {
	Address   string
	Slogan    string
	Gold      bool
	Certified bool
	Favorites int64
}

// Teacher is a teacher as their source describes them, in the manner of Org.
type Teacher struct {
	Key       string
	Name      string
	Org       Ref // zero: none
	Title     string
	Bio       string
	Image     string
	CreatedAt time.Time
	Details   *TeacherDetails
	History   []catalog.DailyCounts
}

// TeacherDetails is what lines of JSON do not have, in the manner of OrgDetails.
type TeacherDetails struct {
	Company     string
	YearsWorked int64
	Style       string
	Favorites   int64
}

// Course is a course as its source describes it, in the manner of Org.
type Course struct {
	Key         string
	Name        string
	Summary     string
	Description string
	Org         Ref // zero: none
	Teachers    []Ref
	Category    string
	Level       catalog.Level
	Tags        []string
	Language    string
	Minutes     int64
	Students    int64 // learners elsewhere; enrolments here are added to them
	Image       string
	Hidden      bool
	CreatedAt   time.Time
	Details     *CourseDetails
	History     []catalog.DailyCounts // its enrolments become those of the course
}

// CourseDetails is what lines of JSON do not have, in the manner of OrgDetails. Lessons
// and resources replace those that are there, in this order.
type CourseDetails struct {
	Notice        string
	Prerequisites string
	Outcomes      string
	Classic       bool
	Favorites     int64
	Lessons       []Lesson
	Resources     []Resource
}

// Lesson is a chapter of a course with its videos.
type Lesson struct {
	Name   string
	Videos []Video
}

// Video is one film of a lesson.
type Video struct {
	Name    string
	URL     string
	Minutes int64
}

// Resource is a file that comes with a course.
type Resource struct {
	Name string
	URL  string
}

// Item is exactly one of an org, a teacher and a course, and where it came from.
type Item struct {
	Position Position
	Org      *Org
	Teacher  *Teacher
	Course   *Course
}

// Kind says which of the three it is; empty when it is none.
func (i Item) Kind() catalog.Kind {
	switch {
	case i.Org != nil:
		return catalog.KindOrg
	case i.Teacher != nil:
		return catalog.KindTeacher
	case i.Course != nil:
		return catalog.KindCourse
	default:
		return ""
	}
}

// Key is the caller's own identifier of the item.
func (i Item) Key() string {
	switch {
	case i.Org != nil:
		return i.Org.Key
	case i.Teacher != nil:
		return i.Teacher.Key
	case i.Course != nil:
		return i.Course.Key
	default:
		return ""
	}
}

// size is about how many bytes of text an item has, for bounding batches.
func (i Item) size() int {
	switch {
	case i.Org != nil:
		return len(i.Org.Description) + 256
	case i.Teacher != nil:
		return len(i.Teacher.Bio) + 256
	case i.Course != nil:
		return len(i.Course.Description) + len(i.Course.Summary) + 512
	default:
		return 0
	}
}
