package source_test

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv"
)

// TestSnapshotSurvivesAlter alters a table in the middle of a snapshot.
func TestSnapshotSurvivesAlter(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	r := source.NewReader(db, "x")
	tries, columns := 0, 0
	read := func(alterations int) error {
		tries = 0
		return r.InSnapshot(t.Context(), func(conn *sql.Conn) error {
			if tries++; tries <= alterations {
				columns++
				if _, err := db.ExecContext(t.Context(), fmt.Sprintf(`ALTER TABLE tags ADD COLUMN x%d INT NOT NULL DEFAULT 1 FIRST`, columns)); err != nil {
					return err
				}
			}
			var n int
			return conn.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM tags`).Scan(&n)
		})
	}
	if err := read(1); err != nil || tries != 2 {
		t.Errorf("altered once: %v after %d tries", err, tries)
	}
	refused, ok := errors.AsType[*driver.MySQLError](read(1000))
	if !ok || refused.Number != 1412 || tries != source.SnapshotTries {
		t.Errorf("altered all the time: %v after %d tries", refused, tries)
	}
}
