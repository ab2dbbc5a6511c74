package related

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

func TestLearnersOutweighWhatEverybodyTakes(t *testing.T) {
	for _, c := range []struct {
		about string
		in    []CoEnrolment
		want  []int64
	}{
		{"half of everybody takes 1; who takes this takes 2", []CoEnrolment{{1, 500, 50_000}, {2, 100, 200}}, []int64{2, 1}},
		{"few common learners say little, whatever their share", []CoEnrolment{{1, 3, 3}, {2, 40, 60}}, []int64{2, 1}},
		{"among equals the older comes first", []CoEnrolment{{7, 9, 90}, {4, 9, 90}}, []int64{4, 7}},
		{"two learners are too few to be shown", []CoEnrolment{{1, 2, 2}, {2, 3, 100}}, []int64{2}},
		{"a count that lags behind its rows", []CoEnrolment{{1, 30, 0}, {2, 3, 3}}, []int64{1, 2}},
		{"learners take nothing else", nil, []int64{}},
	} {
		if got := rank(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.about, got, c.want)
		}
	}
}

func course(id int64, why ...catalog.Because) catalog.RelatedCourse {
	return catalog.RelatedCourse{CourseHit: catalog.CourseHit{Hit: catalog.Hit{ID: id}}, Because: why}
}

// fake is an index and a source of truth with functions for answers.
type fake struct {
	alike        func(limit int) ([]catalog.RelatedCourse, error)
	courses      func([]int64) ([]catalog.CourseHit, error)
	coEnrolments func(context.Context) ([]CoEnrolment, error)
}

func (f fake) Alike(_ context.Context, _ int64, limit int) ([]catalog.RelatedCourse, error) {
	return f.alike(limit)
}

func (f fake) Courses(_ context.Context, ids []int64) ([]catalog.CourseHit, error) {
	return f.courses(ids)
}

func (f fake) CoEnrolments(ctx context.Context, _ int64) ([]CoEnrolment, error) {
	return f.coEnrolments(ctx)
}

// usual is an index in which 10 to 14 are alike, and learners who took 20, 11, 21 and 22.
func usual() fake {
	return fake{
		alike: func(limit int) ([]catalog.RelatedCourse, error) {
			list := []catalog.RelatedCourse{
				course(10, catalog.BecauseTags), course(11, catalog.BecauseTags, catalog.BecauseText, catalog.BecauseMeaning), course(12, catalog.BecauseText),
				course(13, catalog.BecauseText), course(14, catalog.BecauseText),
			}
			return list[:min(limit, len(list))], nil
		},
		courses: func(ids []int64) ([]catalog.CourseHit, error) {
			var hits []catalog.CourseHit
			for _, id := range ids {
				if id != 21 { // hidden meanwhile
					hits = append(hits, catalog.CourseHit{Hit: catalog.Hit{ID: id}})
				}
			}
			return hits, nil
		},
		coEnrolments: func(context.Context) ([]CoEnrolment, error) {
			return []CoEnrolment{{22, 5, 100}, {11, 30, 100}, {20, 40, 100}, {21, 20, 100}}, nil
		},
	}
}

