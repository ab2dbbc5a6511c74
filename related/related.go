// Package related finds the courses that are related to a course: those that share tags or
// text with it or are close to it in meaning, by the index, and those that its learners also
// took, by MySQL, merged into one list that says of each course why it is there.
package related

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/xunke/xunke/catalog"
)

// Likeness finds courses in an index.
type Likeness interface {
	// Alike finds courses that share tags or text with a course or are close to it in
	// meaning, best first. Errors: CodeNotFound for a course that is not in the index,
	// CodeUnavailable.
	Alike(ctx context.Context, course int64, limit int) ([]catalog.RelatedCourse, error)
	// Courses reads visible courses in the order of their ids; others are left out.
	Courses(ctx context.Context, ids []int64) ([]catalog.CourseHit, error)
}

// Learners knows who takes what.
type Learners interface {
	// CoEnrolments lists the visible courses that at least Support of the course's latest
	// learners have taken too, in any order.
	CoEnrolments(ctx context.Context, course int64) ([]CoEnrolment, error)
}

// Service merges the two. Answers of MySQL are cached; while it does not answer, related
// courses come from the index alone.
type Service struct {
	likeness Likeness
	cache    *cache
	log      *slog.Logger
}

// NewService returns a service with a cache of its own.
func NewService(likeness Likeness, learners Learners, log *slog.Logger) *Service {
	return &Service{likeness: likeness, cache: newCache(learners, log), log: log}
}

// depth is how far down lists are merged, times what is asked for: what is second in both
// lists may well be better than what is first in one.
const depth = 2

// Related finds what is related to a course, up to limit courses in each list: nothing, and
// Degraded, while the index is away. Other errors are those of Likeness.Alike.
func (s *Service) Related(ctx context.Context, course int64, limit int) (catalog.Related, error) {
	var (
		coEnrolments []int64
		group        sync.WaitGroup
	)
	group.Go(func() { coEnrolments = s.cache.coEnrolments(ctx, course) })
	alike, err := s.likeness.Alike(ctx, course, depth*limit)
	group.Wait()
	if e, ok := errors.AsType[*catalog.Error](err); ok && e.Code == catalog.CodeUnavailable && e.Wait == 0 && ctx.Err() == nil {
		return catalog.Related{Degraded: true}, nil // what stands beside a course is gone without
	}
	if err != nil {
		return catalog.Related{}, err
	}
	also := s.alsoTook(ctx, alike, coEnrolments[:min(len(coEnrolments), depth*limit)])
	result := catalog.Related{Hits: first(merge(alike, also), limit), AlsoTook: first(also, limit)}
	result.Alike = first(slices.DeleteFunc(slices.Clone(alike), func(c catalog.RelatedCourse) bool {
		return place(result.AlsoTook, c.ID) >= 0
	}), limit)
	return result, nil
}

// alsoTook makes hits of the courses that learners also took. Those that are alike it takes
// from there, and it reads the others.
func (s *Service) alsoTook(ctx context.Context, alike []catalog.RelatedCourse, ids []int64) []catalog.RelatedCourse {
	also := make([]catalog.RelatedCourse, 0, len(ids))
	var missing []int64
	for _, id := range ids {
		if at := place(alike, id); at >= 0 {
			also = append(also, withLearners(alike[at]))
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return also
	}
	hits, err := s.likeness.Courses(ctx, missing)
	if err != nil {
		s.log.Warn("courses that learners also took cannot be read; answering without them", "err", err)
	}
	for _, hit := range hits {
		hit.Score = 0 // of a query that orders nothing
		also = append(also, withLearners(catalog.RelatedCourse{CourseHit: hit}))
	}
	slices.SortStableFunc(also, func(a, b catalog.RelatedCourse) int {
		return cmp.Compare(slices.Index(ids, a.ID), slices.Index(ids, b.ID))
	})
	return also
}

func withLearners(c catalog.RelatedCourse) catalog.RelatedCourse {
	c.Because = append(slices.Clone(c.Because), catalog.BecauseLearners)
	return c
}

func place(courses []catalog.RelatedCourse, id int64) int {
	return slices.IndexFunc(courses, func(c catalog.RelatedCourse) bool { return c.ID == id })
}

func first(courses []catalog.RelatedCourse, limit int) []catalog.RelatedCourse {
	return courses[:min(len(courses), limit)]
}
