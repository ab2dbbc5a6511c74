package imports

import (
	"cmp"
	"context"
	"strconv"

	"github.com/xunke/xunke/intake"
)

// teacherRow is a row of teachers as an import sees it.
type teacherRow struct {
	org                     int64
	name, title, bio, image string
	created                 int64
	company, style          string
	years                   int64
	favorites               int64 // of a new row only
}

// teacherTable says how teachers are written, in the manner of orgTable.
func teacherTable(details bool) table[teacherRow] {
	t := table[teacherRow]{
		name:    "teachers",
		columns: []string{"org_id", "name", "title", "bio", "image", "created_at"},
		values: func(r *teacherRow) []any {
			return []any{orNull(r.org), r.name, r.title, r.bio, r.image, moment(r.created)}
		},
		targets: func(r *teacherRow) []any {
			return []any{orZero[int64]{&r.org}, &r.name, &r.title, &r.bio, &r.image, since{&r.created}}
		},
		keep: func(want *teacherRow, have teacherRow) {
			want.created = cmp.Or(want.created, have.created)
			want.favorites = 0
		},
	}
	if !details {
		return t
	}
	values, targets := t.values, t.targets
	t.columns = append(t.columns, "company", "style", "years_worked")
	t.start = []string{"favorites"}
	t.values = func(r *teacherRow) []any { return append(values(r), r.company, r.style, r.years, r.favorites) }
	t.targets = func(r *teacherRow) []any { return append(targets(r), &r.company, &r.style, &r.years) }
	return t
}

func (b *batch) teachers(ctx context.Context, teachers []*intake.Teacher) error {
	refs := make([]intake.Ref, len(teachers))
	for i, t := range teachers {
		refs[i] = t.Org
	}
	orgs, err := b.resolveOrgs(ctx, refs)
	if err != nil {
		return err
	}
	for i, t := range teachers {
		if t.Org.Text != "" && orgs[t.Org.Text] == 0 {
			b.tally.Dangling = append(b.tally.Dangling, intake.Dangling{Item: i, Field: "org", Key: t.Org.Text})
		}
	}
	adopted, err := b.adoptTeachers(ctx, teachers, orgs)
	if err != nil {
		return err
	}
	for _, details := range []bool{false, true} {
		group := filter(teachers, func(t *intake.Teacher) bool { return (t.Details != nil) == details })
		if err := b.teacherGroup(ctx, group, teacherTable(details), orgs, adopted); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) teacherGroup(ctx context.Context, teachers []*intake.Teacher, t table[teacherRow], orgs map[string]int64, adopted map[string]bool) error {
	keys, rows := make([]string, len(teachers)), make([]teacherRow, len(teachers))
	for i, t := range teachers {
		keys[i] = t.Key
		rows[i] = teacherRow{
			org: orgs[t.Org.Text], name: t.Name, title: t.Title, bio: t.Bio, image: t.Image, created: millis(t.CreatedAt),
		}
		if d := t.Details; d != nil {
			rows[i].company, rows[i].style = d.Company, d.Style
			rows[i].years, rows[i].favorites = d.YearsWorked, d.Favorites
		}
	}
	outcomes, err := upsert(ctx, b, t, keys, rows)
	if err != nil {
		return err
	}
	counts := b.history("teacher")
	for i, o := range outcomes {
		o.changed = o.changed || adopted[keys[i]]
		tell(&b.tally.Teachers, o)
		if err := counts.add(ctx, o, teachers[i].History); err != nil {
			return err
		}
	}
	return counts.flush(ctx)
}

// adoptTeachers takes over the rows that were made for the names of teachers without a
// row, if they belong to the same org: two people may have one name.
func (b *batch) adoptTeachers(ctx context.Context, teachers []*intake.Teacher, orgs map[string]int64) (map[string]bool, error) {
	keys := make([]string, len(teachers))
	for i, t := range teachers {
		keys[i] = t.Key
	}
	ids, err := b.idsByKey(ctx, "teachers", keys)
	if err != nil {
		return nil, err
	}
	var names []string
	want := map[string][]string{}
	for _, t := range teachers {
		if ids[t.Key] == 0 {
			identity := strconv.FormatInt(orgs[t.Org.Text], 10) + ":" + t.Name
			names = append(names, t.Name)
			want[identity] = append(want[identity], t.Key)
		}
	}
	return b.adopt(ctx, "teachers", "CONCAT(COALESCE(org_id, 0), ':', name)", names, want)
}
