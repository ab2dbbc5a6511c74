package learning

import (
	"context"
	"time"

	"github.com/xunke/xunke/catalog"
)

// Enrolment is a course that a learner takes.
type Enrolment struct {
	Item
	EnrolledAt  time.Time  `json:"enrolled_at"`
	SeenAt      *time.Time `json:"seen_at" about:"when a lesson was watched last; null: none was yet"`
	Lessons     int        `json:"lessons"`
	LessonsDone int        `json:"lessons_done"`
	Progress    float64    `json:"progress" about:"0 to 1"`
	Continue    *Place     `json:"continue" about:"where the learner was; null: all is done, or there are no lessons"`
	Stars       *int       `json:"stars" about:"the learner's own rating"`

	Watched []LessonState `json:"-"` // all lessons in their order
}

// EnrolmentList is a page of a learner's courses, those seen last first.
type EnrolmentList struct {
	Total int64       `json:"total"`
	Hits  []Enrolment `json:"hits"`
}

// CourseState is how a course stands with a learner.
type CourseState struct {
	Enrolled bool          `json:"enrolled"`
	Favorite bool          `json:"favorite"`
	Stars    *int          `json:"stars" about:"the learner's own rating"`
	Lessons  []LessonState `json:"lessons" about:"all, in their order"`
	Progress float64       `json:"progress" about:"0 to 1"`
	Continue *Place        `json:"continue" about:"where the learner was; null: all is done, or there are no lessons"`
}

// EnrolmentState says whether a learner takes a course, and how many do.
type EnrolmentState struct {
	Enrolled bool  `json:"enrolled"`
	Students int64 `json:"students" about:"how many take the course"`
}

// RatingState is what a learner and all learners think of a course.
type RatingState struct {
	Stars   *int            `json:"stars" about:"the learner's own rating"`
	Rating  *catalog.Rating `json:"rating" about:"the mean of all; null: there is none"`
	Ratings int             `json:"ratings"`
}

// Enrolments keeps who takes which courses, and what they think of them.
type Enrolments interface {
	// Enrol and Leave count for the course and for the day of the enrolment.
	Enrol(ctx context.Context, account, course int64, now time.Time) (EnrolmentState, error)
	Leave(ctx context.Context, account, course int64) (EnrolmentState, error)
	// Courses lists visible courses.
	Courses(ctx context.Context, account int64, p catalog.Page) (EnrolmentList, error)
	CourseState(ctx context.Context, account, course int64) (CourseState, error)
	// Rate is CodeConflict for who does not take the course.
	Rate(ctx context.Context, account, course int64, stars int, now time.Time) (RatingState, error)
	Unrate(ctx context.Context, account, course int64) (RatingState, error)
}

// Enrol has a learner take a course. Errors: CodeNotFound, CodeConflict for who has
// MaxEnrolments, CodeTooMany, CodeLogin, CodeUnavailable.
func (s *Service) Enrol(ctx context.Context, account, course int64) (EnrolmentState, error) {
	if err := s.allow(ctx, account); err != nil {
		return EnrolmentState{}, err
	}
	return s.Store.Enrol(ctx, account, course, s.now())
}

// Leave ends that. The rating and how far the learner was stay, for who comes back. Errors:
// CodeTooMany, CodeLogin, CodeUnavailable.
func (s *Service) Leave(ctx context.Context, account, course int64) (EnrolmentState, error) {
	if err := s.allow(ctx, account); err != nil {
		return EnrolmentState{}, err
	}
	return s.Store.Leave(ctx, account, course)
}

// Courses lists what a learner takes. The error is CodeUnavailable.
func (s *Service) Courses(ctx context.Context, account int64, p catalog.Page) (EnrolmentList, error) {
	list, err := s.Store.Courses(ctx, account, p)
	for i := range list.Hits {
		c := &list.Hits[i]
		c.Lessons = len(c.Watched)
		c.LessonsDone, c.Progress, c.Continue = progressOf(c.Watched)
	}
	return list, err
}

// CourseState is how a course stands with a learner. Errors: CodeNotFound, CodeUnavailable.
func (s *Service) CourseState(ctx context.Context, account, course int64) (CourseState, error) {
	c, err := s.Store.CourseState(ctx, account, course)
	_, c.Progress, c.Continue = progressOf(c.Lessons)
	return c, err
}

// Rate gives a course 1 to 5 stars, in place of those that the learner gave before. Errors:
// CodeInvalid, CodeNotFound, CodeConflict for who does not take the course, CodeTooMany,
// CodeLogin, CodeUnavailable.
func (s *Service) Rate(ctx context.Context, account, course int64, stars int) (RatingState, error) {
	if stars < 1 || stars > 5 {
		return RatingState{}, catalog.Invalidf("stars", "%d is not between 1 and 5", stars)
	}
	if err := s.allow(ctx, account); err != nil {
		return RatingState{}, err
	}
	return s.Store.Rate(ctx, account, course, stars, s.now())
}

// Unrate takes that back. Errors: CodeTooMany, CodeLogin, CodeUnavailable.
func (s *Service) Unrate(ctx context.Context, account, course int64) (RatingState, error) {
	if err := s.allow(ctx, account); err != nil {
		return RatingState{}, err
	}
	return s.Store.Unrate(ctx, account, course)
}
