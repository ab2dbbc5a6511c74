package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/test/harness"
)

// mysqld is a MySQL server of a test's own.
type mysqld struct {
	t      *testing.T
	home   string // of the program
	folder string
	port   int
	id     int
	cmd    *exec.Cmd
	ended  chan struct{}
}

// settings are those of every MySQL of Xunke.
const settings = "../../docker/mysql/server.cnf"

// newPair makes two servers of one origin that run: the first takes writes, the second
// follows it.
func newPair(t *testing.T) (source, replica *mysqld) {
	t.Helper()
	home := testenv.Variable(t, "XUNKE_TEST_MYSQL_HOME")
	folder := t.TempDir()
	var pair [2]*mysqld
	for i := range pair {
		pair[i] = &mysqld{t: t, home: home, folder: filepath.Join(folder, fmt.Sprint(i)), port: testenv.FreePort(t), id: i + 1}
		t.Cleanup(pair[i].kill) // once, here: after everything that still needs the servers
	}
	source, replica = pair[0], pair[1]
	root := filepath.Join(folder, "root.sql") // who comes over TCP here, without a password
	if err := os.WriteFile(root, []byte("CREATE USER 'root'@'127.0.0.1';\nGRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	source.run("make its data", "--initialize-insecure", "--init-file="+root)
	replica.copy(source)
	source.start()
	replica.start()
	source.do(`RESET MASTER`)
	replica.do(`RESET MASTER`)
	replica.follow(source)
	return source, replica
}

func (d *mysqld) address() string { return fmt.Sprintf("127.0.0.1:%d", d.port) }

func (d *mysqld) command(options ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(d.home, "bin", "mysqld"), append([]string{"--defaults-file=" + settings, "--basedir=" + d.home, "--datadir=" + d.folder}, options...)...)
	if os.Getuid() == 0 {
		cmd.Args = append(cmd.Args, "--user=root")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// run runs the program to its end.
func (d *mysqld) run(what string, options ...string) {
	d.t.Helper()
	if out, err := d.command(options...).CombinedOutput(); err != nil {
		d.t.Fatalf("MySQL could not %s: %v\n%s", what, err, out)
	}
}

// start starts the server and returns when it answers.
func (d *mysqld) start(options ...string) {
	d.t.Helper()
	log, err := os.Create(d.folder + ".log")
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	d.cmd = d.command(append([]string{
		fmt.Sprint("--port=", d.port), "--bind-address=127.0.0.1", "--socket=" + d.folder + ".sock", fmt.Sprint("--server-id=", d.id),
		"--sync-binlog=0", "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M", "--performance-schema=OFF",
	}, options...)...)
	d.cmd.Stdout, d.cmd.Stderr = log, log
	if err := d.cmd.Start(); err != nil {
		d.t.Fatalf("start MySQL: %v", err)
	}
	ended := make(chan struct{})
	d.ended = ended
	go func() {
		_ = d.cmd.Wait()
		close(ended)
	}()
	testenv.Eventually(d.t, harness.Patience, "MySQL answers", func() (bool, string) {
		select {
		case <-ended:
			said, _ := os.ReadFile(log.Name())
			d.t.Fatalf("MySQL has ended:\n%s", said)
		default:
		}
		err := d.try(`SELECT 1`)
		return err == nil, fmt.Sprint(err)
	})
}

// kill ends the server as a loss of power does.
func (d *mysqld) kill() {
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Kill()
	<-d.ended
}

// copy replaces the server's data by those of another; both are down. It is a server of its
// own all the same.
func (d *mysqld) copy(other *mysqld) {
	d.t.Helper()
	if err := os.RemoveAll(d.folder); err != nil {
		d.t.Fatal(err)
	}
	if out, err := exec.CommandContext(d.t.Context(), "cp", "-a", other.folder, d.folder).CombinedOutput(); err != nil {
		d.t.Fatalf("copy the data: %v\n%s", err, out)
	}
	d.forgetIdentity()
}

// forgetIdentity makes the server, which is down, another one at its next start.
func (d *mysqld) forgetIdentity() {
	d.t.Helper()
	if err := os.RemoveAll(filepath.Join(d.folder, "auto.cnf")); err != nil {
		d.t.Fatal(err)
	}
}

// try runs statements on one connection.
func (d *mysqld) try(statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), harness.Patience)
	defer cancel()
	db, err := sql.Open("mysql", "root@tcp("+d.address()+")/")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// do runs statements that have to succeed.
func (d *mysqld) do(statements ...string) {
	d.t.Helper()
	if err := d.try(statements...); err != nil {
		d.t.Fatal(err)
	}
}

// value is the single text that a query yields.
func (d *mysqld) value(query string, args ...any) (text string) {
	d.t.Helper()
	db, err := sql.Open("mysql", "root@tcp("+d.address()+")/")
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(d.t.Context(), query, args...).Scan(&text); err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
	return text
}

// follow makes the server a replica of another.
func (d *mysqld) follow(source *mysqld) {
	d.t.Helper()
	d.do(`STOP REPLICA`, `SET GLOBAL super_read_only = ON`,
		fmt.Sprintf(`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = %d, SOURCE_USER = 'root',
			SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = 1, GET_SOURCE_PUBLIC_KEY = 1`, source.port),
		`START REPLICA`)
	d.catchUp(source)
}

// catchUp waits until the server has executed all that another has.
func (d *mysqld) catchUp(source *mysqld) {
	d.t.Helper()
	executed := strings.ReplaceAll(source.value(`SELECT @@GLOBAL.gtid_executed`), "\n", "")
	if late := d.value(`SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?)`, executed, harness.Patience.Seconds()); late != "0" {
		d.t.Fatalf("the replica does not catch up with %s", executed)
	}
}

// promote makes a replica the one that takes writes.
func (d *mysqld) promote() {
	d.t.Helper()
	d.do(`STOP REPLICA`, `RESET REPLICA ALL`, `SET GLOBAL super_read_only = OFF`, `SET GLOBAL read_only = OFF`)
}
