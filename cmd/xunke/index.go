package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/embed"
	"github.com/xunke/xunke/internal/embed/e5"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/mappings"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/rankings"
	"github.com/xunke/xunke/verify"
)

func newIndexCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "index",
		Short: "Run the indexer: a snapshot if there is none, then every change about a second later",
		Long: "Run the indexer. It takes a snapshot when there is no index yet and then follows the binlog.\n" +
			"Any number may run; one leads, the others wait and take over.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.warnOfVariables()
			release, err := a.writePID("indexer")
			if err != nil {
				return err
			}
			defer release()
			return a.index(cmd.Context())
		},
	}
}

// writableEvery is how often an indexer that starts where no server takes writes looks again.
const writableEvery = 5 * time.Second

// index runs the indexer until ctx ends.
func (a *app) index(ctx context.Context) error {
	parts, err := a.indexing(ctx)
	for errors.Is(err, mysql.ErrNoneWritable) {
		// A replica is being promoted, or nobody has thought of it yet.
		a.log.Error("waiting for a server of MySQL that takes writes", "err", err)
		select {
		case <-time.After(writableEvery):
		case <-ctx.Done():
			return nil
		}
		parts, err = a.indexing(ctx)
	}
	if err != nil {
		return err
	}
	defer parts.close()
	reconciler := verify.Reconciler{Verifier: parts.verifier(), RowsPerSecond: a.config.Indexer.ReconcileRows, Log: a.log}
	if a.config.Indexer.ReconcileRepair {
		reconciler.Verifier.Repairer = repairer{parts}
	}
	parts.deps.Reconciler = reconciler
	parts.options.ReconcileEvery = a.config.Indexer.ReconcileEvery
	parts.deps.Sentinel = sentinel{source.NewSentinel(parts.db.Write, a.config.Elasticsearch.Prefix), index.NewSentinel(parts.client)}
	parts.options.SumsEvery = a.config.Indexer.SumsEvery
	parts.options.SentinelEvery, parts.options.SentinelWithin = a.config.Indexer.SentinelEvery, indexer.SentinelWithin
	model := a.model()
	parts.deps.VectorStore, parts.deps.Embedder = source.NewVectors(parts.db.Write), embed.Passages{Live: model}
	parts.options.VectorShare = a.config.Meaning.Share
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return model.Run(ctx) })
	group.Go(func() error { return indexer.Run(ctx, parts.deps, parts.options) })
	return group.Wait()
}

// model is the model of searches by meaning; Run opens its file.
func (a *app) model() embed.Live {
	return embed.NewLive(a.config.Meaning.Model, func(path string) (embed.Model, error) { return e5.Open(path) }, a.log)
}

// sentinel is the row and the search for it.
type sentinel struct {
	*source.Sentinel
	found *index.Sentinel
}

var _ indexer.Sentinel = sentinel{}

// Finds implements indexer.Sentinel.
func (s sentinel) Finds(ctx context.Context, at time.Time) (bool, error) {
	return s.found.Finds(ctx, at)
}

// indexing is an indexer put together from the configuration.
type indexing struct {
	deps     indexer.Deps
	options  indexer.Options
	db       *mysql.Pool
	client   *elastic.Client
	requests *source.Requests
	lease    *source.Lease
	closers  []func() error
}

func (p *indexing) close() {
	for _, c := range p.closers {
		// What is closed here has nothing left to lose.
		_ = c()
	}
}

func (a *app) indexing(ctx context.Context) (_ *indexing, err error) {
	p := &indexing{}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if p.db, err = a.mysql(ctx); err != nil {
		return nil, err
	}
	p.closers = append(p.closers, p.db.Close)
	pending, err := mysql.PendingMigrations(ctx, p.db.Write)
	if err != nil {
		return nil, err
	}
	if len(pending) > 0 {
		return nil, fmt.Errorf("the schema is %d migrations behind (run: xunke migrate)", len(pending))
	}
	replication, err := mysql.Open(ctx, a.config.Indexer.ReplicationDSN, a.config.MySQL.Addresses...)
	if err != nil {
		return nil, fmt.Errorf("connect as replication user: %w", err)
	}
	p.closers = append(p.closers, replication.Close)
	if p.client, err = a.elasticsearch(); err != nil {
		return nil, err
	}
	client := p.client
	database, err := p.db.Database(ctx)
	if err != nil {
		return nil, err
	}
	cache := redis.Open(redis.Options(a.config.Redis), a.log)
	p.closers = append(p.closers, cache.Close)
	rankingBoards := boards.New(cache, a.config.Rankings.Scoring())
	host := source.ReplicaHost(database, a.config.Elasticsearch.Prefix)
	p.requests = source.NewRequests(p.db.Write)
	p.lease = source.NewLease(p.db.Write, a.config.Elasticsearch.Prefix)
	reader := source.NewReader(p.db.Write, a.config.Elasticsearch.Prefix)
	p.deps = indexer.Deps{
		Reader:   reader,
		Sizer:    reader,
		Source:   source.New(replication, p.db, host, a.log),
		Lease:    p.lease,
		Requests: p.requests,
		Writer:   index.NewWriter(client),
		Indices: index.NewIndices(client, mappings.Options{
			Shards: a.config.Elasticsearch.Shards, Replicas: a.config.Elasticsearch.Replicas, Refresh: a.config.Indexer.Refresh,
		}),
		Lister: index.NewLister(client),
		States: func() indexer.StateStore { return index.NewStateStore(client) },
		Follower: rankings.NewFollower(rankingBoards, &rankings.Rebuild{
			Builder: rankingBoards, Source: store.NewRankingSource(p.db.Write), Log: a.log,
		}, a.log),
		Scoring: a.config.Rankings.Scoring(),
		Log:     a.log,
	}
	p.options = indexer.Options{
		Stream:    a.stream(replication, host),
		BatchSize: a.config.Indexer.BatchSize,
		Grace:     a.config.Indexer.Grace,
	}
	return p, nil
}

// stream says where the binlog is, to whoever registers at the source as host.
func (a *app) stream(replication *mysql.Pool, host string) indexer.StreamOptions {
	return indexer.StreamOptions{
		DSN:      a.config.Indexer.ReplicationDSN,
		ServerID: a.config.Indexer.ServerID, Host: host,
		Find: func(ctx context.Context) (string, error) {
			address, err := replication.Address(ctx)
			if err != nil {
				return "", err
			}
			return mysql.At(a.config.Indexer.ReplicationDSN, address)
		},
	}
}

// firstIndex tells how far the first index is, for as long as it is being built.
func firstIndex(client *elastic.Client) func(context.Context) string {
	states := index.NewStateStore(client)
	return func(ctx context.Context) string { return ops.FirstIndex(ctx, states) }
}
