package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/mysql/source"
)

// servers looks at all the addresses at which the source may be, and whether both users
// reach the same one.
func (e *examination) servers(ctx context.Context) {
	c := doctor.Check{
		Name: "servers", Why: "exactly one may take writes: what is written to another is in no index, and a replica that does not answer cannot take over",
	}
	var writable, other, silent []string
	for _, m := range e.App.Members(ctx) {
		switch {
		case m.Err != nil:
			silent = append(silent, fmt.Sprintf("%s: %v", m.Address, m.Err))
		case m.Writable:
			writable = append(writable, m.Address)
		default:
			other = append(other, m.Address)
		}
	}
	found := fmt.Sprintf("takes writes: %s; read-only: %s; silent: %s", orDash(writable), orDash(other), orDash(silent))
	switch {
	case len(writable) > 1:
		c.Fix = "on each but the source, which is the first that xunke status names: " + e.inMySQL("SET PERSIST super_read_only = ON")
		e.Fail(c, "%s", found)
	case len(writable) == 0:
		c.Fix = "promote one: " + e.inMySQL("STOP REPLICA; RESET REPLICA ALL; SET PERSIST super_read_only = OFF; SET PERSIST read_only = OFF")
		e.Fail(c, "%s", found)
	default:
		c.Fix = "start the server that is silent, or take it out of mysql.addresses (XUNKE_MYSQL_ADDRESSES)"
		e.Judge(len(silent) == 0, doctor.Warning, c, "%s", found)
	}
	e.replicas(ctx)
	var rows, stream string
	same := doctor.Check{
		Name: "one source", Why: "rows are read where the binlog is followed, or versions mean nothing",
		Fix: "point mysql.dsn and indexer.replication_dsn at one server, or set mysql.addresses (XUNKE_MYSQL_ADDRESSES)",
	}
	err := e.App.Write.QueryRowContext(ctx, "SELECT @@server_uuid").Scan(&rows)
	if err == nil {
		err = e.Replication.Write.QueryRowContext(ctx, "SELECT @@server_uuid").Scan(&stream)
	}
	if err != nil {
		e.Unknown(same, err)
		return
	}
	e.Judge(rows == stream, doctor.Failure, same, "rows: %s, binlog: %s", rows, stream)
}

// replicas looks whether what may be promoted is fit to be the source: it needs the settings
// of one, and a binlog of what it was sent.
func (e *examination) replicas(ctx context.Context) {
	if !e.App.Several() {
		return
	}
	needed := append(slices.Clone(source.Requirements), source.Requirement{
		Variable: "log_replica_updates", Value: "1", Fix: "start mysqld with --log-replica-updates",
	})
	variables := make([]string, len(needed))
	for i, r := range needed {
		variables[i] = r.Variable
	}
	var unfit, fixes []string
	c := doctor.Check{
		Name: "replicas", Why: "one that is promoted must have on its binlog what it got from the source, and in the same form",
	}
	for _, replica := range e.App.Replicas(ctx, variables) {
		if replica.Err != nil {
			e.Unknown(c, replica.Err)
			continue
		}
		for i, r := range needed {
			if replica.Values[i] == r.Value {
				continue
			}
			unfit = append(unfit, fmt.Sprintf("%s: %s is %q", replica.Address, r.Variable, replica.Values[i]))
			if !slices.Contains(fixes, r.Fix) {
				fixes = append(fixes, r.Fix)
			}
		}
	}
	if len(unfit) == 0 {
		e.Good(c, "all that answer are fit to be promoted")
		return
	}
	c.Fix = "on that server: " + strings.Join(fixes, "; ")
	e.Warn(c, "%s", strings.Join(unfit, ", "))
}

func orDash(list []string) string {
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, ", ")
}
