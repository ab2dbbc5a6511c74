package testenv

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// OwnMySQL starts a MySQL of the test's own, with the settings of every MySQL of Xunke
// (docker/mysql/server.cnf, at settings) and with options that take hold from the moment at
// which its data are made, and returns the DSN of its root. It ends with the test.
func OwnMySQL(t *testing.T, settings string, options ...string) (dsn string) {
	t.Helper()
	home := Variable(t, "XUNKE_TEST_MYSQL_HOME")
	folder := t.TempDir()
	command := func(more ...string) *exec.Cmd {
		args := append([]string{"--defaults-file=" + settings, "--basedir=" + home, "--datadir=" + filepath.Join(folder, "data")}, options...)
		if os.Getuid() == 0 {
			args = append(args, "--user=root")
		}
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(home, "bin", "mysqld"), append(args, more...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		return cmd
	}
	root := filepath.Join(folder, "root.sql") // who comes over TCP here, without a password
	if err := os.WriteFile(root, []byte("CREATE USER 'root'@'127.0.0.1';\nGRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := command("--initialize-insecure", "--init-file="+root).CombinedOutput(); err != nil {
		t.Fatalf("MySQL could not make its data: %v\n%s", err, out)
	}
	port := FreePort(t)
	socket, err := os.MkdirTemp("", "xt") //nolint:usetesting // the path of a socket may have 107 bytes, and those of t.TempDir are longer
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(socket) })
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd := command(fmt.Sprint("--port=", port), "--bind-address=127.0.0.1", "--socket="+filepath.Join(socket, "s"),
		"--pid-file="+filepath.Join(folder, "pid"), "--sync-binlog=0", "--innodb-flush-log-at-trx-commit=2",
		"--innodb-buffer-pool-size=64M", "--performance-schema=OFF")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatalf("start MySQL: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	dsn = fmt.Sprintf("root@tcp(127.0.0.1:%d)/", port)
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	Eventually(t, time.Minute, "MySQL answers", func() (bool, string) {
		err := db.PingContext(t.Context())
		said, _ := os.ReadFile(log.Name())
		return err == nil, fmt.Sprintf("%v\n%s", err, said)
	})
	return dsn
}

// FreePort is a port that nobody listens at.
func FreePort(t *testing.T) int {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}
