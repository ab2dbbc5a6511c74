package imports

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xunke/xunke/intake"
)

// Rows of lessons, videos and course_resources as an import sees them. They have no
// key: the n-th of the source is the n-th of the table.
type (
	lessonRow struct {
		name     string
		position int64
	}
	videoRow struct {
		name, url         string
		minutes, position int64
	}
	resourceRow struct{ name, url string }
)

// children says how the rows of such a table are read and written.
type children[R comparable] struct {
	table   string
	parent  string // the column that says whose they are
	columns []string
	order   string
	values  func(*R) []any
	targets func(*R) []any
}

var (
	lessonChildren = children[lessonRow]{
		table: "lessons", parent: "course_id", columns: []string{"name", "position"}, order: "position, id",
		values:  func(r *lessonRow) []any { return []any{r.name, r.position} },
		targets: func(r *lessonRow) []any { return []any{&r.name, &r.position} },
	}
	videoChildren = children[videoRow]{
		table: "videos", parent: "lesson_id", columns: []string{"name", "url", "minutes", "position"}, order: "position, id",
		values:  func(r *videoRow) []any { return []any{r.name, r.url, r.minutes, r.position} },
		targets: func(r *videoRow) []any { return []any{&r.name, &r.url, &r.minutes, &r.position} },
	}
	resourceChildren = children[resourceRow]{
		table: "course_resources", parent: "course_id", columns: []string{"name", "url"}, order: "id",
		values:  func(r *resourceRow) []any { return []any{r.name, r.url} },
		targets: func(r *resourceRow) []any { return []any{&r.name, &r.url} },
	}
)

// family is what the children of one parent should be, and after sync what they are.
type family[R comparable] struct {
	parent  int64
	fresh   bool // the parent is new and has none yet
	want    []R
	changed bool
}

// contents brings lessons, videos and resources of courses to what they should be and
// marks the courses of which something changed.
func (b *batch) contents(ctx context.Context, courses []*intake.Course, outcomes []outcome) error {
	lessons := make([]*family[lessonRow], len(courses))
	resources := make([]*family[resourceRow], len(courses))
	for i, c := range courses {
		lessons[i] = &family[lessonRow]{parent: outcomes[i].id, fresh: outcomes[i].created}
		for n, l := range c.Details.Lessons {
			lessons[i].want = append(lessons[i].want, lessonRow{l.Name, int64(n)})
		}
		resources[i] = &family[resourceRow]{parent: outcomes[i].id, fresh: outcomes[i].created}
		for _, r := range c.Details.Resources {
			resources[i].want = append(resources[i].want, resourceRow{r.Name, r.URL})
		}
	}
	if err := lessonChildren.sync(ctx, b, lessons, b.deleteVideos); err != nil {
		return err
	}
	if err := resourceChildren.sync(ctx, b, resources, nil); err != nil {
		return err
	}
	// Lessons of a new course that has no videos need not be read back.
	filmed := func(i int) bool { return !outcomes[i].created || hasVideos(courses[i]) }
	var watched []*family[lessonRow]
	for i := range courses {
		if filmed(i) {
			watched = append(watched, lessons[i])
		}
	}
	ids, err := lessonChildren.identify(ctx, b, watched)
	if err != nil {
		return err
	}
	var videos []*family[videoRow]
	var owner []int
	for i, c := range courses {
		if !filmed(i) {
			continue
		}
		for n, l := range c.Details.Lessons {
			f := &family[videoRow]{parent: ids[outcomes[i].id][n], fresh: outcomes[i].created}
			for at, v := range l.Videos {
				f.want = append(f.want, videoRow{v.Name, v.URL, v.Minutes, int64(at)})
			}
			videos, owner = append(videos, f), append(owner, i)
		}
	}
	if err := videoChildren.sync(ctx, b, videos, nil); err != nil {
		return err
	}
	for i := range courses {
		outcomes[i].changed = outcomes[i].changed || lessons[i].changed || resources[i].changed
	}
	for n, f := range videos {
		outcomes[owner[n]].changed = outcomes[owner[n]].changed || f.changed
	}
	return nil
}

func hasVideos(c *intake.Course) bool {
	return slices.ContainsFunc(c.Details.Lessons, func(l intake.Lesson) bool { return len(l.Videos) > 0 })
}

