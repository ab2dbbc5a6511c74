package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/embed/e5"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/oracle"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/ops"
)

func newStatusCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show what serves, what is behind and what is wrong",
		Long:  "Show the servers, the processes, the indices, how far the indexer is and what went wrong last.\nExit status: 0, or 1 when searches or changes do not work.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.log = slog.New(slog.DiscardHandler) // what a client would say is shown
			s := a.installation().Status(cmd.Context())
			s.Meaning = a.meaningProblem()
			if a.json {
				if err := printJSON(s); err != nil {
					return err
				}
			} else {
				fmt.Print(&s)
			}
			if !s.Usable {
				return exitError(1)
			}
			return nil
		},
	}
}

// meaningProblem is why searches by meaning do not work here, or hardly, and what to do; empty: they do.
func (a *app) meaningProblem() string {
	for _, f := range e5.Examine(a.config.Meaning.Model) {
		if f.Status != doctor.OK {
			return fmt.Sprintf("%s (%s)", f.Found, cmp.Or(f.Fix, "xunke doctor"))
		}
	}
	return ""
}

// installation is what a status is made of, put together from the configuration.
func (a *app) installation() ops.Installation {
	i := ops.Installation{
		MySQLAddress: mysql.AddressOf(a.config.MySQL.DSN),
		OpenMySQL: func(ctx context.Context) (ops.MySQL, error) {
			db, err := a.mysql(ctx)
			if err != nil {
				return nil, err
			}
			return statusMySQL{db, a.config.Elasticsearch.Prefix, len(a.config.MySQL.Addresses) > 0}, nil
		},
		ElasticsearchAddress: elastic.PlainAddress(a.config.Elasticsearch.Addresses[0]),
		OpenElasticsearch: func() (ops.Elasticsearch, ops.States, error) {
			client, err := a.elasticsearch()
			if err != nil {
				return nil, nil, err
			}
			return statusElasticsearch{client}, index.NewStateStore(client), nil
		},
		OpenRedis: func() ops.Redis { return redis.Open(redis.Options(a.config.Redis), a.log) },
		RunDir:    a.config.RunDir,
	}
	if several := a.config.MySQL.Addresses; len(several) > 0 {
		i.MySQLAddress = strings.Join(several, ", ")
	}
	if len(a.config.Redis.Addresses) > 0 {
		i.RedisAddress = a.config.Redis.Addresses[0]
	}
	return i
}

// statusElasticsearch asks Elasticsearch what a status needs of it.
type statusElasticsearch struct{ *elastic.Client }

var _ ops.Elasticsearch = statusElasticsearch{}

// CountDeadLetters implements ops.Elasticsearch.
func (e statusElasticsearch) CountDeadLetters(ctx context.Context, kinds ...catalog.Kind) (n int64, oldest *time.Time, err error) {
	return index.NewDeadLetters(e.Client).Count(ctx, kinds...)
}

// statusMySQL asks MySQL what a status needs of it.
type statusMySQL struct {
	*mysql.Pool
	prefix  string // of the indices that the lease is for
	several bool   // servers are configured
}

var _ ops.MySQL = statusMySQL{}

// Server implements ops.MySQL.
func (m statusMySQL) Server(ctx context.Context) (version, address string, err error) {
	err = m.Write.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version)
	if err == nil && m.several {
		address, err = m.Address(ctx)
	}
	return version, address, err
}

// Writable implements ops.MySQL.
func (m statusMySQL) Writable(ctx context.Context) []string {
	var addresses []string
	for _, member := range m.Members(ctx) {
		if member.Writable {
			addresses = append(addresses, member.Address)
		}
	}
	return addresses
}

// Leads implements ops.MySQL.
func (m statusMySQL) Leads(ctx context.Context) (bool, error) {
	return source.NewLease(m.Write, m.prefix).IsHeld(ctx)
}

// Unindexed implements ops.MySQL.
func (m statusMySQL) Unindexed(ctx context.Context, acked string) (uint64, error) {
	oracle := oracle.New(m.Write)
	executed, err := oracle.ExecutedSet(ctx)
	if err != nil {
		return 0, err
	}
	return oracle.Lacks(ctx, executed, acked)
}
