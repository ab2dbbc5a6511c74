// Package source is MySQL as the indexer needs it: the position of its history, the rows
// that documents are made of, the lease, the sentinel, and admins' requests.
package source

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/retry"
)

// Source is the source of truth as a replication source. What the replication user may not
// see, canal does not see either.
type Source struct {
	pool    *mysql.Pool // of the replication user
	writer  *mysql.Pool // of the application's user
	host    string
	log     *slog.Logger
	visible time.Duration
}

var _ indexer.Source = (*Source)(nil)

// New makes a Source from the connections of the replication user and of the
// application's own. host is the installation's ReplicaHost.
func New(replication, writer *mysql.Pool, host string, log *slog.Logger) *Source {
	return &Source{pool: replication, writer: writer, host: host, log: log, visible: 15 * time.Second}
}

// ReplicaHost is the host name under which the indexers of an installation register at the
// source. It tells a former leader from whatever else has the same server id, another
// installation's indexer included. MySQL keeps 60 bytes of it.
func ReplicaHost(database, prefix string) string { return hostOf("indexer", database, prefix) }

// ExplainHost is the host name under which xunke explain registers at the source while it
// reads the binlog. It is no indexer's, whatever server id it has.
func ExplainHost(database, prefix string) string { return hostOf("explain", database, prefix) }

func hostOf(what, database, prefix string) string {
	sum := sha256.Sum256([]byte(database + "\x00" + prefix))
	return fmt.Sprintf("xunke-%s-%.32s-%x", what, prefix, sum[:4])
}

// Position implements indexer.Source.
func (s *Source) Position(ctx context.Context) (p indexer.Position, err error) {
	err = s.pool.Write.QueryRowContext(ctx, `SELECT @@server_uuid, @@GLOBAL.server_id, @@GLOBAL.gtid_executed, @@GLOBAL.gtid_purged,
		DATABASE(), @@GLOBAL.lower_case_table_names <> 0`).
		Scan(&p.ServerUUID, &p.ServerID, &p.Executed, &p.Purged, &p.Database, &p.FoldNames)
	if err != nil {
		return p, fmt.Errorf("read position of the source: %w", err)
	}
	return p, nil
}

// Renew implements indexer.Source.
func (s *Source) Renew() {
	s.pool.Renew()
	s.writer.Renew()
}

// checkServer looks whether both users reach the same server, and whether that takes
// writes. Neither is so for a moment while another server takes the place of the source.
func (s *Source) checkServer(ctx context.Context) error {
	var stream, rows string
	var readOnly bool
	if err := s.pool.Write.QueryRowContext(ctx, `SELECT @@server_uuid`).Scan(&stream); err != nil {
		return fmt.Errorf("read identity of the source: %w", err)
	}
	if err := s.writer.Write.QueryRowContext(ctx, `SELECT @@server_uuid, @@GLOBAL.read_only`).Scan(&rows, &readOnly); err != nil {
		return fmt.Errorf("read identity of the source: %w", err)
	}
	if stream != rows {
		return unavailable(fmt.Sprintf("mysql.dsn leads to the server %s and indexer.replication_dsn to %s", rows, stream),
			"point both at the source, or name the servers in mysql.addresses (XUNKE_MYSQL_ADDRESSES)")
	}
	s.warnOfSplit(ctx, rows)
	if readOnly {
		return unavailable("the source is read-only: it is a replica, or is not promoted yet",
			"promote it: SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF; or point mysql.dsn at the source")
	}
	return nil
}

// warnOfSplit tells of servers that take writes beside the source.
func (s *Source) warnOfSplit(ctx context.Context, source string) {
	for _, m := range s.writer.Members(ctx) {
		if m.Writable && m.UUID != source {
			s.log.Warn("two servers take writes, and only one can be the source", "source", source, "other", m.UUID, "address", m.Address,
				"hint", "what is written there is not indexed; on that server run: SET PERSIST super_read_only = ON")
		}
	}
}

// Requirement is a setting, the value that it must have, and what to run when it has not.
type Requirement struct{ Variable, Value, Why, Fix string }

