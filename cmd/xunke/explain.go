package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/touch"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/oracle"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/verify"
)

func newExplainCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "explain KIND ID",
		Short: "Tell everything about one item: its row, its documents, their versions, what differs and why",
		Long: "Tell everything about one item: its row, its documents and their versions, what differs, what is on its way,\n" +
			"and which transaction touched it last. That is looked for on the binlog, for up to five seconds and up to a\n" +
			"million transactions back, as the replication user; it changes nothing.",
		Example: "  xunke explain course 42\n" +
			"  xunke explain org 7 --json",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := parseItem(args)
			if err != nil {
				return err
			}
			return a.explain(cmd.Context(), key)
		},
	}
}

func (a *app) explain(ctx context.Context, key catalog.Key) error {
	a.log = logger(os.Stderr, a.config.Log, slog.LevelWarn)
	db, err := a.mysql(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // nothing was written
	client, err := a.elasticsearch()
	if err != nil {
		return err
	}
	oracle := oracle.New(db.Write)
	v := verify.Verifier{
		Scoring: a.config.Rankings.Scoring(),
		Oracle:  oracle,
		Index:   index.NewLister(client),
		States:  index.NewStateStore(client),
		Leader:  source.NewLease(db.Write, a.config.Elasticsearch.Prefix),
	}
	e, err := v.Explain(ctx, key, oracle, index.NewDeadLetters(client), toucher{a: a, db: db})
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(e)
	}
	fmt.Print(ops.ExplanationText(e))
	return nil
}

var _ verify.Touches = (*touch.Finder)(nil)

// toucher is an touch.Finder that connects only when it is asked: without a replication
// user that works everything else about an item can still be told.
type toucher struct {
	a  *app
	db *mysql.Pool
}

// replicationWithin bounds the wait for a replication user who cannot connect.
const replicationWithin = 5 * time.Second

// LastTouch implements verify.Touches.
func (t toucher) LastTouch(ctx context.Context, key catalog.Key) (*touch.Touch, error) {
	c := t.a.config
	connecting, cancel := context.WithTimeout(ctx, replicationWithin)
	defer cancel()
	replication, err := mysql.Open(connecting, c.Indexer.ReplicationDSN, c.MySQL.Addresses...)
	if err != nil {
		return nil, fmt.Errorf("connect as replication user: %w", err)
	}
	defer func() { _ = replication.Close() }() // nothing was written
	database, err := t.db.Database(connecting)
	if err != nil {
		return nil, err
	}
	host := source.ExplainHost(database, c.Elasticsearch.Prefix)
	find := touch.Finder{
		Reader: source.NewReader(t.db.Write, c.Elasticsearch.Prefix),
		Source: source.New(replication, t.db, host, t.a.log),
		Stream: t.a.stream(replication, host),
	}
	return find.LastTouch(ctx, key)
}
