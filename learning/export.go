package learning

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/outbox"
)

// Record is all that is kept of what a learner does. An item that is hidden or gone has no name.
type Record struct {
	Favorites []ExportedFavorite `json:"favorites"`
	Courses   []ExportedCourse   `json:"courses"`
	Ratings   []ExportedRating   `json:"ratings"`
	Lessons   []ExportedLesson   `json:"lessons"`
}

// ExportedFavorite is an item that the learner likes.
type ExportedFavorite struct {
	Type        catalog.Kind `json:"type"`
	ID          int64        `json:"id"`
	Name        string       `json:"name"`
	FavoritedAt time.Time    `json:"favorited_at"`
}

// ExportedCourse is a course that the learner takes.
type ExportedCourse struct {
	ID         int64     `json:"id"`
	Name       string    `json:"name"`
	EnrolledAt time.Time `json:"enrolled_at"`
}

// ExportedRating is what the learner thinks of a course.
type ExportedRating struct {
	CourseID int64     `json:"course_id"`
	Name     string    `json:"name"`
	Stars    int       `json:"stars"`
	RatedAt  time.Time `json:"rated_at"`
}

// ExportedLesson is how far the learner is in a lesson.
type ExportedLesson struct {
	ID       int64     `json:"id"`
	CourseID int64     `json:"course_id"`
	Name     string    `json:"name"`
	Seconds  int       `json:"seconds"`
	Furthest int       `json:"furthest"`
	Done     bool      `json:"done"`
	SeenAt   time.Time `json:"seen_at"`
}

// Export is all that is kept of an account. The error is CodeUnavailable.
func (s *Service) Export(ctx context.Context, account int64) (Record, error) {
	return s.Store.Export(ctx, account)
}

const jobErase = "learning.erase"

type eraseJob struct {
	Account int64 `json:"account"`
}

// EraseJob deletes all of an account after the request that deletes the account itself: counts of
// thousands of items are changed for it.
func EraseJob(account int64) (outbox.Job, error) {
	return outbox.NewJob(jobErase, eraseJob{account})
}

// Handlers are what does the jobs of this package. They can be done again.
func (s *Service) Handlers() map[string]outbox.Handler {
	return map[string]outbox.Handler{jobErase: s.erase}
}

func (s *Service) erase(ctx context.Context, raw json.RawMessage) error {
	var job eraseJob
	if err := json.Unmarshal(raw, &job); err != nil {
		return outbox.Permanent(fmt.Errorf("read a job: %w", err))
	}
	for {
		left, err := s.Store.Erase(ctx, job.Account)
		if err != nil || !left {
			return err
		}
	}
}
