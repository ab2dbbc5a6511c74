// Package binlog turns row events into the keys of documents that may have changed. It
// does no I/O and never looks at a value beyond asking whether it changed: what a
// document says is read from MySQL later.
package binlog

import (
	"maps"

	"github.com/xunke/xunke/catalog"
)

// Relation names a set of documents that embed something of a parent, or, for the Every
// relations, all documents of a kind.
type Relation string

// The relations that a change can fan out to.
const (
	CoursesOfOrg      Relation = "courses_of_org"
	TeachersOfOrg     Relation = "teachers_of_org"
	CoursesOfTeacher  Relation = "courses_of_teacher"
	CoursesOfTag      Relation = "courses_of_tag"
	CoursesOfCategory Relation = "courses_of_category"
	OrgsOfCity        Relation = "orgs_of_city"
	TeachersOfCity    Relation = "teachers_of_city"
	CoursesOfCity     Relation = "courses_of_city"
	EveryCourse       Relation = "every_course"
	EveryOrg          Relation = "every_org"
	EveryTeacher      Relation = "every_teacher"
)

// Every is the relation that holds all documents of a kind.
func Every(k catalog.Kind) Relation {
	return map[catalog.Kind]Relation{
		catalog.KindCourse: EveryCourse, catalog.KindOrg: EveryOrg, catalog.KindTeacher: EveryTeacher,
	}[k]
}

// Target is the kind of the documents that a relation holds.
func (r Relation) Target() catalog.Kind {
	switch r {
	case OrgsOfCity, EveryOrg:
		return catalog.KindOrg
	case TeachersOfOrg, TeachersOfCity, EveryTeacher:
		return catalog.KindTeacher
	default:
		return catalog.KindCourse
	}
}

// Parent is what the documents of a relation embed something of; "" for the Every relations.
func (r Relation) Parent() string {
	switch r {
	case CoursesOfOrg, TeachersOfOrg:
		return "org"
	case CoursesOfTeacher:
		return "teacher"
	case CoursesOfTag:
		return "tag"
	case CoursesOfCategory:
		return "category"
	case OrgsOfCity, TeachersOfCity, CoursesOfCity:
		return "city"
	default:
		return ""
	}
}

// FanOut asks for the documents of a relation to be read again. ID is the parent's; 0
// for the Every relations.
type FanOut struct {
	Relation Relation `json:"relation"`
	ID       int64    `json:"id,omitempty"`
}

// SentinelID is the id, under which no course can be, of the document of the row that tells
// how fresh searches are.
const SentinelID = -1

// Sentinel is the key of that document.
func Sentinel() catalog.Key { return catalog.Key{Kind: catalog.KindCourse, ID: SentinelID} }

// Keys is what one or more transactions made dirty.
type Keys struct {
	Direct  map[catalog.Key]struct{} // these documents
	Sums    map[catalog.Key]Days     // these orgs and teachers, for what they add up of their courses on these days
	Parents map[int64]Days           // the same of the org and the teachers of these courses, whose counts changed on these days
	FanOut  map[FanOut]struct{}      // these relations
}

// NewKeys returns an empty set of keys.
func NewKeys() Keys {
	return Keys{
		Direct: map[catalog.Key]struct{}{}, Sums: map[catalog.Key]Days{},
		Parents: map[int64]Days{}, FanOut: map[FanOut]struct{}{},
	}
}

// Len is the number of keys of all sorts. A course whose parents are dirty is dirty itself,
// nearly always, and counts once.
func (k Keys) Len() int {
	return len(k.Direct) + len(k.Sums) + len(k.FanOut) + max(0, len(k.Parents)-len(k.Direct))
}

// Merge adds all keys of another set.
func (k Keys) Merge(other Keys) {
	maps.Copy(k.Direct, other.Direct)
	for key, days := range other.Sums {
		k.Sums[key] = k.Sums[key].With(days)
	}
	for course, days := range other.Parents {
		k.Parents[course] = k.Parents[course].With(days)
	}
	maps.Copy(k.FanOut, other.FanOut)
}

func (k Keys) clone() Keys {
	return Keys{Direct: maps.Clone(k.Direct), Sums: maps.Clone(k.Sums), Parents: maps.Clone(k.Parents), FanOut: maps.Clone(k.FanOut)}
}

func (k Keys) direct(kind catalog.Kind, id int64) {
	if id != 0 {
		k.Direct[catalog.Key{Kind: kind, ID: id}] = struct{}{}
	}
}

// sum adds an org or a teacher whose sums may have changed, those by day on some days, and
// nothing else of it.
func (k Keys) sum(kind catalog.Kind, id int64, days Days) {
	if id != 0 {
		key := catalog.Key{Kind: kind, ID: id}
		k.Sums[key] = k.Sums[key].With(days)
	}
}

// parents adds what the org and the teachers of a course add up of it.
func (k Keys) parents(course int64, days Days) { k.Parents[course] = k.Parents[course].With(days) }

func (k Keys) fanOut(r Relation, id int64) { k.FanOut[FanOut{Relation: r, ID: id}] = struct{}{} }

// everything adds all documents of all kinds.
func (k Keys) everything() {
	for _, kind := range catalog.Kinds() {
		k.fanOut(Every(kind), 0)
	}
}
