package doctor_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/mysql"
	mysqldoctor "github.com/xunke/xunke/internal/mysql/doctor"
	"github.com/xunke/xunke/internal/mysql/oracle"
	"github.com/xunke/xunke/internal/testenv"
)

// finding returns the finding of a check and fails the test when there is none.
func finding(t *testing.T, findings doctor.Findings, check string) doctor.Finding {
	t.Helper()
	for _, f := range findings {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("there is no finding of %q in %+v", check, findings)
	return doctor.Finding{}
}

func installation(t *testing.T, pool *mysql.Pool) mysqldoctor.Installation {
	t.Helper()
	executed, err := oracle.New(pool.Write).ExecutedSet(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return mysqldoctor.Installation{App: pool, Replication: pool, ServerID: 4_000_000_001, Tables: binlog.Tables(), Client: "mysql", Acked: executed}
}

func TestExamineAHealthyServer(t *testing.T) {
	pool := testenv.Pool(t, testenv.Config(t))
	findings := mysqldoctor.Examine(t.Context(), installation(t, pool))
	// The servers of tests are not durable, and their user is an administrator.
	warnings := map[string]bool{"sync_binlog": true, "innodb_flush_log_at_trx_commit": true, "excess privileges": true}
	for _, f := range findings {
		if f.Status != doctor.OK && (f.Status != doctor.Warning || !warnings[f.Check]) {
			t.Errorf("%+v", f)
		}
		if f.Area != "mysql" || f.Why == "" || f.Found == "" || (f.Fix == "") != (f.Status == doctor.OK) {
			t.Errorf("incomplete: %+v", f)
		}
	}
	if len(findings) < 20 {
		t.Errorf("%d findings", len(findings))
	}
}

func TestExamineFindsWhatIsWrongWithTheSchema(t *testing.T) {
	c := testenv.Config(t)
	pool := testenv.Pool(t, c)
	db := pool.Write
	for _, statement := range []string{
		`ALTER TABLE lessons DROP FOREIGN KEY lessons_course`,
		`ALTER TABLE lessons ADD CONSTRAINT lessons_course FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE`,
		`ALTER TABLE tags CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci`,
		`CREATE TABLE bookmarks (course_id BIGINT UNSIGNED PRIMARY KEY, FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE)`, // of no concern
		`CREATE TABLE guests (id INT PRIMARY KEY, note VARCHAR(9) CHARACTER SET latin1)`,
		`DELETE FROM goose_db_version WHERE version_id = 2`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	findings := mysqldoctor.Examine(t.Context(), installation(t, pool))
	for check, want := range map[string]struct {
		status doctor.Status
		found  string
	}{
		"foreign keys that cascade":  {doctor.Failure, "lessons.lessons_course"},
		"columns without utf8mb4":    {doctor.Failure, "guests.note"},
		"names that compare loosely": {doctor.Warning, "tags.name"},
		"migrations":                 {doctor.Failure, "1 pending: 00002_indexing.sql"},
	} {
		f := finding(t, findings, check)
		if f.Status != want.status || f.Found != want.found {
			t.Errorf("%s: %+v, want %+v", check, f, want)
		}
		// The commands that mend are tried, those of SQL at least.
		if statements, ok := strings.CutPrefix(f.Fix, `mysql -e "`); ok {
			for statement := range strings.SplitSeq(strings.TrimSuffix(statements, `"`), "; ") {
				if _, err := db.Exec(statement); err != nil {
					t.Errorf("%s: %v", statement, err)
				}
			}
			if f = finding(t, mysqldoctor.Examine(t.Context(), installation(t, pool)), check); f.Status != doctor.OK {
				t.Errorf("after the fix: %+v", f)
			}
		}
	}
}

func TestExamineComparesHistories(t *testing.T) {
	pool := testenv.Pool(t, testenv.Config(t))
	db := pool.Write
	p := installation(t, pool)
	for name, c := range map[string]struct {
		change       func(*mysqldoctor.Installation)
		check, found string
		status       doctor.Status
	}{
		"never indexed": {func(p *mysqldoctor.Installation) { p.Acked = "" }, "history", "nothing has been indexed yet", doctor.Warning},
		"another's history": {
			func(p *mysqldoctor.Installation) { p.Acked += ",3e11fa47-71ca-11e1-9e33-c80aa9429562:1-7" },
			"history", "7 transactions were indexed that this server does not have", doctor.Failure,
		},
		"state unknown": {
			func(p *mysqldoctor.Installation) { p.Stateless = fmt.Errorf("no answer") }, "history", "could not be checked: no answer", doctor.Failure,
		},
		"far behind": {
			func(p *mysqldoctor.Installation) { p.Oldest = time.Now().AddDate(-1, 0, 0) },
			"binlog retention", "", doctor.Failure,
		},
	} {
		t.Run(name, func(t *testing.T) {
			changed := p
			c.change(&changed)
			f := finding(t, mysqldoctor.Examine(t.Context(), changed), c.check)
			if f.Status != c.status || !strings.HasPrefix(f.Found, c.found) || f.Fix == "" {
				t.Errorf("%+v", f)
			}
		})
	}
	if err := db.QueryRow("SELECT @@GLOBAL.server_id").Scan(&p.ServerID); err != nil {
		t.Fatal(err)
	}
	if f := finding(t, mysqldoctor.Examine(t.Context(), p), "server id"); f.Status != doctor.Failure {
		t.Errorf("the source's own server id: %+v", f)
	}
}

func TestExamineReadsPrivileges(t *testing.T) {
	c := testenv.Config(t)
	pool := testenv.Pool(t, c)
	db := pool.Write
	dsn, err := driver.ParseDSN(c.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	user := dsn.DBName // nobody else has it
	run := func(statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	run(`CREATE USER '` + user + `'@'%' IDENTIFIED BY 'secret'`)
	t.Cleanup(func() {
		if _, err := db.Exec(`DROP USER '` + user + `'@'%'`); err != nil {
			t.Error(err)
		}
	})
	dsn.User, dsn.Passwd = user, "secret"
	asApplication := false
	examine := func() doctor.Findings {
		t.Helper()
		replication, err := mysql.Open(t.Context(), dsn.FormatDSN())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = replication.Close() }()
		p := installation(t, pool)
		p.Replication, p.Separate = replication, true
		if asApplication {
			p.App, p.Replication = replication, pool
		}
		return mysqldoctor.Examine(t.Context(), p)
	}

	run(`GRANT SELECT, INSERT ON ` + dsn.DBName + `.* TO '` + user + `'@'%'`)
	run(`GRANT CONNECTION_ADMIN ON *.* TO '` + user + `'@'%'`)
	findings := examine()
	if f := finding(t, findings, "replication privileges"); f.Status != doctor.Failure || !strings.Contains(f.Found, "lacks REPLICATION SLAVE and REPLICATION CLIENT") {
		t.Errorf("missing: %+v", f)
	}
	excess := finding(t, findings, "excess privileges")
	if excess.Status != doctor.Warning || !strings.Contains(excess.Found, "CONNECTION_ADMIN ON *.*") || !strings.Contains(excess.Found, "INSERT ON") || !strings.Contains(excess.Found, "SELECT ON") {
		t.Errorf("excess: %+v", excess)
	}
	mend := func(f doctor.Finding) {
		t.Helper()
		for statement := range strings.SplitSeq(strings.TrimSuffix(strings.TrimPrefix(f.Fix, `mysql -e "`), `"`), "; ") {
			run(statement)
		}
	}
	asApplication = true
	own := finding(t, examine(), "application privileges")
	if own.Status != doctor.Warning || !strings.Contains(own.Found, "lacks UPDATE, DELETE, CREATE") || strings.Contains(own.Found, "INSERT") {
		t.Errorf("as the application: %+v", own)
	}
	mend(own)
	if own = finding(t, examine(), "application privileges"); own.Status != doctor.OK {
		t.Errorf("as the application, after the fix: %+v", own)
	}
	asApplication = false
	mend(excess)
	findings = examine()
	for _, check := range []string{"replication privileges", "excess privileges", "server id", "history", "binlog filters"} {
		if f := finding(t, findings, check); f.Status != doctor.OK {
			t.Errorf("after the fix: %+v", f)
		}
	}
}

// TestAccountsGetWhatIsNeededAndNoMore runs what make up lets MySQL's users do, before and
// after migrations have made the tables, over what earlier versions granted.
func TestAccountsGetWhatIsNeededAndNoMore(t *testing.T) {
	c := testenv.Config(t)
	pool := testenv.Pool(t, c)
	dsn, err := driver.ParseDSN(c.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	database := dsn.DBName
	application, replication := database+"_a", database+"_r"
	run := func(statement string) {
		t.Helper()
		if _, err := pool.Write.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	grant := func(database string) {
		t.Helper()
		script, err := exec.CommandContext(t.Context(), "sh", "../../../docker/mysql/accounts.sh", "%", database, application, replication).Output()
		if err != nil {
			t.Fatal(err)
		}
		for statement := range strings.SplitSeq(strings.TrimSpace(string(script)), ";") {
			if statement != "" {
				run(statement)
			}
		}
	}
	open := func(user string) *mysql.Pool {
		t.Helper()
		dsn.User, dsn.Passwd = user, "secret"
		opened, err := mysql.Open(t.Context(), dsn.FormatDSN())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = opened.Close() })
		return opened
	}
	for _, user := range []string{application, replication} {
		run("CREATE USER '" + user + "'@'%' IDENTIFIED BY 'secret'")
		t.Cleanup(func() { _, _ = pool.Write.Exec("DROP USER '" + user + "'@'%'") })
	}
	grant(database + "_of_no_tables")
	run("REVOKE ALL PRIVILEGES, GRANT OPTION FROM '" + application + "'@'%', '" + replication + "'@'%'")
	run("GRANT ALL PRIVILEGES ON " + database + ".* TO '" + application + "'@'%'")
	run("GRANT REPLICATION SLAVE, REPLICATION CLIENT, SELECT ON *.* TO '" + replication + "'@'%'")
	run("GRANT SELECT ON " + database + ".* TO '" + replication + "'@'%'")
	p := installation(t, pool)
	p.Separate = true
	p.App, p.Replication = open(application), open(replication)
	findings := mysqldoctor.Examine(t.Context(), p)
	for _, check := range []string{"excess privileges", "excess privileges of the application"} {
		if f := finding(t, findings, check); f.Status != doctor.Warning {
			t.Errorf("what earlier versions granted: %+v", f)
		}
	}
	grant(database)
	p.App, p.Replication = open(application), open(replication)
	findings = mysqldoctor.Examine(t.Context(), p)
	for _, check := range []string{
		"replication privileges", "tables on the binlog", "excess privileges", "application privileges", "excess privileges of the application",
	} {
		if f := finding(t, findings, check); f.Status != doctor.OK {
			t.Errorf("%+v", f)
		}
	}
	for statement, user := range map[string]*mysql.Pool{
		"SELECT * FROM consultations":       p.Replication,
		"SELECT * FROM search_daily_counts": p.Replication,
		"SELECT * FROM mysql.user":          p.Replication,
		"DELETE FROM courses":               p.Replication,
		"SELECT user FROM mysql.user":       p.App,
	} {
		if _, err := user.Write.Exec(statement); !mysql.IsServerError(err, mysql.ErrnoTableAccessDenied) {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if _, err := p.App.Write.Exec("DELETE FROM consultations"); err != nil {
		t.Errorf("the application: %v", err)
	}
}
