package indexer

import (
	"context"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/mappings"
)

// Snapshot is what MySQL says of some keys at one moment. A key that is in none of the
// maps has no visible row. ServerUUID is the server that it is of. Executed is the number of transactions that the source had
// executed just before the moment of the snapshot, so it never counts one that the
// snapshot does not have.
type Snapshot struct {
	ServerUUID string
	Executed   uint64
	Courses    map[int64]mappings.Course
	Stars      map[int64]int64 // of the ratings of each course, added up
	Orgs       map[int64]mappings.Org
	Teachers   map[int64]mappings.Teacher
	Histories  map[catalog.Key][]catalog.DailyCounts
	Sentinel   time.Time // when it was written; zero: never, or its key was not asked for
}

// Reader reads documents from the source of truth. Errors are worth a retry unless they
// are catalog.Error values with a hint.
type Reader interface {
	// Read waits until the source has executed the GTID set wait (empty: no wait) and
	// then reads the current rows behind keys in one consistent snapshot. Of the histories of
	// keys that are in days it reads these days only, by their numbers (catalog.DayNumber).
	Read(ctx context.Context, wait string, keys []catalog.Key, days map[catalog.Key][]int64) (Snapshot, error)
	// Parents returns, of each of these courses, the org and the teachers whose aggregates count
	// it now, and, of those that are in counted too, the days on which it has counts.
	Parents(ctx context.Context, wait string, courses, counted []int64) (map[int64][]catalog.Key, map[int64]binlog.Days, error)
	// Page returns up to limit ids of a relation's documents greater than after, ascending.
	Page(ctx context.Context, f binlog.FanOut, after int64, limit int) ([]int64, error)
	// Last is the greatest id of a kind, 0 when there is no row.
	Last(ctx context.Context, k catalog.Kind) (int64, error)
	// Count is the number of visible rows of a kind.
	Count(ctx context.Context, k catalog.Kind) (int64, error)
}

// Sizer counts the documents of a fan-out.
type Sizer interface {
	// Size is the number of a relation's documents.
	Size(ctx context.Context, f binlog.FanOut) (int64, error)
}

// Position is where the source's history stands.
type Position struct {
	ServerUUID string
	ServerID   uint32
	Executed   string // GTID set
	Purged     string // GTID set that is on no binlog any more
	// Database is whose tables are followed, as the server spells it; FoldNames says that it
	// takes names of databases and tables in any case (lower_case_table_names is not 0).
	Database  string
	FoldNames bool
}

// Source is the source of truth as a replication source.
type Source interface {
	// Position reads the server's identity and GTID sets.
	Position(ctx context.Context) (Position, error)
	// Check returns a catalog.Error with a hint for the first precondition of indexing
	// that the server does not fulfil: CodeUnavailable for what may be in order in a moment.
	Check(ctx context.Context, serverID uint32) error
	// Renew closes connections, so that the next ones lead to the server that is the source
	// now.
	Renew()
	// TablesCreated is when the tables that documents are made of were made, in Unix seconds. A
	// table that is not there is not in it.
	TablesCreated(ctx context.Context) (map[string]int64, error)
	// Mark writes a row, so that a transaction newer than everything before is on the binlog.
	Mark(ctx context.Context, name, token string) error
}

// Lease makes one indexer the leader.
type Lease interface {
	// Acquire waits until this process leads or ctx ends. lost is closed when the lease
	// may have passed to another; release gives it back and is safe to call twice.
	Acquire(ctx context.Context) (lost <-chan struct{}, release func(), err error)
}

// Request is an admin's wish for a reindex or a rollback.
type Request struct {
	ID     int64
	Action string // reindex or rollback
	Kinds  []catalog.Kind
}

// Requests is the list of what admins ask for, through which the command line talks to
// whichever process leads.
type Requests interface {
	// Next returns the oldest unfinished request, nil when there is none.
	Next(ctx context.Context) (*Request, error)
	// Finish records how a request ended; an empty message means well.
	Finish(ctx context.Context, id int64, failure string) error
}
