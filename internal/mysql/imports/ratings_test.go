package imports_test

import (
	"fmt"
	"reflect"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/mysql/imports"
	"github.com/xunke/xunke/internal/testenv"
)

func TestRatingsOfAnImport(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	testenv.Exec(t, db, "INSERT INTO courses (id, `key`, name) VALUES (1, 'a', 'a'), (2, 'b', 'b'), (3, 'c', 'c')")
	store := imports.NewStore(db)
	write := func(want intake.Count, list ...intake.Rating) {
		t.Helper()
		if got, err := store.WriteRatings(t.Context(), list); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	list := []intake.Rating{
		{Learner: "x:1", Course: "a", Stars: 5}, {Learner: "x:2", Course: "a", Stars: 4}, {Learner: "x:1", Course: "b", Stars: 1},
		{Learner: "x:1", Course: "nowhere", Stars: 3},
	}
	counted := func(want ...string) {
		t.Helper()
		expect(t, db, "SELECT CONCAT_WS('|', id, ratings, rating_stars) FROM courses ORDER BY id", want...)
		expect(t, db, `SELECT COUNT(*) FROM courses c WHERE (ratings, rating_stars) <> (SELECT COUNT(*), COALESCE(SUM(stars), 0)
			FROM course_ratings r WHERE r.course_id = c.id)`, "0")
	}
	write(intake.Count{Created: 3}, list...)
	counted("1|2|9", "2|1|1", "3|0|0")
	before := writes(t, db)
	write(intake.Count{Unchanged: 3}, list...)
	if after := writes(t, db); !reflect.DeepEqual(after, before) {
		t.Errorf("doing it again wrote rows: %v, then %v", before, after)
	}
	// Somebody thinks again, twice in one batch.
	write(intake.Count{Updated: 2}, intake.Rating{Learner: "x:1", Course: "a", Stars: 2}, intake.Rating{Learner: "x:1", Course: "a", Stars: 3})
	counted("1|2|7", "2|1|1", "3|0|0")
	if _, err := store.WriteRatings(t.Context(), []intake.Rating{{Learner: "x:9", Course: "a", Stars: 6}}); err == nil {
		t.Error("six stars are written")
	}
	counted("1|2|7", "2|1|1", "3|0|0")
}

// TestRatingsOfOneCourseByMany writes to the same courses at the same time, in opposite orders.
func TestRatingsOfOneCourseByMany(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	testenv.Exec(t, db, "INSERT INTO courses (id, `key`, name) VALUES (1, 'a', 'a'), (2, 'b', 'b')")
	store := imports.NewStore(db)
	const writers, each = 4, 10
	var group errgroup.Group
	for w := range writers {
		group.Go(func() error {
			for n := range each {
				list := []intake.Rating{
					{Learner: fmt.Sprint(w, ":", n), Course: "ab"[w%2 : w%2+1], Stars: 5},
					{Learner: fmt.Sprint(w, ":", n), Course: "ba"[w%2 : w%2+1], Stars: 1},
				}
				if _, err := store.WriteRatings(t.Context(), list); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	expect(t, db, "SELECT CONCAT_WS('|', ratings, rating_stars) FROM courses ORDER BY id", "40|120", "40|120")
}
