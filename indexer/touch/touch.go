// Package touch finds the transaction that touched an item last, by reading the binlog once more.
package touch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/google/uuid"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
)

// How says by what a transaction made an item dirty: ByRow, ByCourse, or the name of the
// relation through which the item shows something of a parent.
type How string

// Ways that are no relation.
const (
	ByRow    How = "row"    // the item's own row, or one that belongs to it: a lesson, a day's counts, a course that comes or goes
	ByCourse How = "course" // a course that an org's or a teacher's figures count
)

// Touch is a transaction that made an item dirty. Of is the course's id or the parent's,
// 0 where the way has none.
type Touch struct {
	indexer.Mark
	How How   `json:"how"`
	Of  int64 `json:"of,omitempty"`
}

// FanOut is the fan-out by which the item was reached; ok is false where it was by none.
func (t Touch) FanOut() (f binlog.FanOut, ok bool) {
	if t.How == ByRow || t.How == ByCourse {
		return f, false
	}
	return binlog.FanOut{Relation: binlog.Relation(t.How), ID: t.Of}, true
}

// UnknownError reports that it is not known which transaction touched an item last: the
// search came to an end, or could not go on.
type UnknownError struct {
	Looked uint64    // transactions that were looked at, all of them newer than the others
	Since  time.Time // when the oldest of them was committed; zero when there was none
	All    bool      // the binlog has no others
	Cause  error     // why the search could not go on; nil: it went as far as it may
}

// Error is one phrase.
func (e *UnknownError) Error() string {
	looked := "no transaction was looked at"
	switch {
	case e.Looked > 0 && e.All:
		looked = fmt.Sprintf("none of the %d transactions on the binlog touched it, the oldest being of %s", e.Looked, e.Since.Format(time.RFC3339))
	case e.Looked > 0:
		looked = fmt.Sprintf("none of the last %d transactions touched it, the oldest being of %s", e.Looked, e.Since.Format(time.RFC3339))
	case e.All:
		looked = "no transaction is on the binlog"
	}
	if e.Cause == nil {
		return looked
	}
	cause, _, _ := strings.Cut(e.Cause.Error(), "\n")
	return cause + "; " + looked
}

// Unwrap is the cause.
func (e *UnknownError) Unwrap() error { return e.Cause }

// Errors that end a search.
var (
	errLookedAt   = errors.New("everything that was wanted was looked at")
	errTooLong    = errors.New("the search took too long")
	errTooMany    = errors.New("too many transactions might have touched it to ask about each")
	errPurgedAway = errors.New("the binlog was purged under the search")
	errForbidden  = errors.New("the replication user may not read the binlog")
)

// standardWindows is how many transactions are looked at, then how many, and so on. Most
// items that anyone asks about were touched lately, and a thousand transactions are read
// at once; a million take longer than anyone waits.
var standardWindows = []int64{1_000, 10_000, 100_000, 1_000_000}

// standardWithin is how long an answer is waited for.
const standardWithin = 5 * time.Second

// Finder finds the transaction that touched an item last, by reading the binlog once
// more, from some way back up to what is executed when it begins. It needs no state, and
// neither a running indexer nor one that stands still is disturbed by it: it registers at
// the source under a server id of its own.
type Finder struct {
	Reader indexer.Reader
	Source indexer.Source
	// Stream says where the binlog is. ServerID is the indexer's, the one that is not used;
	// Host is the name under which the reader registers.
	Stream  indexer.StreamOptions
	Windows []int64       // how many transactions to go back, ascending; nil: a thousand to a million
	Within  time.Duration // how long it may take; 0: 5 s
}

// LastTouch finds the newest transaction that made an item dirty. Which items a fan-out
// reaches and which figures a course counts in is asked now: whatever changed that since is
// a newer transaction that touched the item itself.
//
// The error is an UnknownError, or ctx's. A transaction that has no end of its own on the
// binlog, such as CREATE TRIGGER, is seen only when another follows: until then the search
// takes all the time that it has.
func (t *Finder) LastTouch(ctx context.Context, key catalog.Key) (*Touch, error) {
	within := t.Within
	if within == 0 {
		within = standardWithin
	}
	ctx, cancel := context.WithTimeoutCause(ctx, within, errTooLong)
	defer cancel()
	position, err := t.Source.Position(ctx)
	if err != nil {
		return nil, unknownError(ctx, UnknownError{}, err)
	}
	o := t.Stream
	o.ServerID = randomServerID(o.ServerID, position.ServerID)
	return t.search(ctx, key, position, func(from gtid.Set, sink binlog.Sink) error {
		handler := binlog.NewHandler(ctx, binlog.Options{
			Database: position.Database, FoldNames: position.FoldNames, Sink: sink, ServerID: position.ServerID, RequireTables: true,
		})
		return indexer.Stream(ctx, o, from, handler, new(atomic.Int64))
	})
}

