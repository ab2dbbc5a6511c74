package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// secret is in what the processes are given, and must not be in anything that they say.
const secret = "Geheim-4711-x"

// refusal is a process that cannot work as it is started.
type refusal struct {
	name     string
	prepare  func()
	settings []string
	command  string
	says     []string
}

// TestRefusals starts processes where they cannot work. They must say what is wrong and
// what to do, end with a status that tells, and give no secret away.
func TestRefusals(t *testing.T) {
	w := emptyWorld(t)
	user := poorUser(w)
	wrong, right := userDSN(w, user, "Falsch-"+secret), userDSN(w, user, secret)
	nothing := func() {}
	for _, r := range []refusal{
		{"a schema that is behind", nothing, nil, "index", []string{"migration", "xunke migrate"}},
		{"a wrong password", func() { w.Must("migrate") }, []string{"MYSQL_DSN", wrong}, "index", []string{"password"}},
		{"a replication user with a wrong password", nothing, []string{"INDEXER_REPLICATION_DSN", wrong}, "index", []string{"replication"}},
		{"a replication user without privileges", nothing, []string{"INDEXER_REPLICATION_DSN", right}, "index", []string{"GRANT", "REPLICATION SLAVE"}},
		{"a reindex with a replication user without privileges", nothing, []string{"INDEXER_REPLICATION_DSN", right}, "reindex", []string{"GRANT", "REPLICATION SLAVE"}},
		{"a replication user that does not see all tables", func() {
			w.Exec(`REVOKE SELECT ON ` + user + `.* FROM '` + user + `'@'%'`)
			w.Exec(`GRANT SELECT ON ` + user + `.courses TO '` + user + `'@'%'`)
			w.Exec(`GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '` + user + `'@'%'`)
		}, []string{"INDEXER_REPLICATION_DSN", right}, "index", []string{"GRANT SELECT", "lessons"}},
		{"nobody at MySQL's address", nothing, []string{"MYSQL_DSN", fmt.Sprintf("u:%s@tcp(127.0.0.1:1)/x", secret)}, "index", []string{"127.0.0.1:1"}},
		{"settings that make no sense", nothing, []string{"INDEXER_BATCH_SIZE", "0", "ELASTICSEARCH_PREFIX", "Ä"}, "index",
			[]string{"indexer.batch_size = 0", "elasticsearch.prefix = Ä"}},
		{"a DSN that is none", nothing, []string{"MYSQL_DSN", "u:" + secret + "@@"}, "serve", []string{"mysql.dsn"}},
	} {
		t.Run(r.name, func(t *testing.T) { r.check(t, w.on(t)) })
	}
	t.Run("a second process of the same kind", func(t *testing.T) { refuseSecondAPI(t, w.on(t)) })
}

// poorUser makes a user that may change rows of the test's database and nothing else. Its
// name is the database's, 15 characters; a user name may have 32.
func poorUser(w *world) string {
	name := w.Config.Elasticsearch.Prefix
	w.Exec(`CREATE USER '` + name + `'@'%' IDENTIFIED BY '` + secret + `'`)
	w.T.Cleanup(func() {
		if _, err := w.DB.Exec(`DROP USER '` + name + `'@'%'`); err != nil {
			w.T.Errorf("drop the test's user: %v", err)
		}
	})
	w.Exec(`GRANT SELECT, INSERT, UPDATE, DELETE ON ` + name + `.* TO '` + name + `'@'%'`)
	return name
}

func userDSN(w *world, name, password string) string {
	parsed, err := mysql.ParseDSN(w.Config.MySQL.DSN)
	if err != nil {
		w.T.Fatal("read the test's DSN")
	}
	parsed.User, parsed.Passwd = name, password
	return parsed.FormatDSN()
}

func (r refusal) check(t *testing.T, w *world) {
	t.Helper()
	r.prepare()
	result := w.Start(r.command, r.settings, r.command).Result()
	if result.Status != 1 && result.Status != 2 {
		t.Errorf("it ended with status %d", result.Status)
	}
	output := result.Stdout + result.Stderr
	for _, text := range r.says {
		if !strings.Contains(output, text) {
			t.Errorf("it does not say %q: %s", text, output)
		}
	}
	if strings.Contains(output, secret) {
		t.Errorf("it gives a password away: %s", output)
	}
	if strings.Contains(output, "goroutine ") {
		t.Errorf("it panicked: %s", output)
	}
}

func refuseSecondAPI(t *testing.T, w *world) {
	t.Helper()
	dir := t.TempDir()
	a := w.Start("the first API", []string{"RUN_DIR", dir}, "serve")
	address := strings.Fields(strings.SplitN(a.Line("msg=listening", "address="), "address=", 2)[1])[0]
	r := w.Start("a second API", []string{"RUN_DIR", dir}, "serve").Result()
	if r.Status == 0 || !strings.Contains(r.Stderr, fmt.Sprint(a.PID())) {
		t.Errorf("the second API of one run_dir: %s", r)
	}
	r = w.Start("an API on the same port", []string{"API_LISTEN", address}, "serve").Result()
	if r.Status == 0 || !strings.Contains(r.Stderr, address) || !strings.Contains(r.Stderr, "XUNKE_API_LISTEN") {
		t.Errorf("the second API on one port: %s", r)
	}
	a.Stop()
}
