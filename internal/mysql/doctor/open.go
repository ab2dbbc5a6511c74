package doctor

import (
	"context"

	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/source"
)

// Place is where the MySQL of an installation is, and as whom it is used.
type Place struct {
	DSN            string   // of the application's user
	ReplicationDSN string   // of the replication user
	Addresses      []string // of all servers; empty: the DSNs have it
	Prefix         string   // of the installation's indices
}

// ExamineAt opens the connections of an installation, of which it fills in what follows from
// its place, and examines it. A connection that is refused is a finding, too.
func ExamineAt(ctx context.Context, p Place, i Installation) doctor.Findings {
	area := doctor.Area{Name: "mysql"}
	c := doctor.Check{Name: "connection", Why: "MySQL is the source of truth", Fix: "start MySQL, or set mysql.dsn (XUNKE_MYSQL_DSN) and indexer.replication_dsn (XUNKE_INDEXER_REPLICATION_DSN)"}
	open := func(dsn string) *mysql.Pool {
		pool, err := mysql.Open(ctx, dsn, p.Addresses...)
		if err != nil {
			area.Fail(c, "%v", err)
			return nil
		}
		return pool
	}
	if i.App = open(p.DSN); i.App == nil {
		return area.Findings
	}
	defer func() { _ = i.App.Close() }() // nothing was written
	database, err := i.App.Database(ctx)
	if err != nil {
		area.Unknown(c, err)
		return area.Findings
	}
	if i.Replication = open(p.ReplicationDSN); i.Replication == nil {
		return area.Findings
	}
	defer func() { _ = i.Replication.Close() }()
	i.Separate = p.ReplicationDSN != p.DSN
	i.Host, i.Client = source.ReplicaHost(database, p.Prefix), mysql.ClientCommand(p.DSN)
	return Examine(ctx, i)
}
