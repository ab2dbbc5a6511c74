// Package comments is what learners say about courses. Nobody else sees a comment before an admin
// has shown it; the org of the course may reply. Texts are plain: whoever shows one escapes it.
package comments

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/xunke/xunke/catalog"
)

// How long a text may be, in characters.
const (
	MinText = 2
	MaxText = 1000
)

// MaxWaiting is how many comments of one learner wait to be looked at.
const MaxWaiting = 20

// Often is how many comments a learner writes within OftenSpan.
const (
	Often     = 10
	OftenSpan = time.Hour
)

// State is how far a comment has come.
type State string

// The states.
const (
	Waiting State = "waiting" // an admin has not looked at it
	Shown   State = "shown"
	Hidden  State = "hidden"
)

// States are all of them.
func States() []State { return []State{Waiting, Shown, Hidden} }

// Comment is a comment as everybody sees it.
type Comment struct {
	ID        int64     `json:"id"`
	Nickname  string    `json:"nickname" about:"empty: the learner has none"`
	Text      string    `json:"text"`
	Stars     *int      `json:"stars" about:"the learner's rating of the course"`
	CreatedAt time.Time `json:"created_at"`
	Reply     *Reply    `json:"reply" about:"by the org of the course"`
}

// Reply is what an org says to a comment.
type Reply struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// CommentList is a page of a course's comments, the latest first.
type CommentList struct {
	Total int64     `json:"total"`
	Hits  []Comment `json:"hits"`
}

// Own is a comment as who wrote it, and an admin, sees it.
type Own struct {
	ID        int64       `json:"id"`
	Course    catalog.Ref `json:"course"`
	Text      string      `json:"text"`
	State     State       `json:"state"`
	CreatedAt time.Time   `json:"created_at"`
	Reply     *Reply      `json:"reply"`
}

// OwnList is a page of a learner's comments, or of an admin's, the latest first.
type OwnList struct {
	Total int64 `json:"total"`
	Hits  []Own `json:"hits"`
}

// Store keeps comments. Errors: CodeNotFound, CodeUnavailable; CodeLogin for an account that is
// not there any more.
type Store interface {
	// Add keeps a comment about a visible course. The same text about the same course is
	// there already, and stays as it is. CodeConflict for who has MaxWaiting that wait.
	Add(ctx context.Context, account, course int64, text string, now time.Time) error
	// Shown lists those of a visible course that are shown.
	Shown(ctx context.Context, course int64, p catalog.Page) (CommentList, error)
	Own(ctx context.Context, account int64, p catalog.Page) (OwnList, error)
	// Delete deletes one of an account's own.
	Delete(ctx context.Context, account, id int64) error
	// All are those of an account.
	All(ctx context.Context, account int64) ([]Own, error)
	// Erase deletes all of an account.
	Erase(ctx context.Context, account int64) error
}

// Moderation is what admins do with comments. Errors: CodeNotFound, CodeUnavailable.
type Moderation interface {
	// In lists those in a state; the oldest first where they wait.
	In(ctx context.Context, s State, p catalog.Page) (OwnList, error)
	// Decide shows or hides a comment. Who wrote it is told when it is shown for the first time.
	Decide(ctx context.Context, id int64, s State, now time.Time) error
	// Reply replies to a comment in the place of what was replied before, and tells who wrote
	// it; an empty text takes the reply back.
	Reply(ctx context.Context, id int64, text string, now time.Time) error
}

// Limit bounds how often somebody does something.
type Limit interface {
	// Take notes that who does it and returns 0, or returns how long who has to wait.
	Take(ctx context.Context, who string) time.Duration
}

// Service is what learners do with comments. A nil Limit is none; a nil Now is time.Now.
type Service struct {
	Store Store
	Limit Limit
	Log   *slog.Logger
	Now   func() time.Time
}

// Write keeps a comment, which then waits to be looked at. Errors: CodeInvalid, CodeNotFound,
// CodeConflict for who has too many that wait, CodeTooMany, CodeLogin, CodeUnavailable.
func (s *Service) Write(ctx context.Context, account, course int64, text string) error {
	text, why := ParseText(text)
	if why != "" {
		return catalog.Invalidf("text", "%s", why)
	}
	if s.Limit != nil {
		if wait := s.Limit.Take(ctx, strconv.FormatInt(account, 10)); wait > 0 {
			return &catalog.Error{Code: catalog.CodeTooMany, Message: "too many comments: wait a while", Wait: wait}
		}
	}
	now := time.Now().UTC()
	if s.Now != nil {
		now = s.Now().UTC()
	}
	return s.Store.Add(ctx, account, course, text, now)
}

// Shown lists the comments of a course. Errors: CodeNotFound, CodeUnavailable.
func (s *Service) Shown(ctx context.Context, course int64, p catalog.Page) (CommentList, error) {
	return s.Store.Shown(ctx, course, p)
}

// Own lists the comments of a learner. The error is CodeUnavailable.
func (s *Service) Own(ctx context.Context, account int64, p catalog.Page) (OwnList, error) {
	return s.Store.Own(ctx, account, p)
}

// Delete deletes a learner's own comment. Errors: CodeNotFound, CodeUnavailable.
func (s *Service) Delete(ctx context.Context, account, id int64) error {
	return s.Store.Delete(ctx, account, id)
}

// Export is all of a learner. The error is CodeUnavailable.
func (s *Service) Export(ctx context.Context, account int64) (Record, error) {
	list, err := s.Store.All(ctx, account)
	return Record{list}, err
}

// Erase deletes all of an account that is gone. The error is CodeUnavailable.
func (s *Service) Erase(ctx context.Context, account int64) error { return s.Store.Erase(ctx, account) }

// Record is all that a learner has said.
type Record struct {
	Comments []Own `json:"comments"`
}

// ErrTooManyWaiting is CodeConflict.
func ErrTooManyWaiting() error {
	return &catalog.Error{Code: catalog.CodeConflict, Message: fmt.Sprintf("%d of your comments wait to be looked at: wait until some were", MaxWaiting)}
}

// ParseText is a text without characters that cannot be seen, with single line breaks and at
// most one empty line between paragraphs. why says what is wrong with it, empty where nothing is.
func ParseText(typed string) (text, why string) {
	if len(typed) > 40*MaxText || !utf8.ValidString(typed) {
		return "", fmt.Sprintf("has more than %d characters", MaxText)
	}
	typed = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(norm.NFC.String(typed))
	var lines []string
	for line := range strings.SplitSeq(typed, "\n") {
		line = strings.Join(strings.Fields(strings.Map(visible, line)), " ")
		if line != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	text = strings.TrimSpace(strings.Join(lines, "\n"))
	switch n := utf8.RuneCountInString(text); {
	case n-strings.Count(text, joiner) < MinText:
		return "", "says nothing yet: write a few words"
	case n > MaxText:
		return "", fmt.Sprintf("has %d characters; at most %d are allowed", n, MaxText)
	}
	return text, ""
}

// joiner makes one emoji of several, and is nothing by itself.
const joiner = "\u200d"

// visible drops what cannot be seen. The joiner of emoji stays.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case string(r) == joiner:
		return r
	case r == utf8.RuneError, unicode.Is(unicode.C, r):
		return -1
	}
	return r
}
