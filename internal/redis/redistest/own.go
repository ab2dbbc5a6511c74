package redistest

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/internal/testenv"
)

// Own starts a Redis of the test's own, which it may stop and spoil, and returns its
// address and its process.
func Own(t *testing.T, args ...string) (address string, process *exec.Cmd) {
	t.Helper()
	program := testenv.Variable(t, "XUNKE_TEST_REDIS_SERVER")
	port := strconv.Itoa(testenv.FreePort(t))
	address = net.JoinHostPort("127.0.0.1", port)
	dir := t.TempDir()
	process = exec.CommandContext(context.WithoutCancel(t.Context()), program, append([]string{
		"--bind", "127.0.0.1", "--port", port, "--dir", dir, "--save", "", "--logfile", filepath.Join(dir, "log"),
	}, args...)...)
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Kill() // it may be stopped, or gone
		_ = process.Wait()
	})
	raw := goredis.NewClient(&goredis.Options{Addr: address, DisableIdentity: true})
	defer func() { _ = raw.Close() }()
	testenv.Eventually(t, time.Minute, "a Redis of its own", func() (bool, string) {
		err := raw.Ping(t.Context()).Err()
		return err == nil, fmt.Sprint(err)
	})
	return address, process
}
