// Package doctor examines what in MySQL indexing and its users rely on, for xunke doctor.
package doctor

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/gtid"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/oracle"
	"github.com/xunke/xunke/internal/mysql/source"
)

// Installation is what the doctor has to know of one. Acked and Oldest are of the
// indexer's state; empty where nothing has been indexed yet.
type Installation struct {
	App         *mysql.Pool // the application's user
	Replication *mysql.Pool // the replication user
	Separate    bool        // whether the two are different users
	ServerID    uint32      // the indexer's
	Host        string      // ReplicaHost of the installation
	Tables      []string    // that documents are made of
	Client      string      // how an administrator calls MySQL's own client
	Stateless   error       // why the indexer's state could not be read; nil: it was
	Acked       string      // GTID set
	Oldest      time.Time   // when the oldest transaction that waits was committed

	TablesCreated map[string]int64 // when the tables were made, as the indexer knows it
	// Documents counts those that searches may find; nil: there is nobody to ask.
	Documents func(ctx context.Context, k catalog.Kind) (int64, error)
}

// examination is the examination of one installation.
type examination struct {
	Installation
	doctor.Area
}

// Examine looks at everything in MySQL that indexing and its users rely on. It changes
// nothing.
func Examine(ctx context.Context, i Installation) doctor.Findings {
	e := &examination{Installation: i, Area: doctor.Area{Name: "mysql"}}
	if !e.version(ctx) {
		return e.Findings
	}
	e.servers(ctx)
	e.requirements(ctx)
	e.filters(ctx)
	e.history(ctx)
	e.tablesAnew(ctx)
	e.counts(ctx)
	e.retention(ctx)
	e.durability(ctx)
	e.serverID(ctx)
	e.grants(ctx)
	e.ownGrants(ctx)
	e.cascades(ctx)
	e.characters(ctx)
	e.ids(ctx)
	e.clocks(ctx)
	e.schema(ctx)
	return e.Findings
}

// inMySQL is the command that runs statements as an administrator.
func (e *examination) inMySQL(statements string) string {
	return e.Client + " -e \"" + statements + "\""
}

// version says whether it makes sense to look further.
func (e *examination) version(ctx context.Context) bool {
	c := doctor.Check{
		Name: "version", Why: "the indexer relies on what MySQL 8's GTIDs and binlog are",
		Fix: "move the catalogue to MySQL 8.0 or 8.4",
	}
	var version string
	if err := e.Replication.Write.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		e.Unknown(c, err)
		return false
	}
	good := mysql.CheckVersion(version) == nil
	e.Judge(good, doctor.Failure, c, "%s", version)
	return good
}

func (e *examination) requirements(ctx context.Context) {
	for _, r := range source.Requirements {
		c := doctor.Check{Name: r.Variable, Why: r.Why, Fix: r.Fix}
		if strings.HasPrefix(r.Fix, "SET ") {
			c.Fix = e.inMySQL(r.Fix)
		}
		var got sql.NullString
		if err := e.Replication.Write.QueryRowContext(ctx, "SELECT @@GLOBAL."+r.Variable).Scan(&got); err != nil {
			e.Unknown(c, err)
			continue
		}
		e.Judge(got.String == r.Value, doctor.Failure, c, "%q", got.String)
	}
}

// filters looks for databases that the binlog leaves out.
func (e *examination) filters(ctx context.Context) {
	c := doctor.Check{Name: "binlog filters", Why: "a database that the binlog leaves out changes without a sign"}
	database, err := e.App.Database(ctx)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	f, err := source.ReadFilters(ctx, e.Replication.Write)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	c.Fix = fmt.Sprintf("start mysqld with --binlog-do-db=%[1]s or without such filters, and without --binlog-ignore-db=%[1]s", database)
	e.Judge(!f.LeaveOut(database), doctor.Failure, c, "do: %q, ignore: %q", f.Do, f.Ignore)
}

