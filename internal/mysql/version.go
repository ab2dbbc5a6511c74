package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// CheckVersion refuses a server that is of no version that will do: nil for MySQL 8.
func CheckVersion(version string) error {
	const move = "run a MySQL 8.0 or 8.4, point mysql.dsn (XUNKE_MYSQL_DSN) and indexer.replication_dsn at it, run xunke migrate there, and bring the rows: "
	switch {
	case strings.Contains(version, "MariaDB"):
		return Refuse(fmt.Sprintf("the server is MariaDB (%s); Xunke works with MySQL 8.0 and 8.4: MariaDB's GTIDs are no sets of transactions that could be counted and compared, and it lacks the collation of the columns, utf8mb4_0900_bin", version),
			move+"mariadb-dump --no-create-info --complete-insert --hex-blob <database> | mysql <database>")
	case strings.HasPrefix(version, "5."):
		return Refuse(fmt.Sprintf("the server is MySQL %s; Xunke works with MySQL 8.0 and 8.4: before 8.0 there is neither the collation of the columns, utf8mb4_0900_bin, nor the list of replicas that tells of a clash", version),
			"upgrade the server to 8.0, which MySQL does in place (mysqlsh -- util check-for-server-upgrade tells what is in the way); or "+
				move+"mysqldump --no-create-info --complete-insert --hex-blob <database> | mysql <database>")
	case !strings.HasPrefix(version, "8."):
		return Refuse(fmt.Sprintf("the server is MySQL %s; Xunke works with MySQL 8.0 and 8.4 and was never tried with another", version),
			move+"mysqldump --no-create-info --complete-insert --hex-blob <database> | mysql <database>")
	default:
		return nil
	}
}

// refuseForeign says why a server that does not know what our sessions set will not do,
// nil when its version is no reason.
func refuseForeign(ctx context.Context, cfg *mysql.Config) error {
	plain := cfg.Clone()
	plain.Params, plain.DBName = nil, ""
	connector, err := mysql.NewConnector(plain)
	if err != nil {
		return nil
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	var version string
	if err := db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return nil
	}
	return CheckVersion(version)
}
