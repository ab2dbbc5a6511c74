package indexer

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/xunke/xunke/catalog"
)

// Document is one document to write. The body is the whole document; nothing is ever
// updated in part.
type Document struct {
	ID      int64
	Version int64
	Body    json.RawMessage
}

// Outcome is what became of one document.
type Outcome struct {
	Status int    // Elasticsearch's: 200, 201, 409 (something newer is there), 400, 413 (too large), 429, …
	Reason string // of a refusal
}

// settled says that the index holds the document or a newer one.
func (o Outcome) isSettled() bool { return o.Status < 300 || o.Status == 409 }

// refused says that the index will never take the document as it is.
func (o Outcome) isRefused() bool { return o.Status == 400 || o.Status == 413 }

// Errors of the index.
var (
	// ErrStateMoved says that another indexer has saved its state since: this one no
	// longer leads.
	ErrStateMoved = errors.New("another indexer has taken over")
	// ErrIndexGone says that the index of a live generation does not exist any more.
	ErrIndexGone = errors.New("the index does not exist")
)

// Writer writes documents of one generation.
type Writer interface {
	// Write sends documents in as few requests as they fit in and returns an outcome for each, in order. An
	// error means that nothing is known: ErrIndexGone, or a catalog.Error of
	// CodeUnavailable that is worth a retry.
	Write(ctx context.Context, index string, documents []Document) ([]Outcome, error)
	// SaveDeadLetters keeps the keys of documents that were refused, and the reasons, for people.
	SaveDeadLetters(ctx context.Context, letters []DeadLetter) error
}

// DeadLetter names a document that Elasticsearch refused.
type DeadLetter struct {
	Kind   catalog.Kind `json:"kind"`
	ID     int64        `json:"id"`
	Index  string       `json:"index"`
	Reason string       `json:"reason"`
	GTID   string       `json:"gtid,omitempty"` // set of the transactions that were written together; none: a scan or a repair
	At     string       `json:"at"`             // RFC 3339, to the nanosecond
}

// KeptLetter is a dead letter as it was read, so that only that one is dropped and not the
// one that has taken its place since.
type KeptLetter struct {
	DeadLetter
	Sequence, Term int64 // _seq_no and _primary_term of its document
}

// Indices makes, finishes and swaps the indices of generations.
type Indices interface {
	// Create makes an empty index for bulk loading and its write alias.
	Create(ctx context.Context, k catalog.Kind, generation int) (Gen, error)
	// Finish ends bulk loading: it restores the settings, refreshes and waits until the
	// index can be searched.
	Finish(ctx context.Context, index string) error
	// Swap points the aliases of the kinds at these indices in one call.
	Swap(ctx context.Context, to map[catalog.Kind]string) error
	// Delete removes an index; one that is gone already is no error.
	Delete(ctx context.Context, index string) error
	// Serving returns the index that the alias of each kind points at; a kind without is absent.
	Serving(ctx context.Context) (map[catalog.Kind]string, error)
	// List names every index of the installation's kinds.
	List(ctx context.Context) ([]string, error)
}

// Lister reads what is in an index.
type Lister interface {
	// IDs returns up to limit ids greater than after of documents that are not deleted,
	// ascending, as of the last refresh.
	IDs(ctx context.Context, index string, after int64, limit int) ([]int64, error)
	// Count refreshes and counts the documents that are not deleted.
	Count(ctx context.Context, index string) (int64, error)
	// Refresh makes everything written so far visible to IDs and to searches.
	Refresh(ctx context.Context, index string) error
	// Sample returns the sources and versions of the given documents, deleted ones
	// included; an id without a document is absent.
	Sample(ctx context.Context, index string, ids []int64) (map[int64]Stored, error)
}

// Stored is a document as Elasticsearch holds it.
type Stored struct {
	Version int64
	Source  json.RawMessage
}
