package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
)

func key(t *testing.T, s string) catalog.Key {
	t.Helper()
	k, err := catalog.ParseKey(s)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func keys(t *testing.T, s string) []catalog.Key {
	t.Helper()
	var out []catalog.Key
	for _, field := range strings.Fields(s) {
		out = append(out, key(t, field))
	}
	return out
}

func curationStore(t *testing.T) store.Curations {
	t.Helper()
	db := testenv.MySQL(t, testenv.Config(t))
	for _, statement := range []string{
		"INSERT INTO orgs (id, name) VALUES (1, '北京大学'), (2, '华夏培训')",
		"INSERT INTO teachers (id, name) VALUES (1, '曾祥民')",
		"INSERT INTO courses (id, name, hidden) VALUES (1, '数据结构', FALSE), (2, '算法', FALSE), (3, '编译', FALSE), (9, '藏起来的', TRUE)",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var values []string
	for id := 100; id < 100+curation.MaxItems+1; id++ {
		values = append(values, fmt.Sprintf("(%d, '第%[1]d门')", id))
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO courses (id, name) VALUES "+strings.Join(values, ", ")); err != nil {
		t.Fatal(err)
	}
	return store.NewCurations(db)
}

func TestCurations(t *testing.T) {
	curations := curationStore(t)
	ctx := t.Context()
	versions := map[string]bool{}
	// expect compares with lines such as "python: pin course:1".
	expect := func(when string, err error, want ...string) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		rows, listErr := curations.List(ctx, "")
		version, versionErr := curations.Version(ctx)
		if listErr != nil || versionErr != nil {
			t.Fatalf("%s: %v, %v", when, listErr, versionErr)
		}
		var got []string
		for _, r := range rows {
			line := fmt.Sprintf("%s: %s %s", r.Query, r.Action, r.Item())
			if r.Factor != 0 {
				line += fmt.Sprintf(" ×%g", r.Factor)
			}
			if r.State != curation.ItemVisible || r.Name == "" {
				line += fmt.Sprintf(" %s %q", r.State, r.Name)
			}
			got = append(got, line)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: curated is\n%s\nwant\n%s", when, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if versions[version] && len(want) > 0 { // nothing is always the same
			t.Errorf("%s: the version is an old one", when)
		}
		versions[version] = true
	}
	expect("at first", nil)
	expect("after pinning", curations.SetPins(ctx, "Python", keys(t, "course:2 org:1 course:1")),
		"Python: pin course:2", "Python: pin org:1", "Python: pin course:1")
	expect("after hiding, boosting", curations.Hide(ctx, "ｐｙｔｈｏｎ", keys(t, "course:3")),
		"ｐｙｔｈｏｎ: pin course:2", "ｐｙｔｈｏｎ: pin org:1", "ｐｙｔｈｏｎ: pin course:1", "ｐｙｔｈｏｎ: hide course:3")
	expect("after pinning others", curations.SetPins(ctx, "python ", keys(t, "course:3 course:2")),
		"python: pin course:3", "python: pin course:2")
	expect("after boosting", curations.Boost(ctx, "python", 2.5, keys(t, "course:2 teacher:1")),
		"python: pin course:3", "python: boost course:2 ×2.5", "python: boost teacher:1 ×2.5")
	expect("after boosting more", curations.Boost(ctx, "python", 0.1, keys(t, "course:2")),
		"python: pin course:3", "python: boost course:2 ×0.1", "python: boost teacher:1 ×2.5")
	expect("after another query", curations.SetPins(ctx, "數據結構", keys(t, "org:2")),
		"python: pin course:3", "python: boost course:2 ×0.1", "python: boost teacher:1 ×2.5", "數據結構: pin org:2")

	sets, err := curations.Sets(ctx)
	if err != nil || len(sets) != 2 || sets["python"] == nil || sets["数据结构"] == nil {
		t.Fatalf("sets are %v, %v", sets, err)
	}
	if s := sets["python"]; s.Query != "python" || !slices.Equal(s.Pins, keys(t, "course:3")) || s.Hidden != nil ||
		!slices.Equal(s.Boosts, []curation.Boosted{{Item: key(t, "course:2"), Factor: 0.1}, {Item: key(t, "teacher:1"), Factor: 2.5}}) {
		t.Errorf("set is %+v", s)
	}
	if rows, err := curations.List(ctx, "数据结构！"); err != nil || len(rows) != 1 || rows[0].QueryKey != "数据结构" || rows[0].Place != 1 || rows[0].CreatedAt.IsZero() {
		t.Errorf("of one query: %+v, %v", rows, err)
	}

	n, err := curations.Remove(ctx, "PYTHON", keys(t, "course:2 course:3")...)
	expect("after removing", err, "python: boost teacher:1 ×2.5", "數據結構: pin org:2")
	if n != 2 {
		t.Errorf("removed %d", n)
	}
	_, err = curations.Remove(ctx, "python")
	expect("after removing all", err, "數據結構: pin org:2")
	expect("after unpinning", curations.SetPins(ctx, "数据结构", nil))
}

func TestCurationsOfWhatIsNotThere(t *testing.T) {
	curations := curationStore(t)
	ctx := t.Context()
	if err := curations.SetPins(ctx, "a", keys(t, "course:1")); err != nil {
		t.Fatal(err)
	}
	many := make([]catalog.Key, curation.MaxItems)
	for i := range many {
		many[i] = catalog.Key{Kind: catalog.KindCourse, ID: int64(100 + i)}
	}
	for what, tt := range map[string]struct {
		err  error
		code catalog.Code
		says []string
	}{
		"no item, and a hidden one": {curations.SetPins(ctx, "a", keys(t, "course:1 course:77 org:1 course:9")), catalog.CodeInvalid, []string{"course:77 does not exist", "course:9 is hidden"}},
		"twice":                     {curations.Hide(ctx, "a", keys(t, "course:1 course:1")), catalog.CodeInvalid, []string{"course:1 is given twice"}},
		"no query":                  {curations.Hide(ctx, "  ", keys(t, "course:1")), catalog.CodeInvalid, []string{"query"}},
		"a factor":                  {curations.Boost(ctx, "a", 11, keys(t, "course:1")), catalog.CodeInvalid, []string{"by", "11 is not between 0.1 and 10"}},
		"too many":                  {curations.Hide(ctx, "a", many), catalog.CodeInvalid, []string{"51", "50"}},
		"not curated":               {errorOf(curations.Remove(ctx, "a", keys(t, "course:1 course:2")...)), catalog.CodeNotFound, []string{"course:2"}},
		"nothing curated":           {errorOf(curations.Remove(ctx, "b")), catalog.CodeNotFound, []string{`"b"`}},
	} {
		if catalog.CodeOf(tt.err) != tt.code {
			t.Errorf("%s: error is %v", what, tt.err)
			continue
		}
		for _, says := range tt.says {
			if !strings.Contains(tt.err.Error(), says) {
				t.Errorf("%s: %v does not say %q", what, tt.err, says)
			}
		}
	}
	if rows, err := curations.List(ctx, ""); err != nil || len(rows) != 1 || rows[0].ItemID != 1 {
		t.Errorf("after all that: %+v, %v", rows, err)
	}
	if err := curations.SetPins(ctx, "a", many); err != nil {
		t.Errorf("as many as there may be: %v", err)
	}
}

// TestCuratedItemsComeAndGo checks what is told of items that are hidden or deleted after
// they were curated, and that they stay curated.
func TestCuratedItemsComeAndGo(t *testing.T) {
	config := testenv.Config(t)
	db := testenv.MySQL(t, config)
	curations := store.NewCurations(db)
	for _, statement := range []string{
		"INSERT INTO courses (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
		"INSERT INTO curations (query_key, query, action, kind, item_id) VALUES ('x', 'X', 'pin', 'course', 1), ('x', 'X', 'boost', 'course', 2), ('x', 'X', 'pin', 'course', 3)",
		"UPDATE courses SET hidden = TRUE WHERE id = 1", "DELETE FROM courses WHERE id = 3",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := curations.List(t.Context(), "x")
	if err != nil || len(rows) != 3 || rows[0].State != curation.ItemHidden || rows[1].State != curation.ItemGone || rows[2].State != curation.ItemVisible {
		t.Errorf("rows are %+v, %v", rows, err)
	}
	sets, err := curations.Sets(t.Context())
	if err != nil || len(sets["x"].Pins) != 2 || len(sets["x"].Boosts) != 1 || sets["x"].Boosts[0].Factor != curation.DefaultFactor {
		t.Errorf("rows of a hand give %+v, %v", sets["x"], err)
	}
	if _, err := curations.Remove(t.Context(), "x", key(t, "course:3")); err != nil {
		t.Errorf("remove what is gone: %v", err)
	}
	if _, err := db.ExecContext(t.Context(), "DROP TABLE curations"); err != nil {
		t.Fatal(err)
	}
	if _, err := curations.Version(t.Context()); catalog.CodeOf(err) != catalog.CodeUnavailable || !strings.Contains(err.Error(), "xunke migrate") {
		t.Errorf("without the table: %v", err)
	}
}

// TestCurationsAtOnce lets several admins set the pins of one query at once: one of their
// lists holds, whole.
func TestCurationsAtOnce(t *testing.T) {
	curations := curationStore(t)
	lists := [][]catalog.Key{keys(t, "course:1 course:2"), keys(t, "course:2 course:3 org:1"), keys(t, "org:2"), keys(t, "teacher:1 course:1")}
	for range 5 {
		var group sync.WaitGroup
		errs := make([]error, len(lists))
		for i, list := range lists {
			group.Go(func() { errs[i] = curations.SetPins(t.Context(), "python", list) })
		}
		group.Wait()
		for i, err := range errs {
			if err != nil {
				t.Fatalf("pin %v: %v", lists[i], err)
			}
		}
		sets, err := curations.Sets(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if pins := sets["python"].Pins; !slices.ContainsFunc(lists, func(l []catalog.Key) bool { return slices.Equal(l, pins) }) {
			t.Errorf("pins are %v, a mixture", pins)
		}
		if _, err := curations.Remove(t.Context(), "python"); err != nil {
			t.Fatal(err)
		}
	}
}

func errorOf(_ int64, err error) error { return err }