// Requirements are the settings that indexing relies on.
var Requirements = []Requirement{
	{"log_bin", "1", "without a binlog no change is seen", "start mysqld with --log-bin"},
	{"binlog_format", "ROW", "other formats do not say which rows changed", "SET PERSIST binlog_format = ROW"},
	{"binlog_row_image", "FULL", "without the before image a moved foreign key loses its old parent", "SET PERSIST binlog_row_image = FULL"},
	{"binlog_row_value_options", "", "partial JSON values cannot be read", "SET PERSIST binlog_row_value_options = ''"},
	{"gtid_mode", "ON", "the position in the history is a GTID set", "SET PERSIST enforce_gtid_consistency = ON; SET PERSIST gtid_mode = OFF_PERMISSIVE; SET PERSIST gtid_mode = ON_PERMISSIVE; SET PERSIST gtid_mode = ON"},
	{"enforce_gtid_consistency", "ON", "every transaction needs a GTID", "SET PERSIST enforce_gtid_consistency = ON"},
}

// Check implements indexer.Source.
func (s *Source) Check(ctx context.Context, serverID uint32) error {
	var version string
	if err := s.pool.Write.QueryRowContext(ctx, `SELECT VERSION()`).Scan(&version); err != nil {
		return fmt.Errorf("read version of the source: %w", err)
	}
	if err := mysql.CheckVersion(version); err != nil {
		return err
	}
	if err := s.checkServer(ctx); err != nil {
		return err
	}
	for _, r := range Requirements {
		var got sql.NullString
		if err := s.pool.Write.QueryRowContext(ctx, "SELECT @@GLOBAL."+r.Variable).Scan(&got); err != nil {
			return fmt.Errorf("read %s of the source: %w", r.Variable, err)
		}
		if got.String != r.Value {
			return mysql.Refuse(fmt.Sprintf("%s is %q and must be %q: %s", r.Variable, got.String, r.Value, r.Why), "run: "+r.Fix)
		}
	}
	if err := s.checkCascades(ctx); err != nil {
		return err
	}
	if err := s.checkNames(ctx); err != nil {
		return err
	}
	if err := CheckColumns(ctx, s.writer.Write); err != nil {
		return err
	}
	if unseen, err := HiddenTables(ctx, s.pool.Write); err != nil {
		return err
	} else if len(unseen) > 0 {
		return mysql.Refuse("the replication user does not see the tables "+strings.Join(unseen, ", ")+", and without their columns their rows on the binlog say nothing",
			"run: GRANT SELECT ON each of these tables TO the user of indexer.replication_dsn (xunke doctor prints the statements)")
	}
	return s.checkReplicas(ctx, serverID)
}

// CheckColumns refuses a schema that lacks something that documents are made of: it reads
// items that do not exist, by the statements that read all others.
func CheckColumns(ctx context.Context, db *sql.DB) error {
	none := []catalog.Key{{Kind: catalog.KindCourse}, {Kind: catalog.KindOrg}, {Kind: catalog.KindTeacher}, binlog.Sentinel()}
	_, err := NewReader(db, "").Read(ctx, "", none, nil)
	return err
}

// HiddenTables lists the tables that documents are made of and that a user may not look
// at. canal takes them for tables that do not exist.
func HiddenTables(ctx context.Context, db *sql.DB) (unseen []string, err error) {
	for _, table := range binlog.Tables() {
		_, err := db.ExecContext(ctx, "SHOW COLUMNS FROM "+table)
		switch {
		case mysql.IsServerError(err, mysql.ErrnoTableAccessDenied):
			unseen = append(unseen, table)
		case err != nil:
			return nil, fmt.Errorf("look at the columns of %s as the replication user: %w", table, explainSchema(err))
		}
	}
	return unseen, nil
}

