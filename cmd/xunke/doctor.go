package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/elastic"
	elasticdoctor "github.com/xunke/xunke/internal/elastic/doctor"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/embed/e5"
	mysqldoctor "github.com/xunke/xunke/internal/mysql/doctor"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/ops"
)

func newDoctorCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check every precondition, with why it matters and the command that mends it",
		Long:  "Check everything that Xunke relies on in MySQL, Elasticsearch, Redis and the configuration. Nothing is\nchanged. Exit status: 0, or 1 when there is a failure; warnings do not count.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.log = slog.New(slog.DiscardHandler) // what a client would say is a finding
			findings := append(a.examine(cmd.Context()), e5.Examine(a.config.Meaning.Model)...)
			d := ops.Diagnosis{Status: findings.Worst(), Findings: findings}
			if a.json {
				if err := printJSON(d); err != nil {
					return err
				}
			} else {
				fmt.Print(d)
			}
			if d.Status == doctor.Failure {
				return exitError(1)
			}
			return nil
		},
	}
}

// examine puts the examination together from the configuration and runs it.
func (a *app) examine(ctx context.Context) doctor.Findings {
	settings := ops.Settings{File: a.config.File, CursorSecret: a.config.API.CursorSecret != "", RunDir: a.config.RunDir}
	client, err := a.elasticsearch()
	if err != nil {
		area := doctor.Area{Name: "elasticsearch"}
		area.Fail(doctor.Check{Name: "client", Why: "documents are searched there", Fix: "set elasticsearch.addresses (XUNKE_ELASTICSEARCH_ADDRESSES)"}, "%v", err)
		return append(settings.Examine(), area.Findings...)
	}
	return ops.Examination{
		Settings: settings,
		States:   index.NewStateStore(client),
		MySQL: func(ctx context.Context, state indexer.State, unknown error) doctor.Findings {
			return mysqldoctor.ExamineAt(ctx, mysqldoctor.Place{
				DSN: a.config.MySQL.DSN, ReplicationDSN: a.config.Indexer.ReplicationDSN, Addresses: a.config.MySQL.Addresses,
				Prefix: a.config.Elasticsearch.Prefix,
			}, mysqldoctor.Installation{
				ServerID: a.config.Indexer.ServerID, Tables: binlog.Tables(),
				Stateless: unknown, Acked: state.Acked, Oldest: state.OldestUnacked, TablesCreated: state.TablesCreated,
				Documents: func(ctx context.Context, k catalog.Kind) (int64, error) {
					return client.Searchable(ctx, client.Alias(k))
				},
			})
		},
		Elasticsearch: func(ctx context.Context, state indexer.State) doctor.Findings {
			return elasticdoctor.Examine(ctx, client, elastic.PlainAddress(a.config.Elasticsearch.Addresses[0]), a.config.Elasticsearch.Username, state)
		},
		Redis: a.examineRedis,
	}.Run(ctx)
}

func (a *app) examineRedis(ctx context.Context) doctor.Findings {
	cache := redis.Open(redis.Options(a.config.Redis), a.log)
	defer func() { _ = cache.Close() }() // nothing was written
	address := ""
	if len(a.config.Redis.Addresses) > 0 {
		address = a.config.Redis.Addresses[0]
	}
	return redis.Examine(ctx, cache, address)
}
