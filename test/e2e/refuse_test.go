package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// TestRefusals starts the indexer where it cannot work. It must say what is wrong and
// what to do, end with a status that tells, and give no secret away.
func TestRefusals(t *testing.T) {
	w := emptyWorld(t)
	const secret = "Geheim-4711-x"
	name := w.Config.Elasticsearch.Prefix // 15 characters; a user name may have 32
	w.Exec(`CREATE USER '` + name + `'@'%' IDENTIFIED BY '` + secret + `'`)
	t.Cleanup(func() {
		if _, err := w.DB.Exec(`DROP USER '` + name + `'@'%'`); err != nil {
			t.Errorf("drop the test's user: %v", err)
		}
	})
	w.Exec(`GRANT SELECT, INSERT, UPDATE, DELETE ON ` + name + `.* TO '` + name + `'@'%'`)
	dsn := func(password string) string {
		parsed, err := mysql.ParseDSN(w.Config.MySQL.DSN)
		if err != nil {
			t.Fatal("read the test's DSN")
		}
		parsed.User, parsed.Passwd = name, password
		return parsed.FormatDSN()
	}

	tests := []struct {
		name     string
		prepare  func()
		settings []string
		args     []string
		says     []string
	}{
		{"a schema that is behind", func() {}, nil, []string{"index"}, []string{"migration", "xunke migrate"}},
		{"a wrong password", func() { w.Must("migrate") }, []string{"MYSQL_DSN", dsn("Falsch-" + secret)}, []string{"index"},
			[]string{"password"}},
		{"a replication user with a wrong password", func() {}, []string{"INDEXER_REPLICATION_DSN", dsn("Falsch-" + secret)}, []string{"index"},
			[]string{"replication"}},
		{"a replication user without privileges", func() {}, []string{"INDEXER_REPLICATION_DSN", dsn(secret)}, []string{"index"},
			[]string{"GRANT", "REPLICATION SLAVE"}},
		{"a reindex with a replication user without privileges", func() {}, []string{"INDEXER_REPLICATION_DSN", dsn(secret)}, []string{"reindex"},
			[]string{"GRANT", "REPLICATION SLAVE"}},
		{"a replication user that does not see all tables", func() {
			w.Exec(`REVOKE SELECT ON ` + name + `.* FROM '` + name + `'@'%'`)
			w.Exec(`GRANT SELECT ON ` + name + `.courses TO '` + name + `'@'%'`)
			w.Exec(`GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '` + name + `'@'%'`)
		}, []string{"INDEXER_REPLICATION_DSN", dsn(secret)}, []string{"index"}, []string{"GRANT SELECT", "lessons"}},
		{"nobody at MySQL's address", func() {}, []string{"MYSQL_DSN", fmt.Sprintf("u:%s@tcp(127.0.0.1:1)/x", secret)}, []string{"index"},
			[]string{"127.0.0.1:1"}},
		{"settings that make no sense", func() {}, []string{"INDEXER_BATCH_SIZE", "0", "ELASTICSEARCH_PREFIX", "Ä"}, []string{"index"},
			[]string{"indexer.batch_size = 0", "elasticsearch.prefix = Ä"}},
		{"a DSN that is none", func() {}, []string{"MYSQL_DSN", "u:" + secret + "@@"}, []string{"serve"}, []string{"mysql.dsn"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.prepare()
			r := w.on(t).Start(strings.Join(test.args, " "), test.settings, test.args...).Result()
			if r.Status != 1 && r.Status != 2 {
				t.Errorf("it ended with status %d", r.Status)
			}
			output := r.Stdout + r.Stderr
			for _, text := range test.says {
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
		})
	}

	t.Run("a second process of the same kind", func(t *testing.T) {
		w := w.on(t)
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
	})
}
