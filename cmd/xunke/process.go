package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// processStatus is one of the processes of this machine, from its pid file.
type processStatus struct {
	Name  string `json:"name"` // api or indexer
	PID   int    `json:"pid"`  // 0: there is no pid file
	Alive bool   `json:"alive"`
}

// processes reads the pid files of a run_dir; without one nothing is known.
func processes(dir string) []processStatus {
	list := []processStatus{}
	if dir == "" {
		return list
	}
	for _, role := range []string{"api", "indexer"} {
		p := processStatus{Name: role}
		path := filepath.Join(dir, role+".pid")
		if raw, err := os.ReadFile(path); err == nil { //nolint:gosec // a file of the program's own
			p.PID, _ = strconv.Atoi(strings.TrimSpace(string(raw))) // 0 where it is no number
			p.Alive = alive(p.PID) && locked(path)
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

// locked says whether a process holds the lock on its pid file: a file that was left
// behind by one that died may have the pid of a stranger. It is asked only when such a
// process exists, so that it cannot stand in the way of one that is starting.
func locked(path string) bool {
	file, err := os.Open(path) //nolint:gosec // a file of the program's own
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // frees the lock
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
