package lookup

import (
	"slices"
	"strconv"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
)

// source says how items of one kind are found. In its conditions i is the item, and o its
// org, NULL where that is hidden or there is none.
type source struct {
	table  string
	org    string // the join that makes o of i
	owners []owner
	lists  map[catalog.Facet]string // the items of some values of a filter by an index, newest first; %s: question marks
	narrow map[catalog.Facet]string // conditions on i and o; %s: question marks
	order  map[catalog.Sort]string
}

// owner is something with a name that leads to items.
type owner struct {
	table   string // whose names are looked at
	visible string // a condition on p, the owner; empty: each is
	join    string // from p to i
}

// students are a course's learners, as everything shows them.
const students = "(i.starting_students + i.enrolments)"

// orgJoin is the visible org of a course or a teacher.
const orgJoin = "LEFT JOIN orgs o ON o.id = i.org_id AND NOT o.hidden"

const (
	inCity = "o.city_id IN (SELECT id FROM cities WHERE name IN (%s))"
	ofOrg  = "o.id IN (%s)"
	ofSort = "o.category IN (%s)"
)

var courseSource = source{
	table: "courses", org: orgJoin,
	owners: []owner{
		{"orgs", "NOT p.hidden", "JOIN courses i ON i.org_id = p.id"},
		{"teachers", "NOT p.hidden", "JOIN course_teachers l ON l.teacher_id = p.id JOIN courses i ON i.id = l.course_id"},
		{"tags", "", "JOIN course_tags l ON l.tag_id = p.id JOIN courses i ON i.id = l.course_id"},
	},
	lists: map[catalog.Facet]string{
		catalog.FacetOrg:      "SELECT id FROM courses WHERE org_id IN (%s) ORDER BY id DESC",
		catalog.FacetTeacher:  "SELECT course_id AS id FROM course_teachers WHERE teacher_id IN (%s) ORDER BY course_id DESC",
		catalog.FacetTag:      "SELECT l.course_id AS id FROM tags g JOIN course_tags l ON l.tag_id = g.id WHERE g.name IN (%s) ORDER BY l.course_id DESC",
		catalog.FacetCategory: "SELECT c.id FROM categories g JOIN courses c ON c.category_id = g.id WHERE g.name IN (%s) ORDER BY c.id DESC",
	},
	narrow: map[catalog.Facet]string{
		catalog.FacetCategory:    "i.category_id IN (SELECT id FROM categories WHERE name IN (%s))",
		catalog.FacetLevel:       "i.level IN (%s)",
		catalog.FacetLanguage:    "i.language IN (%s)",
		catalog.FacetTag:         "EXISTS (SELECT 1 FROM course_tags l JOIN tags g ON g.id = l.tag_id WHERE l.course_id = i.id AND g.name IN (%s))",
		catalog.FacetTeacher:     "EXISTS (SELECT 1 FROM course_teachers l JOIN teachers p ON p.id = l.teacher_id AND NOT p.hidden WHERE l.course_id = i.id AND p.id IN (%s))",
		catalog.FacetOrg:         ofOrg,
		catalog.FacetCity:        inCity,
		catalog.FacetOrgCategory: ofSort,
	},
	order: map[catalog.Sort]string{
		catalog.SortHot:      students + " DESC, i.favorites DESC, i.id",
		catalog.SortStudents: students + " DESC, i.id",
		// As catalog.WeightedRating.
		catalog.SortRating: "IF(i.ratings = 0, 0, (i.rating_stars + 20) / (i.ratings + 5)) DESC, i.ratings DESC, i.id",
		catalog.SortNewest: "i.created_at DESC, i.id DESC",
	},
}

// coursesOfOrg and coursesOfTeacher are numbers that an index alone answers: the learners
// of all courses would have to be added up.
const (
	coursesOfOrg     = "(SELECT COUNT(*) FROM courses n WHERE n.org_id = i.id)"
	coursesOfTeacher = "(SELECT COUNT(*) FROM course_teachers n WHERE n.teacher_id = i.id)"
)

var orgSource = source{
	table: "orgs", org: "JOIN orgs o ON o.id = i.id",
	narrow: map[catalog.Facet]string{catalog.FacetCity: inCity, catalog.FacetOrgCategory: ofSort},
	order: map[catalog.Sort]string{
		catalog.SortHot:      coursesOfOrg + " DESC, i.id",
		catalog.SortStudents: coursesOfOrg + " DESC, i.id",
		catalog.SortCourses:  coursesOfOrg + " DESC, i.id",
	},
}

