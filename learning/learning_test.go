package learning_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/learning"
)

const favoritesOfDays = `SELECT COALESCE(GROUP_CONCAT(CONCAT(day, ' ', favorites) ORDER BY day), '') FROM course_daily_counts WHERE course_id = ?`

func TestFavorites(t *testing.T) {
	c, ctx := newClass(t), t.Context()
	state := is[learning.FavoriteState]
	state(t, learning.FavoriteState{Favorite: true, Favorites: 1})(c.Favorite(ctx, 1, course(1)))
	state(t, learning.FavoriteState{Favorite: true, Favorites: 1})(c.Favorite(ctx, 1, course(1)))
	c.pass(2 * time.Minute) // another day
	state(t, learning.FavoriteState{Favorite: true, Favorites: 2})(c.Favorite(ctx, 2, course(1)))
	state(t, learning.FavoriteState{Favorites: 2})(c.FavoriteState(ctx, 3, course(1)))
	if days := c.text(favoritesOfDays, 1); days != "2026-11-23 1,2026-11-24 1" {
		t.Errorf("counted on %s", days)
	}
	// Taken back, it is taken from the day on which it was counted.
	state(t, learning.FavoriteState{Favorites: 1})(c.Unfavorite(ctx, 1, course(1)))
	state(t, learning.FavoriteState{Favorites: 1})(c.Unfavorite(ctx, 1, course(1)))
	if days := c.text(favoritesOfDays, 1); days != "2026-11-23 0,2026-11-24 1" {
		t.Errorf("counted on %s", days)
	}
	for _, k := range catalog.Kinds() {
		state(t, learning.FavoriteState{Favorite: true, Favorites: map[bool]int64{true: 2, false: 1}[k == catalog.KindCourse]})(c.Favorite(ctx, 3, catalog.Key{Kind: k, ID: 1}))
		c.pass(time.Second)
	}
	list, err := c.Favorites(ctx, 3, nil, catalog.Page{Limit: 2})
	if err != nil || list.Total != 3 || len(list.Hits) != 2 || list.Hits[0].Type != catalog.KindTeacher || list.Hits[0].Org.Name != "清华大学" || list.Hits[1].Type != catalog.KindOrg {
		t.Errorf("%+v, %v", list, err)
	}
	list, err = c.Favorites(ctx, 3, []catalog.Kind{catalog.KindCourse}, catalog.Page{Limit: 2})
	if err != nil || list.Total != 1 || list.Hits[0].Name != "课程1" || list.Hits[0].URL != "/courses/1" {
		t.Errorf("%+v, %v", list, err)
	}
	for _, k := range catalog.Kinds() {
		if list, err := c.Favorites(ctx, 3, []catalog.Kind{k}, catalog.Page{Limit: 2}); err != nil || list.Total != 1 || list.Hits[0].Type != k {
			t.Errorf("%s: %+v, %v", k, list, err)
		}
	}

	gone := refused(t, catalog.CodeNotFound)
	_, err = c.Favorite(ctx, 1, course(9)) // hidden
	gone(nil, err)
	_, err = c.Favorite(ctx, 1, course(10))
	gone(nil, err)
	_, err = c.Favorite(ctx, 77, course(1)) // an account that was deleted
	refused(t, catalog.CodeLogin)(nil, err)

	// What was hidden since is in no list, and can be taken back all the same.
	c.exec(`UPDATE courses SET hidden = TRUE WHERE id = 1`)
	if list, err = c.Favorites(ctx, 3, nil, catalog.Page{Limit: 9}); err != nil || list.Total != 2 || len(list.Hits) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	state(t, learning.FavoriteState{})(c.Unfavorite(ctx, 3, course(1)))
	if n := c.number(`SELECT favorites FROM courses WHERE id = 1`); n != 1 {
		t.Errorf("a hidden course has %d favourites", n)
	}
	c.exec(`DELETE FROM videos`)
	c.exec(`DELETE FROM lessons`)
	c.exec(`DELETE FROM courses WHERE id = 1`)
	state(t, learning.FavoriteState{})(c.Unfavorite(ctx, 2, course(1)))
	if n := c.number(`SELECT COUNT(*) FROM favorites WHERE kind = 'course'`); n != 0 {
		t.Errorf("%d favourites are left", n)
	}
}