// checkCascades refuses foreign keys that change rows without a binlog event, of tables
// that documents are made of. Those of other tables are nobody's business here.
func (s *Source) checkCascades(ctx context.Context) error {
	marks, args := mysql.Placeholders(binlog.Tables())
	var table, name string
	err := s.writer.Write.QueryRowContext(ctx, `
		SELECT table_name, constraint_name FROM information_schema.referential_constraints
		WHERE constraint_schema = DATABASE() AND table_name IN (`+marks+`)
			AND (delete_rule NOT IN ('RESTRICT', 'NO ACTION') OR update_rule NOT IN ('RESTRICT', 'NO ACTION'))
		LIMIT 1`, args...).Scan(&table, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read foreign keys: %w", err)
	}
	return mysql.Refuse(fmt.Sprintf("foreign key %s of table %s cascades, and cascades are not on the binlog", name, table),
		"drop the key and add it again without ON DELETE and ON UPDATE")
}

// checkReplicas refuses when another replica uses the same server id: each would make
// the source end the other's stream. An indexer that has just died may still be listed
// until the source notices, so this waits a little.
func (s *Source) checkReplicas(ctx context.Context, serverID uint32) error {
	deadline := time.Now().Add(s.visible)
	for {
		clash, err := s.ReplicaWith(ctx, serverID)
		if err != nil || clash == "" {
			return err
		}
		if time.Now().After(deadline) {
			return mysql.Refuse(fmt.Sprintf("server id %d is taken by the replica %s", serverID, clash),
				"set indexer.server_id (XUNKE_INDEXER_SERVER_ID) to a number that no replica has; SHOW REPLICAS lists them")
		}
		if err := retry.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

// ReplicaWith names a replica other than this indexer that registered with a server id; clash
// is empty where there is none.
func (s *Source) ReplicaWith(ctx context.Context, serverID uint32) (clash string, err error) {
	err = mysql.EachRow(ctx, s.pool.Write, `SHOW REPLICAS`, nil, func(rows *sql.Rows) error {
		var id, port, source uint32
		var host, uuid string
		if err := rows.Scan(&id, &host, &port, &source, &uuid); err != nil {
			return err
		}
		if id == serverID && host != s.host {
			clash = fmt.Sprintf("%s (%s)", uuid, host)
		}
		return nil
	})
	if mysql.IsServerError(err, mysql.ErrnoSpecificAccessDenied) {
		return "", noReplication()
	}
	if err != nil {
		return "", fmt.Errorf("list replicas: %w", err)
	}
	return clash, nil
}

// TablesCreated implements indexer.Source.
func (s *Source) TablesCreated(ctx context.Context) (map[string]int64, error) {
	return TablesCreated(ctx, s.pool.Write)
}

// TablesCreated is when the tables that documents are made of were made, as MySQL notes it.
func TablesCreated(ctx context.Context, db *sql.DB) (map[string]int64, error) {
	created := map[string]int64{}
	marks, args := mysql.Placeholders(binlog.Tables())
	err := mysql.EachRow(ctx, db, `SELECT LOWER(table_name), UNIX_TIMESTAMP(create_time) FROM information_schema.tables
		WHERE table_schema = DATABASE() AND create_time IS NOT NULL AND table_name IN (`+marks+`)`, args, func(rows *sql.Rows) error {
		var table string
		var at int64
		if err := rows.Scan(&table, &at); err != nil {
			return err
		}
		created[table] = at
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read when tables were made: %w", err)
	}
	return created, nil
}

// TablesAnew lists the tables that were made at another time than is known of them.
func TablesAnew(ctx context.Context, db *sql.DB, known map[string]int64) ([]string, error) {
	created, err := TablesCreated(ctx, db)
	if err != nil {
		return nil, err
	}
	return indexer.TablesAnew(known, created), nil
}

// Mark implements indexer.Source.
func (s *Source) Mark(ctx context.Context, name, token string) error {
	_, err := s.writer.Write.ExecContext(ctx, `INSERT INTO sync_marks (name, token, written_at) VALUES (?, ?, UTC_TIMESTAMP(6))
		ON DUPLICATE KEY UPDATE token = VALUES(token), written_at = VALUES(written_at)`, name, token)
	if err != nil {
		return fmt.Errorf("write sync mark: %w", err)
	}
	return nil
}

// unavailable is the error for what may be in order in a moment, as while another server
// takes the place of the source.
func unavailable(message, hint string) error {
	return &catalog.Error{Code: catalog.CodeUnavailable, Message: message, Hint: hint}
}
