// Package catalog is the domain of Xunke: courses, orgs and teachers, what a visitor
// may ask of them and what comes back. It knows no database, index or protocol and
// imports the standard library only.
package catalog

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kind says what an item is: a course, an org or a teacher.
type Kind string

// The three kinds, in the order in which pages and answers show them.
const (
	KindCourse  Kind = "course"
	KindOrg     Kind = "org"
	KindTeacher Kind = "teacher"
)

// Kinds returns every kind in display order.
func Kinds() []Kind { return []Kind{KindCourse, KindOrg, KindTeacher} }

// ParseKind turns "course", "org" or "teacher" (or their plurals) into a Kind.
// Anything else is an error of code Invalid for the field "kind".
func ParseKind(s string) (Kind, error) {
	for _, k := range Kinds() {
		if s == string(k) || s == k.Plural() {
			return k, nil
		}
	}
	return "", Invalidf("kind", "%q is not one of course, org, teacher", s)
}

// Plural is the kind's name in URLs, aliases and answers: "courses", "orgs", "teachers".
func (k Kind) Plural() string { return string(k) + "s" }

// ItemURL is the path of an item's page, such as /courses/42.
func ItemURL(k Kind, id int64) string {
	return "/" + k.Plural() + "/" + strconv.FormatInt(id, 10)
}

// OrgCategory says what an org is.
type OrgCategory string

// The org categories: 培训机构, 高校, 个人.
const (
	OrgTraining   OrgCategory = "training"
	OrgUniversity OrgCategory = "university"
	OrgIndividual OrgCategory = "individual"
)

// OrgCategories returns every org category in display order.
func OrgCategories() []OrgCategory {
	return []OrgCategory{OrgTraining, OrgUniversity, OrgIndividual}
}

// Level is how much a course expects of its learners. The empty Level means unknown.
type Level string

// The levels: 初级, 中级, 高级.
const (
	LevelBeginner     Level = "beginner"
	LevelIntermediate Level = "intermediate"
	LevelAdvanced     Level = "advanced"
)

// Levels returns every level in display order.
func Levels() []Level { return []Level{LevelBeginner, LevelIntermediate, LevelAdvanced} }

// Ref names another item: its id and its name.
type Ref struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Course is a whole course as its page shows it.
type Course struct {
	ID            int64      `json:"id"`
	Key           *string    `json:"key"`
	Name          string     `json:"name"`
	Summary       string     `json:"summary"`
	Description   string     `json:"description"`
	Notice        string     `json:"notice"`
	Prerequisites string     `json:"prerequisites"`
	Outcomes      string     `json:"outcomes"`
	URL           string     `json:"url"`
	Image         string     `json:"image"`
	Org           *Ref       `json:"org"`
	Teachers      []Ref      `json:"teachers"`
	Category      string     `json:"category"`
	Level         Level      `json:"level"`
	Tags          []string   `json:"tags"`
	Language      string     `json:"language"`
	Minutes       int        `json:"minutes"`
	Students      int        `json:"students"`
	Favorites     int        `json:"favorites"`
	Rating        *Rating    `json:"rating"`
	Ratings       int        `json:"ratings"`
	Lessons       []Lesson   `json:"lessons"`
	Resources     []Resource `json:"resources"`
	CreatedAt     time.Time  `json:"created_at"`
	UpdatedAt     time.Time  `json:"updated_at"`
	Degraded      bool       `json:"degraded,omitempty" about:"it comes from the search index, which lacks some of it, because MySQL does not answer"`
}

// Lesson is a chapter of a course with its videos in order.
type Lesson struct {
	ID     int64   `json:"id"`
	Name   string  `json:"name"`
	Videos []Video `json:"videos"`
}

// Video is one film of a lesson.
type Video struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	URL     string `json:"url"`
	Minutes int    `json:"minutes"`
}

// Resource is a file that comes with a course.
type Resource struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Org is a whole org as its page shows it. Students and Courses count what is visible.
type Org struct {
	ID          int64       `json:"id"`
	Key         *string     `json:"key"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	URL         string      `json:"url"`
	Image       string      `json:"image"`
	Category    OrgCategory `json:"category"`
	City        string      `json:"city"`
	Address     string      `json:"address"`
	Slogan      string      `json:"slogan"`
	Gold        bool        `json:"is_gold"`
	Certified   bool        `json:"is_certified"`
	Students    int         `json:"students"`
	Courses     int         `json:"courses"`
	Teachers    int         `json:"teachers"`
	Favorites   int         `json:"favorites"`
	CreatedAt   time.Time   `json:"created_at"`
	UpdatedAt   time.Time   `json:"updated_at"`
	Degraded    bool        `json:"degraded,omitempty" about:"it comes from the search index, which lacks some of it, because MySQL does not answer"`
}

// Teacher is a whole teacher as their page shows it. Students and Courses count what is visible.
type Teacher struct {
	ID          int64     `json:"id"`
	Key         *string   `json:"key"`
	Name        string    `json:"name"`
	Title       string    `json:"title"`
	Bio         string    `json:"bio"`
	Company     string    `json:"company"`
	Style       string    `json:"style"`
	YearsWorked int       `json:"years_worked"`
	URL         string    `json:"url"`
	Image       string    `json:"image"`
	Org         *Ref      `json:"org"`
	Students    int       `json:"students"`
	Courses     int       `json:"courses"`
	Favorites   int       `json:"favorites"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
	Degraded    bool      `json:"degraded,omitempty" about:"it comes from the search index, which lacks some of it, because MySQL does not answer"`
}

// Key identifies an item of the catalogue.
type Key struct {
	Kind Kind
	ID   int64
}

// String is the key as the command line writes it: "course:42".
func (k Key) String() string { return fmt.Sprintf("%s:%d", k.Kind, k.ID) }

// ParseKey reads what String writes; the kind may be a plural as well: "courses:42".
// Anything else is an error of code Invalid for the field "item".
func ParseKey(s string) (Key, error) {
	kind, number, _ := strings.Cut(s, ":")
	k, wrongKind := ParseKind(kind)
	id, wrongID := strconv.ParseUint(number, 10, 63)
	if wrongKind != nil || wrongID != nil || id == 0 {
		return Key{}, Invalidf("item", "%q is not KIND:ID with a KIND of course, org or teacher, such as course:42", s)
	}
	return Key{Kind: k, ID: int64(id)}, nil
}