// TestBounds: an account holds no more than it may, and acts no oftener.
func TestBounds(t *testing.T) {
	c, ctx := newClass(t), t.Context()
	c.exec(`INSERT INTO favorites WITH RECURSIVE n AS (SELECT 100 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT /*+ SET_VAR(cte_max_recursion_depth = 9999) */ 1, 'course', i, UTC_TIMESTAMP(3) FROM n`,
		learning.MaxFavorites+98)
	_, err := c.Favorite(ctx, 1, course(1))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Favorite(ctx, 1, course(2))
	refused(t, catalog.CodeConflict)(nil, err)
	if n := c.number(`SELECT favorites FROM courses WHERE id = 2`); n != 0 {
		t.Errorf("it counts: %d", n)
	}
	if _, err = c.Favorite(ctx, 1, course(1)); err != nil {
		t.Errorf("again: %v", err)
	}
	c.Limit = limit{}
	_, err = c.Enrol(ctx, 1, 1)
	refused(t, catalog.CodeTooMany)(nil, err)
}

type limit struct{}

func (limit) Take(context.Context, string) time.Duration { return time.Minute }

func TestEnrolments(t *testing.T) {
	c, ctx := newClass(t), t.Context()
	state := is[learning.EnrolmentState]
	_, err := c.Rate(ctx, 1, 1, 5)
	refused(t, catalog.CodeConflict)(nil, err)
	_, err = c.Watch(ctx, 1, 1, 10, false)
	refused(t, catalog.CodeConflict)(nil, err)
	state(t, learning.EnrolmentState{Enrolled: true, Students: 101})(c.Enrol(ctx, 1, 1))
	state(t, learning.EnrolmentState{Enrolled: true, Students: 101})(c.Enrol(ctx, 1, 1))
	_, err = c.Enrol(ctx, 1, 9)
	refused(t, catalog.CodeNotFound)(nil, err)
	for _, stars := range []int{0, 6, -1} {
		_, err = c.Rate(ctx, 1, 1, stars)
		refused(t, catalog.CodeInvalid)(nil, err)
	}
	rating := func(got learning.RatingState, err error) func(own int, mean float64, n int) {
		return func(own int, mean float64, n int) {
			t.Helper()
			if err != nil || (got.Stars == nil) != (own == 0) || own > 0 && *got.Stars != own || got.Ratings != n || (got.Rating == nil) != (n == 0) || n > 0 && float64(*got.Rating) != mean {
				t.Errorf("%+v, %v; want %d, %v of %d", got, err, own, mean, n)
			}
		}
	}
	rating(c.Rate(ctx, 1, 1, 5))(5, 5, 1)
	rating(c.Rate(ctx, 1, 1, 2))(2, 2, 1)
	if _, err := c.Enrol(ctx, 2, 1); err != nil {
		t.Fatal(err)
	}
	rating(c.Rate(ctx, 2, 1, 5))(5, 3.5, 2)
	rating(c.Unrate(ctx, 1, 1))(0, 5, 1)
	rating(c.Unrate(ctx, 1, 1))(0, 5, 1)
	rating(c.Unrate(ctx, 2, 1))(0, 0, 0)

	c.pass(time.Hour) // the next day
	state(t, learning.EnrolmentState{Students: 101})(c.Leave(ctx, 1, 1))
	state(t, learning.EnrolmentState{Students: 101})(c.Leave(ctx, 1, 1))
	if n := c.number(`SELECT SUM(enrolments) FROM course_daily_counts WHERE course_id = 1`); n != 1 {
		t.Errorf("%d enrolments are counted by day", n)
	}
}

