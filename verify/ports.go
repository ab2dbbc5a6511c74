package verify

import (
	"context"
	"encoding/json"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/touch"
)

// Facts is what MySQL says of one visible item, before anything is made of it. A kind
// uses the fields that its documents have.
type Facts struct {
	ID          int64
	Key         *string
	Name        string
	Summary     string
	Description string // a teacher's bio
	Title       string
	Image       string
	Category    string // a course's; "" where there is none
	Level       string
	Language    string
	Created     string // RFC 3339, UTC
	Org         *Named // nil: none, or a hidden one
	OrgCategory string // the org's, or its own
	City        string // the org's, or its own
	Teachers    []Named
	Tags        []string
	Lessons     []string
	Minutes     int64
	Students    int64
	Courses     int64
	Favorites   int64
	Ratings     int64 // rows, and the sum of their stars
	Stars       int64
	Days        []Day
	Vector      *Vector // a course's; nil: none
}

// Vector is what a model made of a text, which may be an earlier one of the course.
type Vector struct {
	Model   string
	Text    string // hash of it
	Numbers []int
}

// Named is another item that a document names.
type Named struct {
	ID   int64
	Name string
}

// Day is what happened to an item on one day. Number counts days from 2020-01-01, and a
// day may come several times: once for the item itself and once for each of its courses.
type Day struct {
	Number     int64
	Views      int64
	Favorites  int64
	Enrolments int64
}

// Oracle says what the documents ought to be. It reads MySQL by statements of its own,
// none of which the indexer uses. Errors are those of the server.
type Oracle interface {
	// Count counts the rows of a kind, hidden ones included.
	Count(ctx context.Context, k catalog.Kind) (int64, error)
	// Page returns the visible items among the next limit rows after an id, ascending, in
	// one snapshot, and the id from which to go on, 0 at the end.
	Page(ctx context.Context, k catalog.Kind, after int64, limit int) (items []Facts, next int64, err error)
	// Of returns the visible items among ids in one snapshot, and how many transactions
	// were executed just before it.
	Of(ctx context.Context, k catalog.Kind, ids []int64) (items map[int64]Facts, executed uint64, err error)
	// ExecutedSet is the set of GTIDs that are executed now.
	ExecutedSet(ctx context.Context) (string, error)
	// Lacks counts the GTIDs of one set that another has not.
	Lacks(ctx context.Context, set, other string) (uint64, error)
}

// Hit is one document as a scan finds it.
type Hit struct {
	Name    string // its _id
	ID      int64  // its field id, by which the scan is sorted
	Version int64
	Source  json.RawMessage
}

// Index reads documents. Errors are those of the server.
type Index interface {
	// Scan calls each with pages of the documents that are not marked as deleted, as of
	// its beginning, in ascending order of their field id, whatever their _id is.
	Scan(ctx context.Context, index string, size int, each func([]Hit) error) error
	// Sample gets documents by id in real time, those marked as deleted too.
	Sample(ctx context.Context, index string, ids []int64) (map[int64]indexer.Stored, error)
}

// Aliases says which index each kind is searched in.
type Aliases interface {
	Serving(ctx context.Context) (map[catalog.Kind]string, error)
}

// States reads the indexer's state.
type States interface {
	LoadState(ctx context.Context) (indexer.State, error)
}

// Touches finds which transaction touched an item last.
type Touches interface {
	// LastTouch finds it. The error says in a phrase why it is not known.
	LastTouch(ctx context.Context, key catalog.Key) (*touch.Touch, error)
}

// Leader says whether any indexer leads.
type Leader interface {
	IsHeld(ctx context.Context) (bool, error)
}

// Progress shows a person how far a run has come.
type Progress interface {
	// Phase begins a part of a run; total is how many things it has.
	Phase(name string, total int64)
	// Add counts n more things of the part as done.
	Add(n int64)
	// Message shows a line of its own.
	Message(line string)
	// End ends the last part.
	End()
}

// silent is a Progress that shows nothing.
type silent struct{}

// Phase implements Progress.
func (silent) Phase(string, int64) {}

// Add implements Progress.
func (silent) Add(int64) {}

// Message implements Progress.
func (silent) Message(string) {}

// End implements Progress.
func (silent) End() {}

// Repairer mends documents the way the indexer writes them.
type Repairer interface {
	// Repair reads the current rows behind keys and writes them to every live generation.
	Repair(ctx context.Context, state indexer.State, keys []catalog.Key) error
	// Advance commits a transaction that changes nothing, so that the next read has a
	// greater version.
	Advance(ctx context.Context) error
}
