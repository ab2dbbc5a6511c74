package rankings

import (
	"context"
	"errors"
	"time"

	"github.com/xunke/xunke/catalog"
)

// What boards answer besides catalog.Error values of CodeUnavailable, whose cause is
// catalog.ErrNotConfigured where there is no server for them.
var (
	// ErrNoBoards says that there are no complete boards: they were never built, or were
	// lost. Only a rebuild helps.
	ErrNoBoards = errors.New("there are no boards")
	// ErrLost says that the boards no longer know the follower: they were lost.
	ErrLost = errors.New("the boards were lost")
	// ErrSuperseded says that another follower or another rebuild has taken over.
	ErrSuperseded = errors.New("another has taken over")
	// ErrScoring says that the boards were made with other weights than those configured
	// here, and that a rebuild is due.
	ErrScoring = errors.New("the boards were made with other weights")
	// ErrBusy says that another rebuild is under way.
	ErrBusy = errors.New("another rebuild is under way")
)

// Board is read for every ranking. The time decides which days a window has.
type Board interface {
	// Top returns at most q.Limit items in the order of their scores, ties by ascending
	// id, and the time as of which that is. ErrNoBoards, or CodeUnavailable in time for a
	// substitute to answer.
	Top(ctx context.Context, q catalog.RankingQuery, now time.Time) (Top, error)
	// Places says where an item stands; a window in which it is on no board is absent.
	// Errors as those of Top.
	Places(ctx context.Context, key catalog.Key, now time.Time) (map[catalog.Window]Place, error)
}

// Top is the head of a board.
type Top struct {
	Items []catalog.RankingItem
	At    time.Time
}

// Place is where an item stands on a board; Rank counts from 1.
type Place struct {
	Rank  int     `json:"rank"`
	Score float64 `json:"score"`
}

// Writer takes what a follower settles. A sequence number counts its writes, so that a
// follower sees that some were lost when the number is not the one that it left.
type Writer interface {
	// Claim makes a follower the only one that is heard, and returns the number it goes
	// on from.
	Claim(ctx context.Context, follower string) (sequence int64, err error)
	// Settle writes entries at once or not at all, into the live boards and those that are
	// being rebuilt. ErrLost, ErrSuperseded, ErrNoBoards or CodeUnavailable.
	Settle(ctx context.Context, follower string, entries []Entry, now time.Time) (sequence int64, err error)
	// Tend prepares the boards of today and of tomorrow, and returns the number of the
	// last write. Errors as those of Settle, and ErrScoring.
	Tend(ctx context.Context, follower string, now time.Time) (sequence int64, err error)
}

// Builder starts rebuilds.
type Builder interface {
	// Begin makes empty boards beside the live ones. From then on they take what
	// followers settle. ErrBusy, or CodeUnavailable.
	Begin(ctx context.Context, now time.Time) (Build, error)
}

// Build is one rebuild. Its errors are ErrSuperseded, when it was silent for too long,
// and CodeUnavailable.
type Build interface {
	// Write adds entries; those of a follower outrank them, because what changed since the
	// rebuild read it comes from there.
	Write(ctx context.Context, entries []Entry, now time.Time) error
	// Finish makes the new boards the live ones, at once, and removes all others.
	Finish(ctx context.Context, now time.Time) error
	// Abort removes the new boards.
	Abort(ctx context.Context) error
}

// Source reads entries from MySQL.
type Source interface {
	// Entries returns the visible items to which something happened among the next limit
	// items after an id, in the order of ids, and the id from which to go on, 0 at the end.
	Entries(ctx context.Context, k catalog.Kind, after int64, limit int) (entries []Entry, next int64, err error)
	// Entry returns one item. A hidden one has Deleted set; one that is not there is an
	// error of CodeNotFound.
	Entry(ctx context.Context, key catalog.Key) (Entry, error)
}

// Substitute is an index whose documents know what happened to them.
type Substitute interface {
	// Hottest returns at most q.Limit items of a window that ends now, with the scores that
	// the boards would have. For all of history it goes on with items to which nothing
	// has happened. The error is of CodeUnavailable.
	Hottest(ctx context.Context, q catalog.RankingQuery, now time.Time) ([]catalog.RankingItem, error)
}