// history looks whether the indexer can go on from where it is.
func (e *examination) history(ctx context.Context) {
	c := doctor.Check{
		Name: "history", Why: "what is purged from the binlog before it is indexed is only found by reading everything again",
		Fix: "start the indexer, which begins a new epoch and reads everything again: xunke index",
	}
	var executed, purged string
	if err := e.Replication.Write.QueryRowContext(ctx, "SELECT @@GLOBAL.gtid_executed, @@GLOBAL.gtid_purged").Scan(&executed, &purged); err != nil {
		e.Unknown(c, err)
		return
	}
	if _, err := gtid.Count(executed); err != nil {
		e.Fail(doctor.Check{Name: c.Name, Why: "a version counts plain GTIDs", Fix: e.inMySQL("SET gtid_next = AUTOMATIC") + " in the sessions that write, and begin a history without tags"}, "%v", err)
		return
	}
	if e.Stateless != nil {
		e.Unknown(c, e.Stateless)
		return
	}
	if e.Acked == "" {
		e.Warn(doctor.Check{Name: c.Name, Why: c.Why, Fix: "start the indexer: xunke index"}, "nothing has been indexed yet")
		return
	}
	sets := oracle.New(e.Replication.Write)
	lost, err := sets.Lacks(ctx, purged, e.Acked)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	behind, err := sets.Lacks(ctx, executed, e.Acked)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	ahead, err := sets.Lacks(ctx, e.Acked, executed)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	if ahead > 0 {
		e.Fail(c, "%d transactions were indexed that this server does not have", ahead)
		return
	}
	e.Judge(lost == 0, doctor.Failure, c, "%d transactions wait, %d of them are purged", behind, lost)
}

// minRetention is a night and a day: how long an indexer may be away without a full read.
const minRetention = 24 * time.Hour

func (e *examination) retention(ctx context.Context) {
	c := doctor.Check{
		Name: "binlog retention", Why: "an indexer that is away for longer must read everything again",
		Fix: e.inMySQL("SET PERSIST binlog_expire_logs_seconds = 259200"),
	}
	var seconds int64
	if err := e.Replication.Write.QueryRowContext(ctx, "SELECT @@GLOBAL.binlog_expire_logs_seconds").Scan(&seconds); err != nil {
		e.Unknown(c, err)
		return
	}
	kept := time.Duration(seconds) * time.Second
	var lag time.Duration
	if !e.Oldest.IsZero() {
		lag = time.Since(e.Oldest).Round(time.Second)
	}
	switch {
	case seconds == 0:
		e.Good(c, "for ever; oldest transaction that waits: %s", lag)
	case lag > kept/2:
		e.Fail(c, "%s, and the oldest transaction that waits is %s old", kept, lag)
	default:
		e.Judge(kept >= minRetention, doctor.Warning, c, "%s; oldest transaction that waits: %s", kept, lag)
	}
}

func (e *examination) durability(ctx context.Context) {
	const why = "after a loss of power the index could have what MySQL has lost; the indexer then reads everything again"
	for _, variable := range []string{"sync_binlog", "innodb_flush_log_at_trx_commit"} {
		c := doctor.Check{Name: variable, Why: why, Fix: e.inMySQL("SET PERSIST " + variable + " = 1")}
		var value int
		if err := e.Replication.Write.QueryRowContext(ctx, "SELECT @@GLOBAL."+variable).Scan(&value); err != nil {
			e.Unknown(c, err)
			continue
		}
		e.Judge(value == 1, doctor.Warning, c, "%d", value)
	}
	c := doctor.Check{
		Name: "read_only", Why: "imports, events and requests are written here",
		Fix: "point mysql.dsn at the source, or: " + e.inMySQL("SET PERSIST super_read_only = OFF; SET PERSIST read_only = OFF"),
	}
	var readOnly bool
	if err := e.App.Write.QueryRowContext(ctx, "SELECT @@GLOBAL.read_only").Scan(&readOnly); err != nil {
		e.Unknown(c, err)
		return
	}
	e.Judge(!readOnly, doctor.Failure, c, "%t", readOnly)
}

func (e *examination) serverID(ctx context.Context) {
	c := doctor.Check{
		Name: "server id", Why: "two replicas with one id end each other's streams",
		Fix: "set indexer.server_id (XUNKE_INDEXER_SERVER_ID) to a number that neither the source nor a replica has",
	}
	var own uint32
	if err := e.Replication.Write.QueryRowContext(ctx, "SELECT @@GLOBAL.server_id").Scan(&own); err != nil {
		e.Unknown(c, err)
		return
	}
	if own == e.ServerID {
		e.Fail(c, "%d is the source's own", own)
		return
	}
	clash, err := source.New(e.Replication, e.App, e.Host, slog.New(slog.DiscardHandler)).ReplicaWith(ctx, e.ServerID)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	if clash != "" {
		e.Fail(c, "%d is taken by the replica %s", e.ServerID, clash)
		return
	}
	e.Good(c, "%d", e.ServerID)
}