func (b *batch) deleteVideos(ctx context.Context, lessons []int64) error {
	for _, id := range lessons {
		if err := b.exec(ctx, "DELETE FROM videos WHERE lesson_id = ?", id); err != nil {
			return fmt.Errorf("delete videos of lesson %d: %w", id, err)
		}
	}
	return nil
}

// sync writes what differs: a row in another place or of another text is updated, one
// that is missing inserted, one too many deleted (after beforeDelete has had its ids).
func (t children[R]) sync(ctx context.Context, b *batch, families []*family[R], beforeDelete func(context.Context, []int64) error) error {
	rows := b.insert(t.table, append([]string{t.parent}, t.columns...), "")
	have, err := t.read(ctx, b, families)
	if err != nil {
		return err
	}
	for _, f := range families {
		old := have[f.parent]
		for i := range f.want {
			switch {
			case i >= len(old.rows):
				err = rows.add(ctx, append([]any{f.parent}, t.values(&f.want[i])...)...)
			case old.rows[i] != f.want[i]:
				err = t.update(ctx, b, old.ids[i], &f.want[i])
			default:
				continue
			}
			if err != nil {
				return err
			}
			f.changed = true
		}
		if len(old.ids) > len(f.want) {
			f.changed = true
			if err := t.remove(ctx, b, old.ids[len(f.want):], beforeDelete); err != nil {
				return err
			}
		}
	}
	return rows.flush(ctx)
}

// siblings are the rows of one parent in their order.
type siblings[R comparable] struct {
	ids  []int64
	rows []R
}

// read returns the children of the parents that may have some.
func (t children[R]) read(ctx context.Context, b *batch, families []*family[R]) (map[int64]*siblings[R], error) {
	have := make(map[int64]*siblings[R], len(families))
	var parents []int64
	for _, f := range families {
		have[f.parent] = &siblings[R]{}
		if !f.fresh {
			parents = append(parents, f.parent)
		}
	}
	query := "SELECT " + t.parent + ", id, " + strings.Join(t.columns, ", ") + " FROM " + t.table +
		" WHERE " + t.parent + " IN (%s) ORDER BY " + t.parent + ", " + t.order
	err := lookup(ctx, b, query, parents, func(r scanner) error {
		var parent, id int64
		var row R
		err := r.Scan(append([]any{&parent, &id}, t.targets(&row)...)...)
		s := have[parent]
		s.ids, s.rows = append(s.ids, id), append(s.rows, row)
		return err
	})
	return have, err
}

// identify returns the ids of all children after sync, in their order, by parent.
func (t children[R]) identify(ctx context.Context, b *batch, families []*family[R]) (map[int64][]int64, error) {
	ids := make(map[int64][]int64, len(families))
	parents := make([]int64, len(families))
	for i, f := range families {
		parents[i] = f.parent
	}
	query := "SELECT " + t.parent + ", id FROM " + t.table + " WHERE " + t.parent + " IN (%s) ORDER BY " + t.parent + ", " + t.order
	err := lookup(ctx, b, query, parents, func(r scanner) error {
		var parent, id int64
		err := r.Scan(&parent, &id)
		ids[parent] = append(ids[parent], id)
		return err
	})
	for _, f := range families {
		if err == nil && len(ids[f.parent]) != len(f.want) {
			err = fmt.Errorf("%s %d has %d %s instead of %d: somebody else writes them", t.parent, f.parent, len(ids[f.parent]), t.table, len(f.want))
		}
	}
	return ids, err
}

func (t children[R]) update(ctx context.Context, b *batch, id int64, row *R) error {
	set := strings.Join(t.columns, " = ?, ") + " = ?"
	if err := b.exec(ctx, "UPDATE "+t.table+" SET "+set+" WHERE id = ?", append(t.values(row), id)...); err != nil {
		return fmt.Errorf("update %s %d: %w", t.table, id, err)
	}
	return nil
}

func (t children[R]) remove(ctx context.Context, b *batch, ids []int64, before func(context.Context, []int64) error) error {
	if before != nil {
		if err := before(ctx, ids); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if err := b.exec(ctx, "DELETE FROM "+t.table+" WHERE id = ?", id); err != nil {
			return fmt.Errorf("delete %s %d: %w", t.table, id, err)
		}
	}
	return nil
}