// TestAtTheSameTime: whatever many do at once, rows and counts agree.
func TestAtTheSameTime(t *testing.T) {
	c, ctx := newClass(t), t.Context()
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(worker)))
			for range 40 {
				account, id := r.Int64N(4)+1, r.Int64N(3)+1
				var err error
				switch r.IntN(6) {
				case 0:
					_, err = c.Favorite(ctx, account, course(id))
				case 1:
					_, err = c.Unfavorite(ctx, account, course(id))
				case 2:
					_, err = c.Enrol(ctx, account, id)
				case 3:
					_, err = c.Leave(ctx, account, id)
				case 4:
					_, err = c.Rate(ctx, account, id, r.IntN(5)+1)
				default:
					_, err = c.Unrate(ctx, account, id)
				}
				if err != nil && catalog.CodeOf(err) != catalog.CodeConflict {
					t.Errorf("%v", err)
				}
			}
		})
	}
	wg.Wait()
	for id := int64(1); id <= 3; id++ {
		for what, query := range map[string]string{
			"favourites":          `SELECT favorites = (SELECT COUNT(*) FROM favorites WHERE kind = 'course' AND item_id = c.id) FROM courses c WHERE id = ?`,
			"favourites by day":   `SELECT favorites = (SELECT COALESCE(SUM(favorites), 0) FROM course_daily_counts WHERE course_id = c.id) FROM courses c WHERE id = ?`,
			"enrolments":          `SELECT enrolments = (SELECT COUNT(*) FROM enrolments WHERE course_id = c.id) FROM courses c WHERE id = ?`,
			"enrolments by day":   `SELECT enrolments = (SELECT COALESCE(SUM(enrolments), 0) FROM course_daily_counts WHERE course_id = c.id) FROM courses c WHERE id = ?`,
			"ratings":             `SELECT ratings = (SELECT COUNT(*) FROM course_ratings WHERE course_id = c.id) FROM courses c WHERE id = ?`,
			"the stars together":  `SELECT rating_stars = (SELECT COALESCE(SUM(stars), 0) FROM course_ratings WHERE course_id = c.id) FROM courses c WHERE id = ?`,
			"there is anything":   `SELECT ratings + favorites + enrolments > 0 FROM courses c WHERE id = ?`,
			"no learner is twice": `SELECT enrolments <= 4 FROM courses c WHERE id = ?`,
		} {
			if c.number(query, id) != 1 {
				t.Errorf("course %d: %s: rows and counts differ", id, what)
			}
		}
	}
}

