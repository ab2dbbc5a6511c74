package imports

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/xunke/xunke/intake"
)

// idsByName returns the ids of the rows of a table of names (categories, cities, tags) and
// makes the rows that are missing.
func (b *batch) idsByName(ctx context.Context, table string, names map[string]bool) (map[string]int64, error) {
	delete(names, "")
	ids := make(map[string]int64, len(names))
	if len(names) == 0 {
		return ids, nil
	}
	read := func(names []string) error {
		return lookup(ctx, b, "SELECT id, name FROM "+table+" WHERE name IN (%s)", names, func(r scanner) error {
			var id int64
			var name string
			err := r.Scan(&id, &name)
			ids[name] = id
			return err
		})
	}
	if err := read(slices.Sorted(maps.Keys(names))); err != nil {
		return nil, err
	}
	maps.DeleteFunc(names, func(name string, _ bool) bool { return ids[name] != 0 })
	if len(names) == 0 {
		return ids, nil
	}
	missing := slices.Sorted(maps.Keys(names)) // in order, so that two writers cannot deadlock
	rows := b.insert(table, []string{"name"}, " ON DUPLICATE KEY UPDATE id = id")
	for _, name := range missing {
		if err := rows.add(ctx, name); err != nil {
			return nil, err
		}
	}
	if err := rows.flush(ctx); err != nil {
		return nil, err
	}
	return ids, read(missing)
}

// idsByKey returns the ids of the rows of a table that have one of these keys.
func (b *batch) idsByKey(ctx context.Context, table string, keys []string) (map[string]int64, error) {
	ids := make(map[string]int64, len(keys))
	err := lookup(ctx, b, "SELECT id, `key` FROM "+table+" WHERE `key` IN (%s)", keys, func(r scanner) error {
		var id int64
		var key string
		err := r.Scan(&id, &key)
		ids[key] = id
		return err
	})
	return ids, err
}

// resolveOrgs returns the ids of the orgs that references name: by key, or else by
// exact name (the oldest row of that name), or else made. A reference by key alone that
// finds nothing is not in the answer.
func (b *batch) resolveOrgs(ctx context.Context, refs []intake.Ref) (map[string]int64, error) {
	names, byName := split(refs)
	ids, err := b.idsByKey(ctx, "orgs", names)
	if err != nil {
		return nil, err
	}
	open := func() []string {
		return slices.DeleteFunc(slices.Clone(byName), func(name string) bool { return ids[name] != 0 })
	}
	read := func(names []string) error {
		return lookup(ctx, b, "SELECT MIN(id), name FROM orgs WHERE name IN (%s) GROUP BY name", names, func(r scanner) error {
			var id int64
			var name string
			err := r.Scan(&id, &name)
			ids[name] = id
			return err
		})
	}
	if err := read(open()); err != nil {
		return nil, err
	}
	missing := open()
	rows := b.insert("orgs", []string{"name"}, "")
	for _, name := range missing {
		if err := rows.add(ctx, name); err != nil {
			return nil, err
		}
	}
	if err := rows.flush(ctx); err != nil {
		return nil, err
	}
	b.tally.OrgsMade += int64(len(missing))
	return ids, read(missing)
}

// split returns the distinct texts of references, and those that may be names.
func split(refs []intake.Ref) (all, names []string) {
	seen := map[string]bool{}
	for _, r := range refs {
		if r.Text == "" || seen[r.Text] {
			continue
		}
		seen[r.Text] = true
		all = append(all, r.Text)
		if !r.KeyOnly {
			names = append(names, r.Text)
		}
	}
	return all, names
}

// teacherRef is a reference to a teacher from an item of an org (0: of none).
type teacherRef struct {
	intake.Ref
	org int64
}

// resolveTeachers returns the ids that the references mean, 0 for one by key alone that
// finds nothing. Of several teachers of a name the one of the same org is meant, or else
// one of no org, or else the oldest row.
func (b *batch) resolveTeachers(ctx context.Context, refs []teacherRef) ([]int64, error) {
	plain := make([]intake.Ref, len(refs))
	for i, r := range refs {
		plain[i] = r.Ref
	}
	all, names := split(plain)
	byKey, err := b.idsByKey(ctx, "teachers", all)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return byKey[name] != 0 })
	namesakes := map[string][]namesake{}
	if err := b.namesakes(ctx, names, namesakes); err != nil {
		return nil, err
	}
	if err := b.makeTeachers(ctx, refs, byKey, namesakes); err != nil {
		return nil, err
	}
	ids := make([]int64, len(refs))
	for i, r := range refs {
		if ids[i] = byKey[r.Text]; ids[i] == 0 && !r.KeyOnly {
			ids[i] = closest(namesakes[r.Text], r.org)
		}
	}
	return ids, nil
}

// namesake is one of the teachers that have a name.
type namesake struct{ id, org int64 }

func (b *batch) namesakes(ctx context.Context, names []string, into map[string][]namesake) error {
	return lookup(ctx, b, "SELECT id, name, COALESCE(org_id, 0) FROM teachers WHERE name IN (%s) ORDER BY id", names, func(r scanner) error {
		var name string
		var n namesake
		err := r.Scan(&n.id, &name, &n.org)
		into[name] = append(into[name], n)
		return err
	})
}

// makeTeachers makes a teacher for every name that nobody has, at the org of the first
// item that names them.
func (b *batch) makeTeachers(ctx context.Context, refs []teacherRef, byKey map[string]int64, namesakes map[string][]namesake) error {
	var made []string
	rows := b.insert("teachers", []string{"name", "org_id"}, "")
	for _, r := range refs {
		if r.Text == "" || r.KeyOnly || byKey[r.Text] != 0 || len(namesakes[r.Text]) > 0 || slices.Contains(made, r.Text) {
			continue
		}
		made = append(made, r.Text)
		if err := rows.add(ctx, r.Text, orNull(r.org)); err != nil {
			return err
		}
	}
	if err := rows.flush(ctx); err != nil {
		return err
	}
	b.tally.TeachersMade += int64(len(made))
	return b.namesakes(ctx, made, namesakes)
}

func closest(candidates []namesake, org int64) int64 {
	best, bestRank := int64(0), 0
	for _, c := range candidates {
		rank := 1
		switch c.org {
		case org:
			rank = 3
		case 0:
			rank = 2
		}
		if rank > bestRank {
			best, bestRank = c.id, rank
		}
	}
	return best
}

// adopt gives keys to rows that have none because they were made for a mere name.
// identity is the expression that tells such rows apart; want lists the keys wanted for
// each of its values, first come first served, and names the names to look at. The
// answer holds the keys that were given.
func (b *batch) adopt(ctx context.Context, table, identity string, names []string, want map[string][]string) (map[string]bool, error) {
	type row struct {
		id       int64
		identity string
	}
	var found []row
	err := lookup(ctx, b, "SELECT id, "+identity+" FROM "+table+" WHERE `key` IS NULL AND name IN (%s) ORDER BY id", names, func(r scanner) error {
		var f row
		err := r.Scan(&f.id, &f.identity)
		found = append(found, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	given := map[string]bool{}
	for _, f := range found {
		keys := want[f.identity]
		if len(keys) == 0 {
			continue
		}
		want[f.identity] = keys[1:]
		if err := b.exec(ctx, "UPDATE "+table+" SET `key` = ? WHERE id = ? AND `key` IS NULL", keys[0], f.id); err != nil {
			return nil, fmt.Errorf("take over %s %d: %w", table, f.id, err)
		}
		given[keys[0]] = true
	}
	return given, nil
}
