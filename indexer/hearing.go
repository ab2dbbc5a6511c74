package indexer

import (
	"context"
	"fmt"

	"github.com/xunke/xunke/catalog"
)

// runHearing writes a row and sees whether it comes over the stream as a row of a table
// that is followed. A stream that brings transactions and none of these rows, because they
// have other names there or are left out, looks like one of a catalogue that nobody
// changes: everything is acknowledged and nothing is indexed. The error ends the
// leadership, and so is in the log and in the state.
func (l *leader) runHearing(ctx context.Context) error {
	if err := l.catchUpMark(ctx, "hearing"); err != nil {
		return err
	}
	if l.heard.Load() > 0 {
		return nil
	}
	position, err := l.Source.Position(ctx)
	if err != nil {
		return err
	}
	return &catalog.Error{
		Code:    catalog.CodeInvalid,
		Message: fmt.Sprintf("a row that was written does not come over the binlog as one of the database %s: no change is heard of", position.Database),
		Hint: "run: xunke doctor; see that mysql.dsn and indexer.replication_dsn name the same database of the same server, that no filter leaves it out of " +
			"the binlog, and that nothing that stands between the indexer and the server sets sql_log_bin = 0",
	}
}
