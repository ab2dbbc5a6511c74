package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// writePID writes this process's pid to <run_dir>/<role>.pid and holds a lock on the
// file for as long as it runs, so that a file left by a process that died is told from
// one that belongs to a living one. Without a run_dir it does nothing.
func (a *app) writePID(role string) (release func(), err error) {
	if a.config.RunDir == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(a.config.RunDir, 0o755); err != nil {
		return nil, fmt.Errorf("make run_dir: %w", err)
	}
	path := filepath.Join(a.config.RunDir, role+".pid")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // a pid is no secret
	if err != nil {
		return nil, fmt.Errorf("write pid file: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		other, _ := os.ReadFile(path) //nolint:gosec // as above
		return nil, fmt.Errorf("%s is running already with pid %s (stop it, or set another run_dir)", role, bytes.TrimSpace(other))
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