func ids(list []catalog.RelatedCourse) []int64 {
	var ids []int64
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestListsAreMerged(t *testing.T) {
	f := usual()
	got, err := NewService(f, f, quiet).Related(t.Context(), 1, 4)
	if err != nil {
		t.Fatal(err)
	}
	// 11 is second in both lists, and so before what is first in one.
	if want := []int64{11, 10, 20, 12}; !slices.Equal(ids(got.Hits), want) {
		t.Errorf("merged %v, want %v", ids(got.Hits), want)
	}
	if want := []int64{20, 11, 22}; !slices.Equal(ids(got.AlsoTook), want) {
		t.Errorf("learners also took %v, want %v", ids(got.AlsoTook), want)
	}
	if want := []int64{10, 12, 13, 14}; !slices.Equal(ids(got.Alike), want) {
		t.Errorf("alike are %v, want %v", ids(got.Alike), want)
	}
	if want := catalog.Reasons(); !slices.Equal(got.Hits[0].Because, want) {
		t.Errorf("11 is there because of %v, want %v", got.Hits[0].Because, want)
	}
	if want := []catalog.Because{catalog.BecauseLearners}; !slices.Equal(got.Hits[2].Because, want) {
		t.Errorf("20 is there because of %v, want %v", got.Hits[2].Because, want)
	}
}

func TestWithoutAnIndex(t *testing.T) {
	f := usual()
	busy := catalog.Unavailable("the index", nil)
	busy.Wait = time.Second
	for name, c := range map[string]struct {
		err      error
		code     catalog.Code
		degraded bool
	}{
		"away":                {catalog.Unavailable("the index", nil), "", true},
		"busy":                {busy, catalog.CodeUnavailable, false},
		"there is no such id": {catalog.NotFound(catalog.KindCourse, 1), catalog.CodeNotFound, false},
	} {
		f.alike = func(int) ([]catalog.RelatedCourse, error) { return nil, c.err }
		got, err := NewService(f, f, quiet).Related(t.Context(), 1, 4)
		if (err != nil) != (c.code != "") || err != nil && catalog.CodeOf(err) != c.code || got.Degraded != c.degraded || len(got.Hits) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestWithoutMySQL(t *testing.T) {
	f := usual()
	asked := 0
	f.coEnrolments = func(context.Context) ([]CoEnrolment, error) {
		asked++
		return nil, errors.New("refused")
	}
	synctest.Test(t, func(t *testing.T) {
		s := NewService(f, f, quiet)
		for range 3 {
			got, err := s.Related(t.Context(), 1, 4)
			if want := []int64{10, 11, 12, 13}; err != nil || !slices.Equal(ids(got.Hits), want) || len(got.AlsoTook) > 0 {
				t.Errorf("%v, %v; want %v", ids(got.Hits), err, want)
			}
		}
		if asked != 1 {
			t.Errorf("a MySQL that is down is asked %d times", asked)
		}
		<-time.After(retryAfter)
		if _, err := s.Related(t.Context(), 1, 4); err != nil || asked != 2 {
			t.Errorf("it is asked %d times after a while, %v", asked, err)
		}
	})
}

func TestASlowMySQLDelaysNoAnswer(t *testing.T) {
	f := usual()
	soon := f.coEnrolments
	var asked atomic.Int64
	f.coEnrolments = func(ctx context.Context) ([]CoEnrolment, error) {
		asked.Add(1)
		<-time.After(time.Second)
		return soon(ctx)
	}
	synctest.Test(t, func(t *testing.T) {
		s := NewService(f, f, quiet)
		began := time.Now()
		got, err := s.Related(t.Context(), 1, 4)
		if took := time.Since(began); err != nil || took != visitorTimeout || len(got.AlsoTook) != 0 {
			t.Errorf("%v after %s, %v", ids(got.AlsoTook), took, err)
		}
		<-time.After(time.Second)
		synctest.Wait()
		if got, err = s.Related(t.Context(), 1, 4); err != nil || len(got.AlsoTook) != 3 {
			t.Errorf("what came late is not there: %v, %v", ids(got.AlsoTook), err)
		}
		<-time.After(cacheFor)
		if got, err = s.Related(t.Context(), 1, 4); err != nil || len(got.AlsoTook) != 3 || asked.Load() != 2 {
			t.Errorf("an expired answer is shown until there is a new one: %v, %v, asked %d times", ids(got.AlsoTook), err, asked.Load())
		}
		<-time.After(time.Second) // for it to end
	})
}

func TestIndexDown(t *testing.T) {
	f := usual()
	f.courses = func([]int64) ([]catalog.CourseHit, error) { return nil, errors.New("down") }
	got, err := NewService(f, f, quiet).Related(t.Context(), 1, 4)
	if want := []int64{11}; err != nil || !slices.Equal(ids(got.AlsoTook), want) {
		t.Errorf("learners also took %v, %v; want %v, which is known", ids(got.AlsoTook), err, want)
	}
	f.alike = func(int) ([]catalog.RelatedCourse, error) { return nil, catalog.NotFound(catalog.KindCourse, 1) }
	if _, err := NewService(f, f, quiet).Related(t.Context(), 1, 4); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("a course that is not there: %v", err)
	}
}

func TestCacheIsBounded(t *testing.T) {
	f := usual()
	c := newCache(f, quiet)
	for n := range int64(maxCached + 10) {
		c.coEnrolments(t.Context(), n)
	}
	if c.entries.Len() != maxCached {
		t.Errorf("%d courses are cached, want %d", c.entries.Len(), maxCached)
	}
}
