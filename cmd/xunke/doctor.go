package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/spf13/cobra"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/doctor"
	elasticdoctor "github.com/xunke/xunke/internal/elastic/doctor"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/mysql"
	mysqldoctor "github.com/xunke/xunke/internal/mysql/doctor"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/redis"
)

// examineWithin bounds the examination of one server.
const examineWithin = 30 * time.Second

func newDoctorCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check every precondition, with why it matters and the command that mends it",
		Long:  "Check everything that Xunke relies on in MySQL, Elasticsearch, Redis and the configuration. Nothing is\nchanged. Exit status: 0, or 1 when there is a failure; warnings do not count.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.log = slog.New(slog.DiscardHandler) // what a client would say is a finding
			findings := a.examine(cmd.Context())
			if a.json {
				if err := printJSON(diagnosis{Status: findings.Worst(), Findings: findings}); err != nil {
					return err
				}
			} else {
				printFindings(findings)
			}
			if findings.Worst() == doctor.Failure {
				return exitError(1)
			}
			return nil
		},
	}
}

// diagnosis is what --json prints.
type diagnosis struct {
	Status   doctor.Status   `json:"status"` // of the worst finding
	Findings doctor.Findings `json:"findings"`
}

// examine asks the servers at the same time; one that is down keeps nobody waiting.
func (a *app) examine(ctx context.Context) doctor.Findings {
	ctx, cancel := context.WithTimeout(ctx, examineWithin)
	defer cancel()
	client, err := a.elasticsearch()
	if err != nil {
		area := doctor.Area{Name: "elasticsearch"}
		area.Fail(doctor.Check{Name: "client", Why: "documents are searched there", Fix: "set elasticsearch.addresses (XUNKE_ELASTICSEARCH_ADDRESSES)"}, "%v", err)
		return append(a.examineConfiguration(), area.Findings...)
	}
	state, unknown := index.NewStateStore(client).LoadState(ctx)
	var inMySQL, inElasticsearch, inRedis doctor.Findings
	var wg sync.WaitGroup
	wg.Go(func() { inMySQL = a.examineMySQL(ctx, state, unknown) })
	wg.Go(func() {
		inElasticsearch = elasticdoctor.Examine(ctx, client, plainAddress(a.config.Elasticsearch.Addresses[0]), state)
	})
	wg.Go(func() { inRedis = a.examineRedis(ctx) })
	wg.Wait()
	findings := append(a.examineConfiguration(), inMySQL...)
	return append(append(findings, inElasticsearch...), inRedis...)
}

func (a *app) examineMySQL(ctx context.Context, state indexer.State, unknown error) doctor.Findings {
	area := doctor.Area{Name: "mysql"}
	c := doctor.Check{Name: "connection", Why: "MySQL is the source of truth", Fix: "start MySQL, or set mysql.dsn (XUNKE_MYSQL_DSN) and indexer.replication_dsn (XUNKE_INDEXER_REPLICATION_DSN)"}
	open := func(dsn string) (*sql.DB, bool) {
		db, err := mysql.Open(ctx, dsn, a.config.MySQL.Addresses...)
		if err != nil {
			area.Fail(c, "%v", err)
		}
		return db, err == nil
	}
	dsn, err := driver.ParseDSN(a.config.MySQL.DSN)
	if err != nil {
		area.Fail(c, "mysql.dsn is not user:password@tcp(host:port)/database")
		return area.Findings
	}
	app, ok := open(a.config.MySQL.DSN)
	if !ok {
		return area.Findings
	}
	defer func() { _ = app.Close() }() // nothing was written
	replication, ok := open(a.config.Indexer.ReplicationDSN)
	if !ok {
		return area.Findings
	}
	defer func() { _ = replication.Close() }()
	return mysqldoctor.Examine(ctx, mysqldoctor.Installation{
		App: app, Replication: replication, Separate: a.config.Indexer.ReplicationDSN != a.config.MySQL.DSN,
		ServerID: a.config.Indexer.ServerID, Host: source.ReplicaHost(dsn.DBName, a.config.Elasticsearch.Prefix),
		Client:    mysqlClient(a.config.MySQL.DSN),
		Stateless: unknown, Acked: state.Acked, Oldest: state.OldestUnacked,
	})
}

func (a *app) examineRedis(ctx context.Context) doctor.Findings {
	cache := redis.Open(a.config.Redis, a.log)
	defer func() { _ = cache.Close() }() // nothing was written
	address := ""
	if len(a.config.Redis.Addresses) > 0 {
		address = a.config.Redis.Addresses[0]
	}
	return redis.Examine(ctx, cache, address)
}

func (a *app) examineConfiguration() doctor.Findings {
	area := doctor.Area{Name: "configuration"}
	from := a.config.File
	if from == "" {
		from = "defaults and environment"
	}
	area.Good(doctor.Check{Name: "settings", Why: "they were all checked when they were read"}, "from %s", from)
	if info, err := os.Stat(a.config.File); err == nil {
		area.Judge(info.Mode().Perm()&0o077 == 0, doctor.Warning, doctor.Check{
			Name: "file mode", Why: "the file may hold passwords", Fix: "chmod 600 " + a.config.File,
		}, "%s", info.Mode().Perm())
	}
	area.Judge(a.config.API.CursorSecret != "", doctor.Warning, doctor.Check{
		Name: "api.cursor_secret", Why: "without one it is made at each start: cursors end then, and several servers refuse each other's",
		Fix: "export XUNKE_API_CURSOR_SECRET=$(openssl rand -hex 32), or set api.cursor_secret in the file",
	}, "%s", map[bool]string{true: "set", false: "not set"}[a.config.API.CursorSecret != ""])
	if dir := a.config.RunDir; dir != "" {
		err := writable(dir)
		made := errors.Is(err, fs.ErrNotExist) // by the first process that needs it
		area.Judge(err == nil || made, doctor.Failure, doctor.Check{
			Name: "run_dir", Why: "pid files are written there, and events while MySQL and Redis are away", Fix: "mkdir -p " + dir + " && chown $(id -u) " + dir,
		}, "%s%s", dir, because(err))
	}
	return area.Findings
}

// writable says why files cannot be made in a folder.
func writable(dir string) error {
	file, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// marks stand before the lines of findings.
var marks = map[doctor.Status]string{doctor.OK: "✓ ok", doctor.Warning: "! warning", doctor.Failure: "✗ FAILURE"}

func printFindings(findings doctor.Findings) {
	area := ""
	counts := map[doctor.Status]int{}
	for _, f := range findings {
		counts[f.Status]++
		if f.Area != area {
			area = f.Area
			fmt.Printf("%s\n", area)
		}
		fmt.Printf("  %-9s  %s: %s\n", marks[f.Status], f.Check, f.Found)
		if f.Status != doctor.OK {
			fmt.Printf("             why: %s\n", f.Why)
			fmt.Printf("             fix: %s\n", f.Fix)
		}
	}
	fmt.Printf("%d ok, %d warnings, %d failures\n", counts[doctor.OK], counts[doctor.Warning], counts[doctor.Failure])
}