func TestLessons(t *testing.T) {
	c, ctx := newClass(t), t.Context()
	if _, err := c.Enrol(ctx, 1, 1); err != nil {
		t.Fatal(err)
	}
	list, err := c.Courses(ctx, 1, catalog.Page{Limit: 5})
	if err != nil || list.Total != 1 || list.Hits[0].Lessons != 3 || list.Hits[0].Continue == nil || *list.Hits[0].Continue != (learning.Place{LessonID: 1, Name: "第1课"}) || list.Hits[0].SeenAt != nil {
		t.Errorf("%+v, %v", list, err)
	}
	for _, tc := range []struct {
		lesson            int64
		seconds           int
		done              bool
		at, furthest      int
		isDone            bool
		lessonsDone       int
		progress          float64
		next, nextSeconds int
	}{
		{1, 300, false, 300, 300, false, 0, .5 / 3, 1, 300},
		{1, 60, false, 60, 300, false, 0, .5 / 3, 1, 60},
		{1, 539, false, 539, 539, false, 0, 539.0 / 600 / 3, 1, 539},
		{1, 540, false, 540, 540, true, 1, 1.0 / 3, 2, 0},
		{1, 5, false, 5, 540, true, 1, 1.0 / 3, 2, 0},
		{3, 40, false, 40, 40, false, 1, 1.0 / 3, 3, 40}, // nobody knows how long it is
		{3, 50, true, 50, 50, true, 2, 2.0 / 3, 2, 0},
		{2, 90000, false, 1200, 1200, true, 3, 1, 0, 0},
	} {
		c.pass(time.Second)
		l, err := c.Watch(ctx, 1, tc.lesson, tc.seconds, tc.done)
		if err != nil || l.Seconds != tc.at || l.Furthest != tc.furthest || l.Done != tc.isDone || l.SeenAt == nil {
			t.Errorf("%+v: %+v, %v", tc, l, err)
		}
		list, err := c.Courses(ctx, 1, catalog.Page{Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		h := list.Hits[0]
		if h.LessonsDone != tc.lessonsDone || h.Progress != tc.progress || (h.Continue == nil) != (tc.next == 0) ||
			h.Continue != nil && (h.Continue.LessonID != int64(tc.next) || h.Continue.Seconds != tc.nextSeconds) {
			t.Errorf("%+v: %+v, continue %+v", tc, h, h.Continue)
		}
	}
	state, err := c.CourseState(ctx, 1, 1)
	if err != nil || !state.Enrolled || state.Favorite || len(state.Lessons) != 3 || state.Progress != 1 || state.Continue != nil {
		t.Errorf("%+v, %v", state, err)
	}
	for _, seconds := range []int{-1, learning.MaxSeconds + 1} {
		_, err := c.Watch(ctx, 1, 1, seconds, false)
		refused(t, catalog.CodeInvalid)(nil, err)
	}
	_, err = c.Watch(ctx, 1, 99, 1, false)
	refused(t, catalog.CodeNotFound)(nil, err)
}

// TestErase: an account that is deleted counts for nothing any more, also where its work is
// interrupted and done again.
func TestErase(t *testing.T) {
	c, ctx := newClass(t), t.Context()
	for _, account := range []int64{1, 2} {
		for id := int64(1); id <= 3; id++ {
			_, e1 := c.Favorite(ctx, account, course(id))
			_, e2 := c.Enrol(ctx, account, id)
			_, e3 := c.Rate(ctx, account, id, int(account)+2)
			if e1 != nil || e2 != nil || e3 != nil {
				t.Fatal(e1, e2, e3)
			}
		}
		if _, err := c.Watch(ctx, account, 1, 60, false); err != nil {
			t.Fatal(err)
		}
	}
	record, err := c.Export(ctx, 1)
	if err != nil || len(record.Favorites) != 3 || len(record.Courses) != 3 || len(record.Ratings) != 3 || record.Ratings[0].Stars != 3 || len(record.Lessons) != 1 || record.Lessons[0].Name != "第1课" || record.Courses[0].Name == "" {
		t.Errorf("%+v, %v", record, err)
	}
	c.exec(`DELETE FROM courses WHERE id = 3`) // its rows have to go as well
	if left, err := c.Store.Erase(ctx, 1); err != nil || !left {
		t.Fatalf("%v, %v", left, err)
	}
	for range 2 {
		if err := c.Erase(ctx, 1); err != nil {
			t.Fatal(err)
		}
	}
	if record, err = c.Export(ctx, 1); err != nil || len(record.Favorites)+len(record.Courses)+len(record.Ratings)+len(record.Lessons) != 0 {
		t.Errorf("left: %+v, %v", record, err)
	}
	if record, err = c.Export(ctx, 2); err != nil || len(record.Favorites) != 3 || record.Favorites[2].Name != "" || len(record.Lessons) != 1 {
		t.Errorf("of somebody else: %+v, %v", record, err)
	}
	if got := c.text(`SELECT GROUP_CONCAT(CONCAT(favorites, enrolments, ratings, rating_stars) ORDER BY id) FROM courses WHERE id < 3`); got != "1114,1114" {
		t.Errorf("counts: %s", got)
	}
}
