package imports

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// link is a row of course_teachers or course_tags. Tags have no position.
type link struct{ course, other int64 }

// links brings the teachers and tags of courses to what they should be and marks the
// courses of which one changed. Rows that are right are not written.
func (b *batch) links(ctx context.Context, courses []*intake.Course, outcomes []outcome, ids courseIDs) error {
	teachers, tags := map[link]int{}, map[link]int{}
	for i, c := range courses {
		for position, id := range ids.teachers[c] {
			l := link{outcomes[i].id, id}
			if _, ok := teachers[l]; !ok { // a key and a name may mean the same teacher
				teachers[l] = position
			}
		}
		for _, tag := range c.Tags {
			tags[link{outcomes[i].id, ids.tags[tag]}] = 0
		}
	}
	if err := b.linkTable(ctx, "course_teachers", "teacher_id", "position", teachers, outcomes); err != nil {
		return err
	}
	return b.linkTable(ctx, "course_tags", "tag_id", "0", tags, outcomes)
}

// linkTable writes one table of links. position is a column, or "0" where there is none.
func (b *batch) linkTable(ctx context.Context, table, column, position string, want map[link]int, outcomes []outcome) error {
	have := map[link]int{}
	byID := make(map[int64]*outcome, len(outcomes))
	var old []int64
	for i := range outcomes {
		byID[outcomes[i].id] = &outcomes[i]
		if !outcomes[i].created {
			old = append(old, outcomes[i].id)
		}
	}
	err := lookup(ctx, b, "SELECT course_id, "+column+", "+position+" FROM "+table+" WHERE course_id IN (%s)", old, func(r scanner) error {
		var l link
		var at int
		err := r.Scan(&l.course, &l.other, &at)
		have[l] = at
		return err
	})
	if err != nil {
		return err
	}
	for l := range have {
		if _, ok := want[l]; ok {
			continue
		}
		if err := b.exec(ctx, "DELETE FROM "+table+" WHERE course_id = ? AND "+column+" = ?", l.course, l.other); err != nil {
			return fmt.Errorf("unlink course %d: %w", l.course, err)
		}
		byID[l.course].changed = true
	}
	columns := []string{"course_id", column}
	if position != "0" {
		columns = append(columns, position)
	}
	rows := b.insert(table, columns, "")
	for _, l := range sortedLinks(want) {
		at, ok := have[l]
		switch {
		case ok && at == want[l]:
			continue
		case ok:
			err = b.exec(ctx, "UPDATE "+table+" SET "+position+" = ? WHERE course_id = ? AND "+column+" = ?", want[l], l.course, l.other)
		default:
			err = rows.add(ctx, []any{l.course, l.other, want[l]}[:len(columns)]...)
		}
		if err != nil {
			return fmt.Errorf("link course %d: %w", l.course, err)
		}
		byID[l.course].changed = true
	}
	return rows.flush(ctx)
}

// sortedLinks is in the order of the primary key, in which InnoDB inserts fastest.
func sortedLinks(links map[link]int) []link {
	return slices.SortedFunc(maps.Keys(links), func(a, b link) int {
		return cmp.Or(cmp.Compare(a.course, b.course), cmp.Compare(a.other, b.other))
	})
}

// historyInserter writes daily counts of new items.
type historyInserter struct{ rows *inserter }

// history begins to write the daily counts of a kind. Counts that are there are the
// truth and stay.
func (b *batch) history(kind catalog.Kind) historyInserter {
	id := string(kind) + "_id"
	return historyInserter{b.insert(string(kind)+"_daily_counts",
		[]string{id, "day", "views", "favorites", "enrolments"}, " ON DUPLICATE KEY UPDATE "+id+" = "+id)}
}

func (h historyInserter) add(ctx context.Context, o outcome, days []catalog.DailyCounts) error {
	if !o.created {
		return nil
	}
	for _, d := range days {
		if err := h.rows.add(ctx, o.id, d.Day, d.Views, d.Favorites, d.Enrolments); err != nil {
			return err
		}
	}
	return nil
}

func (h historyInserter) flush(ctx context.Context) error { return h.rows.flush(ctx) }