var teacherSource = source{
	table: "teachers", org: orgJoin,
	owners: []owner{{"orgs", "NOT p.hidden", "JOIN teachers i ON i.org_id = p.id"}},
	lists: map[catalog.Facet]string{
		catalog.FacetOrg: "SELECT id FROM teachers WHERE org_id IN (%s) ORDER BY id DESC",
	},
	narrow: map[catalog.Facet]string{catalog.FacetOrg: ofOrg, catalog.FacetCity: inCity, catalog.FacetOrgCategory: ofSort},
	order:  map[catalog.Sort]string{catalog.SortHot: coursesOfTeacher + " DESC, i.id"},
}

// statement finds the ids of what is asked for, each beside the number of all.
func (s source) statement(w words, q catalog.Query) fragment {
	out := sqlOf(limited + "i.id, COUNT(*) OVER () FROM (")
	if len(w.all) > 0 {
		out = out.append(s.matching(w))
	} else {
		out = out.append(s.listStatement(q.Filters))
	}
	out = out.and(") f JOIN " + s.table + " i ON i.id = f.id " + s.org + " WHERE NOT i.hidden")
	for _, f := range catalog.Facets(catalog.KindCourse) { // which has all there are, in a fixed order
		if values := q.Filters[f]; len(values) > 0 {
			out = out.and(" AND ").append(in(s.narrow[f], f, values))
		}
	}
	out = out.and(" ORDER BY ")
	order, ok := s.order[q.Sort]
	if !ok {
		order = s.order[catalog.SortHot]
	}
	if len(w.all) > 0 && !ok { // relevance
		out = out.and("i.name"+sameLetters+" = ? DESC, ", w.typed).append(w.begins("i.name")).and(" DESC, ").
			append(w.has("i.name", w.all)).and(" DESC, ")
	}
	return out.and(order)
}

// matching finds the items whose names have all words, and those whose names have all but
// one, or none, while an owner's name has those.
func (s source) matching(w words) fragment {
	ways := []fragment{
		sqlOf("(SELECT id FROM "+s.table+" WHERE ").append(w.begins("name")).and(" ORDER BY name LIMIT ?)", mostFound),
		sqlOf("(SELECT id FROM "+s.table+" WHERE ").append(w.has("name", w.all)).and(" LIMIT ?)", mostFound),
	}
	for _, o := range s.owners {
		ways = append(ways, o.matching(w, w.all, nil))
		for i := range w.all {
			if len(w.all) > 1 {
				ways = append(ways, o.matching(w, w.all[i:i+1], w.rest(i)))
			}
		}
	}
	return join(ways, " UNION ")
}

// matching finds the items of owners whose names have the one words while their own have
// the others. Names come out of the index on them first, and rows after that.
func (o owner) matching(w words, theirs, own []string) fragment {
	f := sqlOf("(SELECT i.id FROM (SELECT id FROM "+o.table+" WHERE ").append(w.has("name", theirs)).
		and(" LIMIT ?) m JOIN "+o.table+" p ON p.id = m.id ", mostOwners).and(o.join + " WHERE ")
	if o.visible != "" {
		f = f.and(o.visible + " AND ")
	}
	return f.append(w.has("i.name", own)).and(" LIMIT ?)", mostFound)
}

// listStatement are the newest items, of one filter's values where an index has them.
func (s source) listStatement(chosen map[catalog.Facet][]string) fragment {
	for _, f := range catalog.Facets(catalog.KindCourse) {
		if list, ok := s.lists[f]; ok && len(chosen[f]) > 0 {
			return sqlOf("SELECT DISTINCT id FROM (").append(in(list, f, chosen[f])).and(" LIMIT ?) n", mostListed)
		}
	}
	return sqlOf("SELECT id FROM "+s.table+" ORDER BY id DESC LIMIT ?", mostListed)
}

// in fills the list of a condition. An id that is no number is the id of nothing.
func in(condition string, f catalog.Facet, values []string) fragment {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
		if f == catalog.FacetOrg || f == catalog.FacetTeacher {
			id, err := strconv.ParseUint(v, 10, 63)
			if err != nil {
				id = 0
			}
			args[i] = id
		}
	}
	return fragment{replaceMarks(condition, mysql.Marks(len(values))), slices.Clone(args)}
}
