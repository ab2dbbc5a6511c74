package chaos

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/test/harness"
)

// script starts and stops the servers of an instance.
const script = "../../docker/local/servers.sh"

// servers are those of the instance that the tests run on. These tests kill them: they
// must not be anybody else's meanwhile.
type servers struct {
	t        *testing.T
	instance string
	folder   string
	mu       sync.Mutex // one of them is killed or started at a time
	started  func()     // is called whenever they have been started
}

// ownServers finds the instance, which `make test` and `make chaos` name.
func ownServers(t *testing.T) *servers {
	t.Helper()
	v := &servers{t: t, instance: os.Getenv("XUNKE_TEST_INSTANCE"), started: func() {}}
	if v.instance == "" {
		t.Fatal("XUNKE_TEST_INSTANCE is not set: run the tests with `make test` or `make chaos`, which start servers that may be killed")
	}
	path, err := v.run("path")
	if err != nil {
		t.Fatal(err)
	}
	v.folder = strings.TrimSpace(path)
	t.Cleanup(v.start)
	return v
}

// cacheHome is where the instance is kept. testenv sets another folder for programs under
// test.
var cacheHome = os.Getenv("XDG_CACHE_HOME")

// run runs the script.
func (v *servers) run(args ...string) (stdout string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*harness.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, script, append([]string{"--instance", v.instance}, args...)...)
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+cacheHome)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("servers.sh %s: %w\n%s", strings.Join(args, " "), err, said.String())
	}
	return out.String(), nil
}

// pid is the number of a server's process, mysql, elasticsearch or redis; 0 after a failure.
func (v *servers) pid(role string) (pid int) {
	v.t.Helper()
	raw, err := os.ReadFile(filepath.Join(v.folder, "pids", role+".pid"))
	if err != nil {
		v.t.Errorf("find %s: %v", role, err)
		return 0
	}
	if _, err := fmt.Sscan(string(raw), &pid); err != nil {
		v.t.Errorf("find %s: %v", role, err)
		return 0
	}
	// The number could be somebody else's by now.
	if !strings.Contains(commandLine(pid), v.folder) {
		v.t.Errorf("find %s: process %d is not of instance %s", role, pid, v.instance)
		return 0
	}
	return pid
}

// freeze stops a server as it is, until the returned function is called.
func (v *servers) freeze(role string) (thaw func()) {
	v.t.Helper()
	v.mu.Lock()
	pid := v.pid(role)
	if pid == 0 {
		return v.mu.Unlock
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		v.t.Errorf("stop %s: %v", role, err)
	}
	return sync.OnceFunc(func() {
		defer v.mu.Unlock()
		if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
			v.t.Errorf("wake %s: %v", role, err)
		}
	})
}

// kill kills a server and returns when it is gone.
func (v *servers) kill(role string) {
	v.t.Helper()
	pid := v.pid(role)
	if pid == 0 {
		return
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		v.t.Errorf("kill %s: %v", role, err)
		return
	}
	// One that nobody waits for keeps its number, but has no command line any more.
	testenv.Eventually(v.t, time.Minute, role+" is gone", func() (bool, string) {
		return commandLine(pid) == "", commandLine(pid)
	})
}

func commandLine(pid int) string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return ""
	}
	return string(raw)
}

// start starts what does not run, and returns when it answers. The script waits three
// minutes for that; on a busy machine Elasticsearch may need longer for its logs.
func (v *servers) start() {
	v.t.Helper()
	for range 3 {
		_, err := v.run("start", "--for-tests")
		if err == nil {
			v.started()
			return
		}
		v.t.Logf("once more: %v", err)
	}
	v.t.Error("the servers cannot be started again")
}

// restart kills a server and starts it again after a while.
func (v *servers) restart(role string, after func()) {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kill(role)
	after()
	v.start()
}

// volume is a copy of MySQL's data as it was at one moment.
type volume struct{ path string }

// data is the folder of MySQL's data.
func (v *servers) data() string { return filepath.Join(v.folder, "data", "mysql") }

// copyVolume takes a copy of MySQL's data, as a snapshot of the disk would. The server is
// down meanwhile.
func (v *servers) copyVolume() volume {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	kept := volume{path: v.data() + ".kept"}
	v.kill("mysql")
	v.copy(v.data(), kept.path)
	v.start()
	return kept
}

// restoreVolume puts a copy back: the server knows nothing of what came after.
func (v *servers) restoreVolume(kept volume) {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kill("mysql")
	v.copy(kept.path, v.data())
	v.start()
}

// copy replaces a folder by a copy of another, owners and times included.
func (v *servers) copy(from, to string) {
	v.t.Helper()
	if err := os.RemoveAll(to); err != nil {
		v.t.Fatal(err)
	}
	cmd := exec.CommandContext(v.t.Context(), "cp", "-a", from, to)
	if out, err := cmd.CombinedOutput(); err != nil {
		v.t.Fatalf("copy %s: %v\n%s", from, err, out)
	}
}
