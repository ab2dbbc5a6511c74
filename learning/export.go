package learning

import (
	"context"
	"time"

	"github.com/xunke/xunke/catalog"
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

// Erase deletes all that is kept of an account that is gone, a little at a time: the counts of
// thousands of items may change for it. It can be done again. The error is CodeUnavailable.
func (s *Service) Erase(ctx context.Context, account int64) error {
	for {
		left, err := s.Store.Erase(ctx, account)
		if err != nil || !left {
			return err
		}
	}
}
