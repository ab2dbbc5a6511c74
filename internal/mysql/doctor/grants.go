package doctor

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/source"
)

// needed is what following the binlog takes, on all databases.
var needed = []string{"REPLICATION SLAVE", "REPLICATION CLIENT"}

// grant is one line of SHOW GRANTS: privileges on a level, such as *.* or `xunke`.*.
type grant struct {
	privileges []string
	on         string
	passOn     bool // WITH GRANT OPTION
}

var grantLine = regexp.MustCompile("^GRANT (.+?) ON (.+?) TO .+$")

// parseGrant reads a line of SHOW GRANTS. It reports false for the grant of a role.
func parseGrant(line string) (grant, bool) {
	m := grantLine.FindStringSubmatch(line)
	if m == nil {
		return grant{}, false
	}
	g := grant{on: m[2], passOn: strings.HasSuffix(line, " WITH GRANT OPTION")}
	for p := range strings.SplitSeq(m[1], ",") {
		g.privileges = append(g.privileges, strings.TrimSpace(p))
	}
	return g, true
}

// grants looks at what the replication user may do, and should not be able to.
func (e *examination) grants(ctx context.Context) {
	may := doctor.Check{Name: "replication privileges", Why: "without them the binlog cannot be read"}
	mayNot := doctor.Check{
		Name: "excess privileges",
		Why:  "the follower of the binlog kills connections by id when it reconnects, and an id may be someone else's by then; and its password should open neither consultations nor what visitors search for",
	}
	user, list, err := currentGrants(ctx, e.Replication.Write)
	if err != nil {
		e.Unknown(may, err)
		return
	}
	var missing []string
	for _, p := range needed {
		if !slices.ContainsFunc(list, func(g grant) bool {
			return g.on == "*.*" && (slices.Contains(g.privileges, p) || slices.Contains(g.privileges, "ALL PRIVILEGES"))
		}) {
			missing = append(missing, p)
		}
	}
	may.Fix = e.inMySQL(fmt.Sprintf("GRANT %s ON *.* TO %s", strings.Join(needed, ", "), user))
	if len(missing) > 0 {
		e.Fail(may, "%s lacks %s", user, strings.Join(missing, " and "))
	} else {
		e.Good(may, "%s has %s", user, strings.Join(needed, " and "))
	}
	database, err := e.database(ctx)
	if err != nil {
		e.Unknown(mayNot, err)
		return
	}
	e.tables(ctx, user, database)

	excess := excessOf(list, func(g grant, privilege string) bool {
		if privilege == "SELECT" {
			return g.onTable(database, e.Tables)
		}
		return slices.Contains(needed, privilege)
	})
	mayNot.Fix = e.inMySQL("REVOKE ALL PRIVILEGES, GRANT OPTION FROM " + user + "; " + replicationGrants(database, user, e.Tables))
	if !e.Separate {
		mayNot.Fix = e.inMySQL("CREATE USER 'xunke_replication'@'%' IDENTIFIED BY '<password>'; "+
			replicationGrants(database, "'xunke_replication'@'%'", e.Tables)) + " and set indexer.replication_dsn (XUNKE_INDEXER_REPLICATION_DSN)"
	}
	e.judgeExcess(mayNot, user, excess)
}

// excessOf lists what grants give beyond what may tells to be in order.
func excessOf(list []grant, may func(g grant, privilege string) bool) (excess []string) {
	for _, g := range list {
		for _, p := range g.privileges {
			// What a user may do with columns is written as SELECT (a, b).
			if name, _, _ := strings.Cut(p, " ("); name != "USAGE" && !may(g, name) {
				excess = append(excess, p+" ON "+g.on)
			}
		}
		if g.passOn {
			excess = append(excess, "GRANT OPTION ON "+g.on)
		}
	}
	return excess
}

func (e *examination) judgeExcess(c doctor.Check, user string, excess []string) {
	switch {
	case len(excess) > shownExcess:
		e.Warn(c, "%s has %s and %d more", user, strings.Join(excess[:shownExcess], ", "), len(excess)-shownExcess)
	case len(excess) > 0:
		e.Warn(c, "%s has %s", user, strings.Join(excess, ", "))
	default:
		e.Good(c, "%s has no others", user)
	}
}

// replicationGrants are the statements that give a user what following the binlog takes.
func replicationGrants(database, user string, tables []string) string {
	return fmt.Sprintf("GRANT %s ON *.* TO %s; ", strings.Join(needed, ", "), user) + tableGrants(database, user, tables)
}

