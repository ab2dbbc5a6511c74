package indexer

import (
	"context"

	"github.com/xunke/xunke/catalog"
)

// Repair reads the rows behind keys and writes them to the live generations of a saved
// state, as the leader would. It needs no lease: its documents have the version of what
// it reads, so it neither overwrites anything newer nor holds the leader up. batchSize is
// the number of documents a bulk request. Only Reader, Writer, Follower, Scoring and Log
// are used.
func Repair(ctx context.Context, d Deps, batchSize int, s State, keys []catalog.Key) error {
	if s.Epoch == 0 {
		return &catalog.Error{
			Code: catalog.CodeUnavailable, Message: "there is no index to repair yet",
			Hint: "start the indexer, which builds it: xunke index",
		}
	}
	// The state is as old as its reading: an index that is gone by now is a generation
	// that the leader has let go since.
	a, err := newApplier(d, batchSize, func(string) bool { return false })
	if err != nil {
		return err
	}
	a.source = func() string { return s.ServerUUID }
	return a.apply(ctx, s.Epoch, "", keys, s.Live)
}

// VersionParts is the inverse of Version: the epoch of a document's version and how many
// transactions were executed when the document was read.
func VersionParts(version int64) (epoch, executed int64) {
	return version >> epochShift, version & (1<<epochShift - 1)
}
