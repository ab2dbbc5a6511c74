package ops

import (
	"context"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

// MySQL is an open connection to the source of truth. Errors are those of the server.
type MySQL interface {
	// Server returns the version of the server that is used and, of several, its address.
	Server(ctx context.Context) (version, address string, err error)
	// Writable returns the addresses of the servers that take writes.
	Writable(ctx context.Context) []string
	// Leads says whether any indexer leads.
	Leads(ctx context.Context) (bool, error)
	// Unindexed counts the transactions that are executed and not in a set of GTIDs.
	Unindexed(ctx context.Context, acked string) (uint64, error)
	// Close ends the connection. Nothing was written, so nothing can be lost.
	Close() error
}

// Elasticsearch is where documents are. Errors are catalog.Error values of CodeUnavailable.
type Elasticsearch interface {
	Version(ctx context.Context) (string, error)
	// CountDeadLetters counts those of some kinds, or all, and says when the oldest of
	// them was refused; nil if there are none.
	CountDeadLetters(ctx context.Context, kinds ...catalog.Kind) (n int64, oldest *time.Time, err error)
	// Alias is the name under which a kind is searched.
	Alias(k catalog.Kind) string
	// AliasOf returns the indices that the alias points at.
	AliasOf(ctx context.Context, k catalog.Kind) ([]string, error)
	// Searchable counts the documents of an index that searches may find.
	Searchable(ctx context.Context, index string) (int64, error)
}

// States reads the indexer's state. Errors: CodeUnavailable.
type States interface {
	LoadState(ctx context.Context) (indexer.State, error)
}

// Redis is an open connection to the server of rankings and events.
type Redis interface {
	Version(ctx context.Context) (string, error)
	Close() error
}
