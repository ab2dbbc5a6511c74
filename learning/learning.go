// Package learning is what learners do with the catalogue: favourites, enrolments, ratings, and
// how far they are in lessons. Every action says how things shall be, so that doing it twice
// changes nothing, and counts are exact whatever is done at the same time.
package learning

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/xunke/xunke/catalog"
)

// What one account may have, so that a robot with an account is no heavier than a keen learner.
const (
	MaxFavorites  = 5000
	MaxEnrolments = 2000
)

// Actions is how many actions an account has within ActionsSpan. A player that tells every ten
// seconds where it is takes a tenth of them.
const (
	Actions     = 600
	ActionsSpan = 10 * time.Minute
)

// Item is a course, an org or a teacher in a list.
type Item struct {
	ID    int64        `json:"id"`
	Type  catalog.Kind `json:"type"`
	Name  string       `json:"name"`
	URL   string       `json:"url"`
	Image string       `json:"image"`
	Org   *catalog.Ref `json:"org"`
}

// Store keeps all of it. An item that is hidden is not there, except for who takes back what was
// done with it. Counts change in the transaction that changes a row. Errors: CodeNotFound,
// CodeUnavailable; CodeLogin for an account that is not there any more.
type Store interface {
	Favorites
	Enrolments
	Lessons
	// Export is all that is kept of an account.
	Export(ctx context.Context, account int64) (Record, error)
	// Erase deletes some rows of an account that is gone, with what they count for, and says
	// whether any are left.
	Erase(ctx context.Context, account int64) (left bool, err error)
}

// Limit bounds how often somebody does something.
type Limit interface {
	// Take notes that who does it and returns 0, or returns how long who has to wait.
	Take(ctx context.Context, who string) time.Duration
}

// Service is all that learners do with the catalogue. A nil Limit is none; a nil Now is time.Now.
type Service struct {
	Store Store
	Limit Limit
	Log   *slog.Logger
	Now   func() time.Time
}

func (s *Service) now() time.Time {
	if s.Now != nil {
		return s.Now().UTC()
	}
	return time.Now().UTC()
}

// allow notes an action. The error is CodeTooMany.
func (s *Service) allow(ctx context.Context, account int64) error {
	if s.Limit == nil {
		return nil
	}
	if wait := s.Limit.Take(ctx, strconv.FormatInt(account, 10)); wait > 0 {
		return &catalog.Error{Code: catalog.CodeTooMany, Message: "too often: wait a while", Wait: wait}
	}
	return nil
}

// conflict is an error about how things stand.
func conflict(format string, args ...any) error {
	return &catalog.Error{Code: catalog.CodeConflict, Message: fmt.Sprintf(format, args...)}
}

// ErrNotEnrolled is CodeConflict: what was asked for is for who takes the course.
func ErrNotEnrolled() error { return conflict("only who takes the course may do that: enrol first") }

// ErrFull is CodeConflict: an account has as many of something as it may have.
func ErrFull(most int, what string) error {
	return conflict("an account has at most %d %s: take some back first", most, what)
}
