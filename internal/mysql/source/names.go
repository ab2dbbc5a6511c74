package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/mysql"
)

// checkNames refuses what keeps the rows of the tables off the binlog, or puts them there
// under other names: the stream would bring nothing and look as if nothing were changed.
func (s *Source) checkNames(ctx context.Context) error {
	ours, err := s.writer.Database(ctx)
	if err != nil {
		return err
	}
	followed, err := s.pool.Database(ctx)
	if err != nil {
		return err
	}
	if ours != followed {
		return mysql.Refuse(fmt.Sprintf("mysql.dsn names the database %s and indexer.replication_dsn %s: changes of the first would not be heard of", ours, followed),
			"name the same database in both")
	}
	f, err := ReadFilters(ctx, s.pool.Write)
	if err != nil {
		return err
	}
	if f.LeaveOut(ours) {
		return mysql.Refuse(fmt.Sprintf("the binlog leaves out the database %s (binlog_do_db: %q, binlog_ignore_db: %q)", ours, f.Do, f.Ignore),
			fmt.Sprintf("start mysqld without --binlog-do-db, or with --binlog-do-db=%[1]s as well, and without --binlog-ignore-db=%[1]s", ours))
	}
	return s.checkViews(ctx)
}

// checkViews refuses views in place of tables: their rows are on the binlog under the names
// of the tables that they are of.
func (s *Source) checkViews(ctx context.Context) error {
	marks, args := mysql.Placeholders(binlog.Tables())
	var view string
	err := s.writer.Write.QueryRowContext(ctx, `SELECT table_name FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_type <> 'BASE TABLE' AND table_name IN (`+marks+`) LIMIT 1`, args...).Scan(&view)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for views: %w", err)
	}
	return mysql.Refuse(fmt.Sprintf("%s is a view, and changes of what it shows are on the binlog under another name", view),
		"make it a table, as internal/mysql/migrations defines it, or point mysql.dsn at the database that has the table")
}

// Filters say which databases a server writes to its binlog: lists of names with commas.
type Filters struct{ Do, Ignore string }

// LeaveOut says whether changes in a database are not written to the binlog.
func (f Filters) LeaveOut(database string) bool {
	in := func(list string) bool { return slices.Contains(strings.Split(list, ","), database) }
	return f.Do != "" && !in(f.Do) || in(f.Ignore)
}

// ReadFilters reads the filters of the server behind db. It takes REPLICATION CLIENT.
func ReadFilters(ctx context.Context, db *sql.DB) (f Filters, err error) {
	var file, executed string
	var position uint64
	scan := func(rows *sql.Rows) error { return rows.Scan(&file, &position, &f.Do, &f.Ignore, &executed) }
	// The statement was renamed in 8.2 and its old name removed in 8.4.
	if err = mysql.EachRow(ctx, db, "SHOW BINARY LOG STATUS", nil, scan); err != nil {
		err = mysql.EachRow(ctx, db, "SHOW MASTER STATUS", nil, scan)
	}
	if mysql.IsServerError(err, mysql.ErrnoSpecificAccessDenied) {
		return f, noReplication()
	}
	if err != nil {
		return f, fmt.Errorf("read filters of the binlog: %w", err)
	}
	return f, nil
}

// noReplication is the error for a replication user that is none.
func noReplication() error {
	return mysql.Refuse("the replication user may not read the binlog",
		"run: GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO the user of indexer.replication_dsn")
}
