package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/test/harness"
)

// TestMariaDBIsRefused points each command that an operator begins with at a real MariaDB.
// What such a server says of itself, and which of our session's settings it does not know,
// is up to it.
func TestMariaDBIsRefused(t *testing.T) {
	dsn := "root@tcp(" + startMariaDB(t) + ")/xunke"
	w := emptyWorld(t)
	for _, command := range []string{"migrate", "index", "doctor"} {
		t.Run(command, func(t *testing.T) {
			r := w.on(t).Start(command, []string{"MYSQL_DSN", dsn, "INDEXER_REPLICATION_DSN", dsn}, command).Result()
			if r.Status != 1 && r.Status != 2 {
				t.Errorf("it ended with status %d", r.Status)
			}
			output := r.Stdout + r.Stderr
			for _, text := range []string{"the server is MariaDB (", "-MariaDB", "run a MySQL 8.0 or 8.4", "mariadb-dump"} {
				if !strings.Contains(output, text) {
					t.Errorf("it does not say %q: %s", text, output)
				}
			}
			if strings.Contains(output, "goroutine ") {
				t.Errorf("it panicked: %s", output)
			}
		})
	}
}

// startMariaDB starts a MariaDB that asks nobody for a password, and returns its address. It
// has neither tables of users nor anything else: it is to be refused before that matters.
func startMariaDB(t *testing.T) (address string) {
	t.Helper()
	home := os.Getenv("XUNKE_TEST_MARIADB_HOME")
	if home == "" {
		t.Fatal("XUNKE_TEST_MARIADB_HOME is not set: run the tests with `make test` or `make e2e`, which fetch a MariaDB; or name a folder with usr/sbin/mariadbd")
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	_ = l.Close()
	folder := t.TempDir()
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	data := filepath.Join(folder, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(home, "usr", "sbin", "mariadbd"), "--no-defaults", "--skip-grant-tables",
		"--basedir="+filepath.Join(home, "usr"), "--datadir="+data, "--socket="+filepath.Join(folder, "socket"),
		"--pid-file="+filepath.Join(folder, "pid"), "--bind-address=127.0.0.1", "--port="+port)
	if os.Getuid() == 0 {
		cmd.Args = append(cmd.Args, "--user=root")
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start MariaDB: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	testenv.Eventually(t, harness.Patience, "MariaDB answers", func() (bool, string) {
		select {
		case <-ended:
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("MariaDB has ended:\n%s", said)
		default:
		}
		version, err := versionOf(t.Context(), address)
		return err == nil, fmt.Sprint(version, err)
	})
	return address
}

// versionOf is what a server says when it is asked for its version.
func versionOf(ctx context.Context, address string) (version string, err error) {
	db, err := sql.Open("mysql", "root@tcp("+address+")/")
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	err = db.QueryRowContext(ctx, `SELECT VERSION()`).Scan(&version)
	return version, err
}
