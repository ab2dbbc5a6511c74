package doctor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/source"
)

// shownFixes is how many statements that mend something are shown together.
const shownFixes = 3

// none adds a finding that is ok when a statement finds nothing. The statement's columns
// are what is wrong and the SQL that mends it.
func (e *examination) none(ctx context.Context, otherwise doctor.Status, c doctor.Check, statement string, args ...any) {
	var wrong, fixes []string
	err := mysql.EachRow(ctx, e.App.Write, statement, args, func(rows *sql.Rows) error {
		var what, fix string
		if err := rows.Scan(&what, &fix); err != nil {
			return err
		}
		wrong = append(wrong, what)
		if !slices.Contains(fixes, fix) && len(fixes) < shownFixes {
			fixes = append(fixes, fix)
		}
		return nil
	})
	switch {
	case err != nil:
		e.Unknown(c, err)
	case len(wrong) == 0:
		e.Good(c, "none")
	default:
		c.Fix = e.inMySQL(strings.Join(fixes, "; "))
		e.Judge(false, otherwise, c, "%s", strings.Join(wrong, ", "))
	}
}

func (e *examination) cascades(ctx context.Context) {
	marks, tables := mysql.Placeholders(e.Tables)
	e.none(ctx, doctor.Failure, doctor.Check{
		Name: "foreign keys that cascade", Why: "rows that a cascade changes are not on the binlog",
	}, `SELECT CONCAT(r.table_name, '.', r.constraint_name), CONCAT('ALTER TABLE ', r.table_name, ' DROP FOREIGN KEY ', r.constraint_name,
			'; ALTER TABLE ', r.table_name, ' ADD CONSTRAINT ', r.constraint_name, ' FOREIGN KEY (',
			GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position), ') REFERENCES ', r.referenced_table_name, ' (',
			GROUP_CONCAT(k.referenced_column_name ORDER BY k.ordinal_position), ')')
		FROM information_schema.referential_constraints r JOIN information_schema.key_column_usage k
			ON k.constraint_schema = r.constraint_schema AND k.constraint_name = r.constraint_name AND k.table_name = r.table_name
		WHERE r.constraint_schema = DATABASE() AND r.table_name IN (`+marks+`)
			AND (r.delete_rule NOT IN ('RESTRICT', 'NO ACTION') OR r.update_rule NOT IN ('RESTRICT', 'NO ACTION'))
		GROUP BY r.table_name, r.constraint_name, r.referenced_table_name ORDER BY 1`, tables...)
}

func (e *examination) characters(ctx context.Context) {
	e.none(ctx, doctor.Failure, doctor.Check{
		Name: "columns without utf8mb4", Why: "other character sets lose emoji and rare Hanzi",
	}, `SELECT CONCAT(table_name, '.', column_name),
			CONCAT('ALTER TABLE ', table_name, ' CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin')
		FROM information_schema.columns
		WHERE table_schema = DATABASE() AND character_set_name <> 'utf8mb4' AND table_name <> 'goose_db_version' ORDER BY 1`)
	e.none(ctx, doctor.Warning, doctor.Check{
		Name: "names that compare loosely", Why: "other collations take García for Garcia and Go for go: two people become one",
	}, `SELECT CONCAT(table_name, '.', column_name),
			CONCAT('ALTER TABLE ', table_name, ' CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin')
		FROM information_schema.columns
		WHERE table_schema = DATABASE() AND column_name IN ('key', 'name') AND collation_name <> 'utf8mb4_0900_bin' ORDER BY 1`)
	c := doctor.Check{
		Name: "server character set", Why: "tables that are made without naming one get it",
		Fix: e.inMySQL("SET PERSIST character_set_server = utf8mb4"),
	}
	var charset string
	if err := e.App.Write.QueryRowContext(ctx, "SELECT @@GLOBAL.character_set_server").Scan(&charset); err != nil {
		e.Unknown(c, err)
		return
	}
	e.Judge(charset == "utf8mb4", doctor.Warning, c, "%s", charset)
}

func (e *examination) ids(ctx context.Context) {
	var parts []string
	for _, table := range []string{"courses", "orgs", "teachers"} {
		parts = append(parts, "SELECT CONCAT('"+table+" ', MAX(id)), 'UPDATE "+table+" SET id = … WHERE id > "+source.GreatestID+
			"; ALTER TABLE "+table+" AUTO_INCREMENT = 1' FROM "+table+" HAVING MAX(id) > "+source.GreatestID)
	}
	e.none(ctx, doctor.Warning, doctor.Check{
		Name: "ids over " + source.GreatestID, Why: "Elasticsearch's integers end there: such rows are not indexed",
	}, strings.Join(parts, " UNION ALL "))
}

// maxClockSkew is how far the clocks of MySQL and this machine may be apart.
const maxClockSkew = 2 * time.Second

func (e *examination) clocks(ctx context.Context) {
	c := doctor.Check{
		Name: "time zone", Why: "rows that other programs write get local times, and all are taken as UTC",
		Fix: e.inMySQL("SET PERSIST time_zone = '+00:00'"),
	}
	var zone string
	var offset sql.NullInt64
	var now time.Time
	err := e.App.Write.QueryRowContext(ctx, `SELECT @@GLOBAL.time_zone,
		TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@GLOBAL.time_zone)), UTC_TIMESTAMP(6)`).
		Scan(&zone, &offset, &now)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	e.Judge(offset.Valid && offset.Int64 == 0, doctor.Warning, c, "%s, %d s from UTC", zone, offset.Int64)
	skew := time.Since(now).Round(time.Millisecond)
	e.Judge(skew.Abs() <= maxClockSkew, doctor.Warning, doctor.Check{
		Name: "clock", Why: "lag and freshness are differences of two machines' clocks",
		Fix: "timedatectl set-ntp true, on both machines",
	}, "%s behind this machine's", skew)
}

func (e *examination) schema(ctx context.Context) {
	c := doctor.Check{Name: "migrations", Why: "the program expects its own schema", Fix: "xunke migrate"}
	pending, err := mysql.PendingMigrations(ctx, e.App.Write)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	e.Judge(len(pending) == 0, doctor.Failure, c, "%s", orNone(pending))
	columns := doctor.Check{Name: "columns", Why: "documents are made of them; without one nothing is indexed"}
	err = source.CheckColumns(ctx, e.App.Write)
	if refused, ok := errors.AsType[*catalog.Error](err); ok {
		columns.Fix = refused.Hint
		e.Fail(columns, "%s: %v", refused.Message, refused.Cause)
	} else if err != nil {
		e.Unknown(columns, err)
	} else {
		e.Good(columns, "all are there")
	}
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none is pending"
	}
	return fmt.Sprintf("%d pending: %s", len(list), strings.Join(list, ", "))
}
