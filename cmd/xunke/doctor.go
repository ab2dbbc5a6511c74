package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/elastic"
	elasticdoctor "github.com/xunke/xunke/internal/elastic/doctor"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/embed/e5"
	"github.com/xunke/xunke/internal/mysql"
	mysqldoctor "github.com/xunke/xunke/internal/mysql/doctor"
	"github.com/xunke/xunke/internal/mysql/source"
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
		MySQL:    a.examineMySQL,
		Elasticsearch: func(ctx context.Context, state indexer.State) doctor.Findings {
			return elasticdoctor.Examine(ctx, client, elastic.PlainAddress(a.config.Elasticsearch.Addresses[0]), state)
		},
		Redis: a.examineRedis,
	}.Run(ctx)
}

func (a *app) examineMySQL(ctx context.Context, state indexer.State, unknown error) doctor.Findings {
	area := doctor.Area{Name: "mysql"}
	c := doctor.Check{Name: "connection", Why: "MySQL is the source of truth", Fix: "start MySQL, or set mysql.dsn (XUNKE_MYSQL_DSN) and indexer.replication_dsn (XUNKE_INDEXER_REPLICATION_DSN)"}
	open := func(dsn string) (*mysql.Pool, bool) {
		db, err := mysql.Open(ctx, dsn, a.config.MySQL.Addresses...)
		if err != nil {
			area.Fail(c, "%v", err)
		}
		return db, err == nil
	}
	app, ok := open(a.config.MySQL.DSN)
	if !ok {
		return area.Findings
	}
	defer func() { _ = app.Close() }() // nothing was written
	database, err := app.Database(ctx)
	if err != nil {
		area.Unknown(c, err)
		return area.Findings
	}
	replication, ok := open(a.config.Indexer.ReplicationDSN)
	if !ok {
		return area.Findings
	}
	defer func() { _ = replication.Close() }()
	return mysqldoctor.Examine(ctx, mysqldoctor.Installation{
		App: app, Replication: replication, Separate: a.config.Indexer.ReplicationDSN != a.config.MySQL.DSN,
		ServerID: a.config.Indexer.ServerID, Host: source.ReplicaHost(database, a.config.Elasticsearch.Prefix),
		Tables:    binlog.Tables(),
		Client:    mysql.ClientCommand(a.config.MySQL.DSN),
		Stateless: unknown, Acked: state.Acked, Oldest: state.OldestUnacked,
	})
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
