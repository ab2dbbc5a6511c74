package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// command makes a command whose process, and all that it starts, ends with the context. It
// reads nothing and writes to where this program writes.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	return cmd
}

// runCommand runs a command, and kills what is left of it when the context has ended.
func runCommand(ctx context.Context, cmd *exec.Cmd) error {
	err := cmd.Run()
	if ctx.Err() != nil && cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(cmd.Path), err)
	}
	return nil
}

// output runs a command and returns what it wrote, without spaces at its ends.
func output(ctx context.Context, name string, args ...string) (string, error) {
	return outputOf(command(ctx, name, args...))
}

// outputOf is output of a command that was made already.
func outputOf(cmd *exec.Cmd) (string, error) {
	cmd.Stdout = nil
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(cmd.Args[:min(3, len(cmd.Args))], " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// withoutWorkspace has go follow the go.mod of its folder alone.
func withoutWorkspace(cmd *exec.Cmd) *exec.Cmd {
	cmd.Env = append(os.Environ(), "GOWORK=off")
	return cmd
}

// goCommand runs go.
func goCommand(ctx context.Context, args ...string) error {
	return runCommand(ctx, command(ctx, "go", args...))
}
