package imports

import (
	"cmp"
	"context"

	"github.com/xunke/xunke/intake"
)

// courseRow is a row of courses as an import sees it.
type courseRow struct {
	org, category                                      int64
	name, summary, description, level, language, image string
	minutes, students                                  int64
	hidden                                             bool
	created                                            int64
	notice, prerequisites, outcomes                    string
	classic                                            bool
	favorites, enrolments                              int64 // of a new row only
}

// courseTable says how courses are written, in the manner of orgTable.
func courseTable(details bool) table[courseRow] {
	t := table[courseRow]{
		name: "courses",
		columns: []string{
			"org_id", "category_id", "name", "summary", "description", "level", "language", "image",
			"minutes", "starting_students", "hidden", "created_at",
		},
		values: func(r *courseRow) []any {
			return []any{
				orNull(r.org), orNull(r.category), r.name, r.summary, r.description, orNull(r.level), r.language, r.image,
				r.minutes, r.students, r.hidden, moment(r.created),
			}
		},
		targets: func(r *courseRow) []any {
			return []any{
				orZero[int64]{&r.org}, orZero[int64]{&r.category}, &r.name, &r.summary, &r.description,
				orZero[string]{&r.level}, &r.language, &r.image, &r.minutes, &r.students, &r.hidden, since{&r.created},
			}
		},
		keep: func(want *courseRow, have courseRow) {
			want.created = cmp.Or(want.created, have.created)
			want.favorites, want.enrolments = 0, 0
		},
	}
	if !details {
		return t
	}
	values, targets := t.values, t.targets
	t.columns = append(t.columns, "notice", "prerequisites", "outcomes", "is_classic")
	t.start = []string{"favorites", "enrolments"}
	t.values = func(r *courseRow) []any {
		return append(values(r), r.notice, r.prerequisites, r.outcomes, r.classic, r.favorites, r.enrolments)
	}
	t.targets = func(r *courseRow) []any {
		return append(targets(r), &r.notice, &r.prerequisites, &r.outcomes, &r.classic)
	}
	return t
}

// courseIDs is what the references of a batch of courses mean.
type courseIDs struct {
	orgs, categories, tags map[string]int64
	teachers               map[*intake.Course][]int64
}

func (b *batch) courses(ctx context.Context, courses []*intake.Course) error {
	ids, err := b.resolveCourses(ctx, courses)
	if err != nil {
		return err
	}
	for _, details := range []bool{false, true} {
		group := filter(courses, func(c *intake.Course) bool { return (c.Details != nil) == details })
		if err := b.courseGroup(ctx, group, courseTable(details), ids); err != nil {
			return err
		}
	}
	return nil
}

// resolveCourses finds, or makes, everything that a batch of courses refers to.
func (b *batch) resolveCourses(ctx context.Context, courses []*intake.Course) (ids courseIDs, err error) {
	orgRefs := make([]intake.Ref, len(courses))
	categories, tags := map[string]bool{}, map[string]bool{}
	for i, c := range courses {
		orgRefs[i] = c.Org
		categories[c.Category] = true
		for _, t := range c.Tags {
			tags[t] = true
		}
	}
	if ids.categories, err = b.idsByName(ctx, "categories", categories); err != nil {
		return ids, err
	}
	if ids.tags, err = b.idsByName(ctx, "tags", tags); err != nil {
		return ids, err
	}
	if ids.orgs, err = b.resolveOrgs(ctx, orgRefs); err != nil {
		return ids, err
	}
	var refs []teacherRef
	for _, c := range courses {
		for _, t := range c.Teachers {
			refs = append(refs, teacherRef{Ref: t, org: ids.orgs[c.Org.Text]})
		}
	}
	found, err := b.resolveTeachers(ctx, refs)
	if err != nil {
		return ids, err
	}
	ids.teachers = make(map[*intake.Course][]int64, len(courses))
	for i, c := range courses {
		if c.Org.Text != "" && ids.orgs[c.Org.Text] == 0 {
			b.tally.Dangling = append(b.tally.Dangling, intake.Dangling{Item: i, Field: "org", Key: c.Org.Text})
		}
		for j, t := range c.Teachers {
			if found[j] == 0 {
				b.tally.Dangling = append(b.tally.Dangling, intake.Dangling{Item: i, Field: "teachers", Key: t.Text})
			}
		}
		ids.teachers[c] = filter(found[:len(c.Teachers)], func(id int64) bool { return id != 0 })
		found = found[len(c.Teachers):]
	}
	return ids, nil
}

func (b *batch) courseGroup(ctx context.Context, courses []*intake.Course, t table[courseRow], ids courseIDs) error {
	if len(courses) == 0 {
		return nil
	}
	keys, rows := make([]string, len(courses)), make([]courseRow, len(courses))
	for i, c := range courses {
		keys[i] = c.Key
		rows[i] = courseRow{
			org: ids.orgs[c.Org.Text], category: ids.categories[c.Category],
			name: c.Name, summary: c.Summary, description: c.Description, level: string(c.Level),
			language: c.Language, image: c.Image, minutes: c.Minutes, students: c.Students,
			hidden: c.Hidden, created: millis(c.CreatedAt),
		}
		if d := c.Details; d != nil {
			rows[i].notice, rows[i].prerequisites, rows[i].outcomes = d.Notice, d.Prerequisites, d.Outcomes
			rows[i].classic, rows[i].favorites = d.Classic, d.Favorites
			for _, day := range c.History {
				rows[i].enrolments += day.Enrolments
			}
		}
	}
	outcomes, err := upsert(ctx, b, t, keys, rows)
	if err != nil {
		return err
	}
	if err := b.links(ctx, courses, outcomes, ids); err != nil {
		return err
	}
	if courses[0].Details != nil {
		if err := b.contents(ctx, courses, outcomes); err != nil {
			return err
		}
	}
	counts := b.history("course")
	for i, o := range outcomes {
		tell(&b.tally.Courses, o)
		if err := counts.add(ctx, o, courses[i].History); err != nil {
			return err
		}
	}
	return counts.flush(ctx)
}
