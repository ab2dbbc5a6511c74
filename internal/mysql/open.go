// Package mysql is the source of truth: how it is opened and migrated, how the
// catalogue is written to it and read from it.
package mysql

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/reach"
)

// Open opens the database that a DSN names and waits for it to answer. Whatever the DSN
// says, times are UTC in both directions, statements are strict, one at a time, and a
// server that has become read-only is left for a new connection. Time-outs of the DSN
// are kept; where it has none a connection takes 5 s, a read 2 minutes and a write 1.
//
// addresses, host:port each, take the place of the DSN's own: those of the source and of
// the replicas that may be promoted. Connections go to the one that takes writes.
//
// The error is a *catalog.Error with a hint where the server cannot be reached, refuses
// the user, has no such database or is of no version that will do; it wraps
// ErrNoneWritable where none of several addresses takes writes.
func Open(ctx context.Context, dsn string, addresses ...string) (*Pool, error) {
	cfg, err := driverConfig(dsn)
	if err != nil {
		return nil, err
	}
	pool, err := openServers(cfg, addresses)
	if err != nil {
		return nil, err
	}
	if err := pool.Write.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, explain(ctx, cfg, err)
	}
	return pool, nil
}

// OpenForeign opens a database that is somebody else's, to read from it: of any version,
// and without the session settings that only ours needs. Times come as they are written.
func OpenForeign(ctx context.Context, dsn string) (*sql.DB, error) {
	cfg, err := driverConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.Params = nil
	cfg.RejectReadOnly = false // a replica will do
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("prepare connection to MySQL: %w", err)
	}
	db := openPool(connector)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		e := catalog.Unavailable("MySQL at "+cfg.Addr, err)
		e.Hint = "check the address, the user, the password and the name of the database"
		return nil, e
	}
	return db, nil
}

// EnsureDatabase creates the database that a DSN names if it is not there, and says
// whether it did. A user who may not create it gets an error that holds the statement
// to run.
func EnsureDatabase(ctx context.Context, dsn string, addresses ...string) (created bool, err error) {
	cfg, err := driverConfig(dsn)
	if err != nil {
		return false, err
	}
	if db, err := Open(ctx, dsn, addresses...); err == nil {
		return false, db.Close()
	} else if !IsServerError(err, ErrnoUnknownDatabase) {
		return false, err
	}
	server := cfg.Clone()
	server.DBName = ""
	db, err := openServers(server, addresses)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	statement := "CREATE DATABASE IF NOT EXISTS " + QuoteName(cfg.DBName) + " CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"
	if _, err := db.Write.ExecContext(ctx, statement); err != nil {
		if IsServerError(err, ErrnoDBAccessDenied) || IsServerError(err, ErrnoAccessDenied) {
			return false, &catalog.Error{
				Code:    catalog.CodeUnavailable,
				Message: fmt.Sprintf("user %s may not create database %s", cfg.User, cfg.DBName),
				Hint:    "as an administrator run: " + statement,
				Cause:   err,
			}
		}
		return false, fmt.Errorf("create database %s: %w", cfg.DBName, err)
	}
	return true, nil
}

// driverConfig is the driver's configuration for a DSN with everything forced that the
// rest of the program relies on. Its errors never quote the DSN: it holds a password.
func driverConfig(dsn string) (*mysql.Config, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, catalog.Invalidf("mysql.dsn", "is not user:password@tcp(host:port)/database")
	}
	cfg.ParseTime = true
	cfg.Loc = time.UTC
	cfg.RejectReadOnly = true
	cfg.ClientFoundRows = false
	cfg.MultiStatements = false
	cfg.AllowAllFiles = false
	cfg.ColumnsWithAlias = false
	// Interpolation saves a round trip a statement and the limit of 65,535 placeholders.
	// It is safe because the connection's character set is utf8mb4, in which no byte of
	// a character can be taken for a quote.
	cfg.InterpolateParams = true
	cfg.Collation = ""
	cfg.Logger = &mysql.NopLogger{} // what it would print comes back as an error as well
	if err := cfg.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return nil, fmt.Errorf("set character set: %w", err)
	}
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["collation_connection"] = "utf8mb4_0900_bin" // literals compare as columns do
	cfg.Params["time_zone"] = "'+00:00'"
	cfg.Params["sql_mode"] = "'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	if cfg.ReadTimeout == 0 {
		cfg.ReadTimeout = 2 * time.Minute
	}
	if cfg.WriteTimeout == 0 {
		cfg.WriteTimeout = time.Minute
	}
	return cfg, nil
}

func openServers(cfg *mysql.Config, addresses []string) (*Pool, error) {
	s, err := newServers(cfg, addresses)
	if err != nil {
		return nil, err
	}
	return newPool(s), nil
}

// explain turns the error of a first connection into one that says what to do.
func explain(ctx context.Context, cfg *mysql.Config, err error) error {
	if errors.Is(err, ErrNoneWritable) {
		return err
	}
	if m, ok := errors.AsType[*memberError](err); ok {
		cfg = cfg.Clone()
		cfg.Net, cfg.Addr, err = "tcp", m.address, m.err
	}
	// A server that is of no use is told of before anything that it lacks.
	if _, answered := errors.AsType[*mysql.MySQLError](err); answered {
		if refused := refuseForeign(ctx, cfg); refused != nil {
			return refused
		}
	}
	e := catalog.Unavailable("MySQL at "+cfg.Addr, err)
	switch {
	case IsServerError(err, ErrnoUnknownDatabase):
		e.Message = fmt.Sprintf("MySQL at %s has no database %s", cfg.Addr, cfg.DBName)
		e.Hint = "run: xunke migrate"
	case IsServerError(err, ErrnoAccessDenied):
		e.Message = fmt.Sprintf("MySQL at %s refuses user %s or the password", cfg.Addr, cfg.User)
		e.Hint = "check user and password in mysql.dsn (XUNKE_MYSQL_DSN), and from which machines that user may come"
	case IsServerError(err, ErrnoDBAccessDenied):
		e.Message = fmt.Sprintf("MySQL at %s knows user %s and does not let it into database %s", cfg.Addr, cfg.User, cfg.DBName)
		e.Hint = "grant it what docs/OPERATIONS.md has under MySQL"
	case IsServerError(err, ErrnoHostNotPrivileged, ErrnoHostBlocked):
		e.Message = fmt.Sprintf("MySQL at %s refuses this machine", cfg.Addr)
		e.Hint = "allow the user to come from this machine (CREATE USER 'name'@'host'); one that is blocked for its errors is let in again by FLUSH HOSTS"
	case !errors.Is(err, context.Canceled):
		e.Hint = cmp.Or(server.Hint(err), "start MySQL, or set mysql.dsn (XUNKE_MYSQL_DSN) to where it is")
	}
	return e
}

// server is what hints say of MySQL. The driver has the settings of TLS in the DSN.
var server = reach.Server{
	Name: "MySQL", Address: "mysql.dsn (XUNKE_MYSQL_DSN)",
	CA:   "tls=… in mysql.dsn, and have the system trust its authority",
	Host: "the host in mysql.dsn (XUNKE_MYSQL_DSN) to a name that it has",
	TLS:  "tls=true in mysql.dsn (XUNKE_MYSQL_DSN)", Plain: "tls=false in mysql.dsn (XUNKE_MYSQL_DSN)",
}