// search goes back window by window. read delivers to a sink what is executed beyond a
// GTID set, until the sink has enough.
func (t *Finder) search(ctx context.Context, key catalog.Key, p indexer.Position, read func(from gtid.Set, sink binlog.Sink) error) (*Touch, error) {
	var so UnknownError
	executed, available, server, err := onBinlog(p)
	if err != nil {
		return nil, unknownError(ctx, so, err)
	}
	windows := t.Windows
	if windows == nil {
		windows = standardWindows
	}
	looked := gtid.NewSet()
	// A sweep of all documents touched the item if there was one then. Where it has no row
	// any more, that is known only when an older transaction is found.
	var swept *Touch
	for _, n := range windows {
		wanted := back(available, server, n).Subtract(looked)
		if wanted.IsEmpty() {
			break
		}
		sink := newSink(key, wanted)
		err := read(beyond(executed.Subtract(wanted)), sink)
		if !errors.Is(err, errLookedAt) {
			if err == nil {
				err = errors.New("the binlog stream ended")
			}
			return nil, unknownError(ctx, so, err)
		}
		found, sweep, err := t.newest(ctx, sink)
		if err != nil {
			return nil, unknownError(ctx, so, err)
		}
		if swept == nil {
			swept = sweep
		}
		if found != nil {
			if swept != nil {
				found = swept
			}
			return found, nil
		}
		looked.AddAll(wanted)
		so.Looked, so.Since = looked.Count(), sink.oldest
	}
	so.All = available.Subtract(looked).IsEmpty()
	return nil, &so
}

// onBinlog is what is executed, and what of that can still be read.
func onBinlog(p indexer.Position) (executed, available gtid.Set, server uuid.UUID, err error) {
	if server, err = uuid.Parse(p.ServerUUID); err != nil {
		return executed, available, server, fmt.Errorf("read identity of the source: %w", err)
	}
	if executed, err = gtid.Parse(p.Executed); err != nil {
		return executed, available, server, err
	}
	purged, err := gtid.Parse(p.Purged)
	return executed, executed.Subtract(purged), server, err
}

// back is the last n transactions of the source's own. Where it has not as many, it took
// the place of another server, or takes what others write: as many as are lacking are
// added of each of those, which come before on its binlog.
func back(available gtid.Set, server uuid.UUID, n int64) gtid.Set {
	window := available.Newest(server, n)
	n -= int64(window.Count())
	for _, other := range available.Servers() {
		if other != server {
			window.AddAll(available.Newest(other, n))
		}
	}
	return window
}

// beyond is a set to begin a stream at. canal takes an empty one for a position of a file,
// which has no GTIDs; a transaction that no server has executed keeps it from that.
func beyond(from gtid.Set) gtid.Set {
	if from.IsEmpty() {
		from.Add(uuid.Nil, 1)
	}
	return from
}

// randomServerID is a server id other than those in use. It is greater than 2^31, where
// administrators rarely put the ids of their own servers.
func randomServerID(used ...uint32) uint32 {
	for {
		if id := rand.Uint32() | 1<<31; !slices.Contains(used, id) {
			return id
		}
	}
}

// unknownError is what a search reports that could not go on.
func unknownError(ctx context.Context, so UnknownError, err error) error {
	switch {
	case errors.Is(context.Cause(ctx), errTooLong):
		err = errTooLong
	case ctx.Err() != nil:
		return ctx.Err()
	case indexer.IsPurged(err):
		err = errPurgedAway
	case slices.Contains(forbidden, serverError(err)):
		err = errForbidden
	}
	so.Cause = err
	return &so
}

// forbidden are the server's error numbers for what a user may not do. Who may not register
// as a replica gets the same one as who has no such password; that is asked before, though.
var forbidden = []uint16{
	gomysql.ER_DBACCESS_DENIED_ERROR, gomysql.ER_ACCESS_DENIED_ERROR, gomysql.ER_TABLEACCESS_DENIED_ERROR, gomysql.ER_SPECIFIC_ACCESS_DENIED_ERROR,
}

// errorNumber is how the library writes a server's error.
var errorNumber = regexp.MustCompile(`ERROR (\d+) \(`)

// serverError is the number of the server's error in what a stream ended with, 0 when there
// is none. canal keeps only the words of an error with which a stream could not begin.
func serverError(err error) uint16 {
	if e, ok := errors.AsType[*gomysql.MyError](err); ok {
		return e.Code
	}
	if err == nil {
		return 0
	}
	found := errorNumber.FindStringSubmatch(err.Error())
	if found == nil {
		return 0
	}
	n, err := strconv.ParseUint(found[1], 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}
