package searchapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/learning"
)

// fakeLearning has one of everything.
type fakeLearning struct{ accounts *fakeAccounts }

var (
	learntAt = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	stars    = 4
	item     = learning.Item{ID: 1, Type: catalog.KindCourse, Name: "数据结构", URL: "/courses/1", Org: &catalog.Ref{ID: 2, Name: "清华大学"}}
	lesson   = learning.LessonState{ID: 3, Name: "栈", Length: 600, Seconds: 90, Furthest: 120, SeenAt: &learntAt}
)

func (f fakeLearning) Favorite(context.Context, int64, catalog.Key) (learning.FavoriteState, error) {
	return learning.FavoriteState{Favorite: true, Favorites: 3}, f.accounts.err
}

func (f fakeLearning) Unfavorite(context.Context, int64, catalog.Key) (learning.FavoriteState, error) {
	return learning.FavoriteState{Favorites: 2}, f.accounts.err
}

func (f fakeLearning) FavoriteState(ctx context.Context, account int64, k catalog.Key) (learning.FavoriteState, error) {
	return f.Favorite(ctx, account, k)
}

func (f fakeLearning) Favorites(context.Context, int64, []catalog.Kind, catalog.Page) (learning.FavoriteList, error) {
	return learning.FavoriteList{Total: 1, Hits: []learning.Favorite{{Item: item, FavoritedAt: learntAt}}}, f.accounts.err
}

func (f fakeLearning) Enrol(context.Context, int64, int64) (learning.EnrolmentState, error) {
	return learning.EnrolmentState{Enrolled: true, Students: 9}, f.accounts.err
}

func (f fakeLearning) Leave(context.Context, int64, int64) (learning.EnrolmentState, error) {
	return learning.EnrolmentState{Students: 8}, f.accounts.err
}

func (f fakeLearning) Courses(context.Context, int64, catalog.Page) (learning.EnrolmentList, error) {
	next := &learning.Place{LessonID: 3, Name: "栈", Seconds: 90}
	return learning.EnrolmentList{Total: 2, Hits: []learning.Enrolment{
		{Item: item, EnrolledAt: learntAt, SeenAt: &learntAt, Lessons: 2, LessonsDone: 1, Progress: .6, Continue: next, Stars: &stars},
		{Item: item, EnrolledAt: learntAt},
	}}, f.accounts.err
}

func (f fakeLearning) CourseState(context.Context, int64, int64) (learning.CourseState, error) {
	return learning.CourseState{Enrolled: true, Lessons: []learning.LessonState{lesson, {ID: 4}}, Continue: &learning.Place{LessonID: 3}}, f.accounts.err
}

func (f fakeLearning) Rate(_ context.Context, _, _ int64, n int) (learning.RatingState, error) {
	if n < 1 || n > 5 {
		return learning.RatingState{}, catalog.Invalidf("stars", "%d is not between 1 and 5", n)
	}
	return learning.RatingState{Stars: &stars, Rating: (*catalog.Rating)(catalog.MeanRating(2, 9)), Ratings: 2}, f.accounts.err
}

func (f fakeLearning) Unrate(context.Context, int64, int64) (learning.RatingState, error) {
	return learning.RatingState{}, f.accounts.err
}

func (f fakeLearning) Watch(context.Context, int64, int64, int, bool) (learning.LessonState, error) {
	return lesson, f.accounts.err
}

func (f fakeLearning) Export(context.Context, int64) (learning.Record, error) {
	return learning.Record{
		Favorites: []learning.ExportedFavorite{{Type: catalog.KindOrg, ID: 2}}, Courses: []learning.ExportedCourse{{ID: 1}},
		Ratings: []learning.ExportedRating{{CourseID: 1, Stars: 5}}, Lessons: []learning.ExportedLesson{{ID: 3, CourseID: 1}},
	}, f.accounts.err
}

// pathTo is the path of a call with something in each place of it.
func pathTo(path string) string {
	return strings.NewReplacer("{id}", "1", "{course_id}", "1", "{kind}", "course").Replace(path)
}

// TestActionsThatCannotBeDone: what is wrong is named, and things as they stand are no fault of
// the request.
func TestActionsThatCannotBeDone(t *testing.T) {
	s := fullFixture().server(t)
	put := func(s *Service, path, body string) answer {
		r := httptest.NewRequest(http.MethodPut, path, strings.NewReader(body))
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("Cookie", learnerCookie)
		return do(t, s, r)
	}
	for _, tc := range []struct{ path, body, field string }{
		{"/api/v1/me/ratings/1", `{"stars":6}`, "stars"},
		{"/api/v1/me/ratings/1", `{"stars":"5"}`, "stars"},
		{"/api/v1/me/ratings/0", `{"stars":5}`, "course_id"},
		{"/api/v1/me/ratings/1", `{}`, "stars"},
		{"/api/v1/me/favorites/book/1", ``, "kind"},
		{"/api/v1/me/favorites/course/x", ``, "id"},
		{"/api/v1/me/lessons/1", `{"seconds":1,"minutes":2}`, "minutes"},
	} {
		if p := put(s, tc.path, tc.body).problem(t, http.StatusBadRequest); fields(p) != tc.field {
			t.Errorf("%s %s: %s is at fault, want %s", tc.path, tc.body, fields(p), tc.field)
		}
	}
	put(s, "/api/v1/me/courses/99999999999999999999", "").problem(t, http.StatusNotFound)

	f := fullFixture()
	s = f.server(t)
	f.accounts.err = learning.ErrNotEnrolled()
	if p := put(s, "/api/v1/me/ratings/1", `{"stars":5}`).problem(t, http.StatusConflict); !strings.Contains(p.Detail, "enrol first") {
		t.Errorf("%+v", p)
	}
	f.accounts.err = nil
	r := httptest.NewRequest(http.MethodPut, "/api/v1/me/courses/1", nil)
	do(t, s, r).problem(t, http.StatusUnauthorized)
	if a := put(s, "/api/v1/me/courses/1", ""); a.status != http.StatusOK || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", a.status, a.header)
	}
}