// tableGrants are the statements that let a user look at tables.
func tableGrants(database, user string, tables []string) string {
	var statements []string
	for _, table := range tables {
		statements = append(statements, fmt.Sprintf("GRANT SELECT ON %s.%s TO %s", database, table, user))
	}
	return strings.Join(statements, "; ")
}

// database is the name of the application's.
func (e *examination) database(ctx context.Context) (name string, err error) {
	err = e.App.Write.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&name)
	return name, err
}

// tables looks whether the replication user sees the tables that it hears of.
func (e *examination) tables(ctx context.Context, user, database string) {
	c := doctor.Check{Name: "tables on the binlog", Why: "of a table whose columns the replication user does not see, no row says anything"}
	unseen, err := source.HiddenTables(ctx, e.Replication.Write)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	c.Fix = e.inMySQL(tableGrants(database, user, unseen))
	if len(unseen) > 0 {
		e.Fail(c, "%s does not see %s", user, strings.Join(unseen, ", "))
		return
	}
	e.Good(c, "%s sees all", user)
}

// ownNeeds is what the application's user has to be able to do with the tables.
var ownNeeds = []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"}

// ownGrants looks at what the application's user may do, and should not be able to.
// Privileges that come by a role are not listed, so that a lack is a warning only.
func (e *examination) ownGrants(ctx context.Context) {
	c := doctor.Check{Name: "application privileges", Why: "imports, events and migrations write with that user"}
	user, list, err := currentGrants(ctx, e.App.Write)
	var database string
	if err == nil {
		database, err = e.database(ctx)
	}
	if err != nil {
		e.Unknown(c, err)
		return
	}
	var missing []string
	for _, p := range ownNeeds {
		if !slices.ContainsFunc(list, func(g grant) bool {
			return g.covers(database) && (slices.Contains(g.privileges, p) || slices.Contains(g.privileges, "ALL PRIVILEGES"))
		}) {
			missing = append(missing, p)
		}
	}
	c.Fix = e.inMySQL(fmt.Sprintf("GRANT %s ON %s.* TO %s", strings.Join(ownNeeds, ", "), database, user))
	if len(missing) > 0 {
		e.Warn(c, "%s lacks %s on %s", user, strings.Join(missing, ", "), database)
	} else {
		e.Good(c, "%s may do all that it needs with %s", user, database)
	}
	if !e.Separate {
		return // it follows the binlog as well, and "excess privileges" has judged it
	}
	mayNot := doctor.Check{
		Name: "excess privileges of the application",
		Why:  "who gets at the password of the site should get at nothing but Xunke's own tables",
		Fix: e.inMySQL(fmt.Sprintf("REVOKE ALL PRIVILEGES, GRANT OPTION FROM %[1]s; GRANT %[2]s ON %[3]s.* TO %[1]s",
			user, strings.Join(ownNeeds, ", "), database)),
	}
	e.judgeExcess(mayNot, user, excessOf(list, func(g grant, privilege string) bool {
		return g.on != "*.*" && (g.covers(database) || strings.HasPrefix(g.on, "`"+database+"`.")) && slices.Contains(ownNeeds, privilege)
	}))
}

// onTable says whether a grant is about one of some tables of a database.
func (g grant) onTable(database string, tables []string) bool {
	return slices.ContainsFunc(tables, func(table string) bool { return g.on == "`"+database+"`.`"+table+"`" })
}

// covers says whether a grant is about all tables of a database. The name in a grant is a
// pattern, in which % stands for any text and _ for any character unless \ is before it.
func (g grant) covers(database string) bool {
	if g.on == "*.*" {
		return true
	}
	name, ok := strings.CutSuffix(g.on, ".*")
	if !ok {
		return false
	}
	name = regexp.QuoteMeta(strings.Trim(name, "`"))
	name = strings.NewReplacer(`\\_`, "_", `\\%`, "%", "_", ".", "%", ".*").Replace(name)
	matched, err := regexp.MatchString("^"+name+"$", database)
	return err == nil && matched
}

// shownExcess is how many privileges too many are named: an administrator has dozens.
const shownExcess = 5

func currentGrants(ctx context.Context, db *sql.DB) (user string, list []grant, err error) {
	if err := db.QueryRowContext(ctx, "SELECT CURRENT_USER()").Scan(&user); err != nil {
		return "", nil, fmt.Errorf("read user: %w", err)
	}
	name, host, _ := strings.Cut(user, "@")
	user = "'" + name + "'@'" + host + "'"
	err = mysql.EachRow(ctx, db, "SHOW GRANTS", nil, func(rows *sql.Rows) error {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if g, ok := parseGrant(line); ok {
			list = append(list, g)
		}
		return nil
	})
	return user, list, err
}
