package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xunke/xunke/internal/doctor"
)

// servers looks at all the addresses at which the source may be, and whether both users
// reach the same one.
func (e *examination) servers(ctx context.Context) {
	c := doctor.Check{
		Name: "servers", Why: "exactly one may take writes: what is written to another is in no index, and a replica that does not answer cannot take over",
	}
	var writable, other, silent []string
	for _, m := range Members(ctx, e.App) {
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
	err := e.App.QueryRowContext(ctx, "SELECT @@server_uuid").Scan(&rows)
	if err == nil {
		err = e.Replication.QueryRowContext(ctx, "SELECT @@server_uuid").Scan(&stream)
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
	s, ok := e.App.Driver().(*servers)
	if !ok || len(s.members) == 1 {
		return
	}
	var unfit, fixes []string
	c := doctor.Check{
		Name: "replicas", Why: "one that is promoted must have on its binlog what it got from the source, and in the same form",
	}
	for _, a := range s.ask(ctx, time.Second) {
		if a.err != nil {
			continue // told of above
		}
		if a.session.readOnly {
			lacks, fix, err := a.session.lacks(ctx)
			if err != nil {
				e.Unknown(c, err)
			}
			for i, variable := range lacks {
				unfit = append(unfit, a.address+": "+variable)
				if !slices.Contains(fixes, fix[i]) {
					fixes = append(fixes, fix[i])
				}
			}
		}
		_ = a.session.Close()
	}
	if len(unfit) == 0 {
		e.Good(c, "all that answer are fit to be promoted")
		return
	}
	c.Fix = "on that server: " + strings.Join(fixes, "; ")
	e.Warn(c, "%s", strings.Join(unfit, ", "))
}

// lacks lists the settings of a server that are not as a source's must be, and what sets them.
func (c *session) lacks(ctx context.Context) (settings, fixes []string, err error) {
	needed := append(slices.Clone(requirements), requirement{
		variable: "log_replica_updates", value: "1", fix: "start mysqld with --log-replica-updates",
	})
	names := make([]string, len(needed))
	for i, r := range needed {
		names[i] = "@@GLOBAL." + r.variable
	}
	got, err := c.row(ctx, "SELECT "+strings.Join(names, ", "), len(names))
	if err != nil {
		return nil, nil, err
	}
	for i, r := range needed {
		if got[i] != r.value {
			settings = append(settings, fmt.Sprintf("%s is %q", r.variable, got[i]))
			fixes = append(fixes, r.fix)
		}
	}
	return settings, fixes, nil
}

func orDash(list []string) string {
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, ", ")
}
