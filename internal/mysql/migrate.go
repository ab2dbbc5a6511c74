package mysql

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrationLock is how long one process waits for another that is migrating, in seconds.
const migrationLock = 100

// Migrate brings the schema up to date and returns how many migrations it applied. Of
// several processes that start at once one migrates and the others wait for it.
func Migrate(ctx context.Context, db *sql.DB) (applied int, err error) {
	unlock, err := lockMigrations(ctx, db)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	provider, err := migrations(db)
	if err != nil {
		return 0, err
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return len(results), fmt.Errorf("migrate schema: %w", err)
	}
	return len(results), nil
}

// PendingMigrations returns the names of the migrations that Migrate would apply, in
// their order. It changes nothing, not even in a database that was never migrated.
func PendingMigrations(ctx context.Context, db *sql.DB) ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var tables int
	err = db.QueryRowContext(ctx, `SELECT COUNT(*) FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_name = ?`, goose.DefaultTablename).Scan(&tables)
	if err != nil {
		return nil, fmt.Errorf("look for schema version: %w", err)
	}
	done := map[string]bool{}
	if tables > 0 {
		provider, err := migrations(db)
		if err != nil {
			return nil, err
		}
		statuses, err := provider.Status(ctx)
		if err != nil {
			return nil, fmt.Errorf("read schema version: %w", err)
		}
		for _, s := range statuses {
			done["migrations/"+s.Source.Path] = s.State == goose.StateApplied
		}
	}
	var pending []string
	for _, name := range names {
		if !done[name] {
			pending = append(pending, name[len("migrations/"):])
		}
	}
	return pending, nil
}

func migrations(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open migrations: %w", err)
	}
	// Two changes may come in the other order than that of their numbers.
	provider, err := goose.NewProvider(goose.DialectMySQL, db, files, goose.WithAllowOutofOrder(true))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}

// lockMigrations takes a lock that MySQL gives back by itself if this process dies.
// It is named after the database, because the names of such locks are global.
func lockMigrations(ctx context.Context, db *sql.DB) (unlock func() error, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock migrations: %w", err)
	}
	var got sql.NullInt64
	err = conn.QueryRowContext(ctx, "SELECT GET_LOCK(LEFT(CONCAT('xunke-migrate-', DATABASE()), 64), ?)", migrationLock).Scan(&got)
	if err == nil && got.Int64 != 1 {
		err = fmt.Errorf("another process has been migrating for %d seconds", migrationLock)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock migrations: %w", err), conn.Close())
	}
	return func() error {
		// The lock is given back even when ctx was cancelled.
		_, err := conn.ExecContext(context.WithoutCancel(ctx), "DO RELEASE_LOCK(LEFT(CONCAT('xunke-migrate-', DATABASE()), 64))")
		return errors.Join(err, conn.Close())
	}, nil
}
