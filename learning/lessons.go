package learning

import (
	"context"
	"time"

	"github.com/xunke/xunke/catalog"
)

// MaxSeconds is the latest place in a lesson that can be told.
const MaxSeconds = 360_000

// DoneAt is how much of a lesson has to be seen for it to be done: few watch the credits.
const DoneAt = 0.9

// LessonState is how far a learner is in a lesson.
type LessonState struct {
	ID       int64      `json:"id"`
	Name     string     `json:"name"`
	Length   int        `json:"length" about:"seconds of its videos together; 0: not known"`
	Seconds  int        `json:"seconds" about:"where the learner was last"`
	Furthest int        `json:"furthest" about:"seconds; the furthest that the learner came"`
	Done     bool       `json:"done"`
	SeenAt   *time.Time `json:"seen_at" about:"null: never"`
}

// Place is where a learner goes on.
type Place struct {
	LessonID int64  `json:"lesson_id"`
	Name     string `json:"name"`
	Seconds  int    `json:"seconds"`
}

// Lessons keeps how far learners are.
type Lessons interface {
	// Watch notes where a learner is in a lesson. The lesson is done, for good, once done is
	// given or the furthest place is DoneAt of its length. CodeConflict for who does not
	// take the course.
	Watch(ctx context.Context, account, lesson int64, seconds int, done bool, now time.Time) (LessonState, error)
}

// Watch notes where a learner is in a lesson; done says that it is, which a lesson of unknown
// length needs. A place behind the end is the end. Errors: CodeInvalid, CodeNotFound,
// CodeConflict for who does not take the course, CodeTooMany, CodeLogin, CodeUnavailable.
func (s *Service) Watch(ctx context.Context, account, lesson int64, seconds int, done bool) (LessonState, error) {
	if seconds < 0 || seconds > MaxSeconds {
		return LessonState{}, catalog.Invalidf("seconds", "%d is not between 0 and %d", seconds, MaxSeconds)
	}
	if err := s.allow(ctx, account); err != nil {
		return LessonState{}, err
	}
	return s.Store.Watch(ctx, account, lesson, seconds, done, s.now())
}

// progressOf adds up lessons in their order: how many are done, how much of the whole that is
// (each lesson weighs the same), and where to go on: in the lesson seen last, or the next one
// after it that is not done.
func progressOf(lessons []LessonState) (done int, progress float64, next *Place) {
	last := -1
	for i, l := range lessons {
		switch {
		case l.Done:
			done++
			progress++
		case l.Length > 0:
			progress += min(1, float64(l.Furthest)/float64(l.Length))
		}
		if l.SeenAt != nil && (last < 0 || l.SeenAt.After(*lessons[last].SeenAt)) {
			last = i
		}
	}
	if len(lessons) == 0 {
		return 0, 0, nil
	}
	for i := range lessons {
		l := lessons[(max(last, 0)+i)%len(lessons)]
		if !l.Done {
			next = &Place{LessonID: l.ID, Name: l.Name, Seconds: l.Seconds}
			break
		}
	}
	return done, progress / float64(len(lessons)), next
}
