package ops

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ProcessStatus is one of the Processes of this machine, from its pid file.
type ProcessStatus struct {
	Name  string `json:"name"` // api or indexer
	PID   int    `json:"pid"`  // 0: there is no pid file
	Alive bool   `json:"alive"`
}

// Processes reads the pid files of a run_dir; without one nothing is known.
func Processes(dir string) []ProcessStatus {
	list := []ProcessStatus{}
	if dir == "" {
		return list
	}
	for _, role := range []string{"api", "indexer"} {
		p := ProcessStatus{Name: role}
		path := filepath.Join(dir, role+".pid")
		if raw, err := os.ReadFile(path); err == nil { //nolint:gosec // a file of the program's own
			p.PID, _ = strconv.Atoi(strings.TrimSpace(string(raw))) // 0 where it is no number
			p.Alive = alive(p.PID) && isLocked(path)
		}
		list = append(list, p)
	}
	return list
}

// alive says whether a process with that pid exists, whoever owns it.
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// isLocked says whether a process holds the lock on its pid file: a file that was left
// behind by one that died may have the pid of a stranger. It is asked only when such a
// process exists, so that it cannot stand in the way of one that is starting.
func isLocked(path string) bool {
	file, err := os.Open(path) //nolint:gosec // a file of the program's own
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // frees the lock
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// ErrRunning says that another process has a role of this run_dir.
var ErrRunning = errors.New("is running already")

// WritePID writes this process's pid to <dir>/<role>.pid and holds a lock on the file for as
// long as it runs, so that a file left by a process that died is told from one that belongs
// to a living one. Without a directory it does nothing. Errors: ErrRunning, or why it cannot be
// written, for which no process has to end.
func WritePID(dir, role string) (release func(), err error) {
	if dir == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make run_dir: %w", err)
	}
	path := filepath.Join(dir, role+".pid")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // a pid is no secret
	if err != nil {
		return nil, fmt.Errorf("write pid file: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		other, _ := os.ReadFile(path) //nolint:gosec // as above
		return nil, fmt.Errorf("%s %w with pid %s (stop it, or set another run_dir)", role, ErrRunning, bytes.TrimSpace(other))
	}
	err = file.Truncate(0)
	if err == nil {
		_, err = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("write pid file: %w", err)
	}
	return func() {
		_ = os.Remove(path)
		_ = file.Close()
	}, nil
}
