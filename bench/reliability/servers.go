package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stack runs what make up, down and ps run.
const stack = "docker/stack.sh"

// processes are a server's own and its children, the server's first.
func processes(ctx context.Context, role string) ([]int, error) {
	out, err := exec.CommandContext(ctx, stack, "ps").Output()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended { // it tells by its status that something is down
		return nil, fmt.Errorf("list processes: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != role {
			continue
		}
		pid, err := strconv.Atoi(fields[1])
		if err != nil {
			return nil, fmt.Errorf("%s does not run: start the site with make up", role)
		}
		return append([]int{pid}, children(pid)...), nil
	}
	return nil, fmt.Errorf("%s ps lists no %s", stack, role)
}

func children(pid int) []int {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var all []int
	for _, text := range strings.Fields(string(raw)) {
		if child, err := strconv.Atoi(text); err == nil {
			all = append(all, child)
		}
	}
	return all
}

func signalAll(pids []int, s syscall.Signal) error {
	var errs []error
	for _, pid := range pids {
		errs = append(errs, syscall.Kill(pid, s))
	}
	return errors.Join(errs...)
}

// suspend has a server stand still: it keeps its connections and says nothing.
func suspend(ctx context.Context, role string, how time.Duration) error {
	pids, err := processes(ctx, role)
	if err != nil {
		return err
	}
	err = signalAll(pids, syscall.SIGSTOP)
	if err == nil {
		err = pause(ctx, how)
	}
	return errors.Join(err, signalAll(pids, syscall.SIGCONT))
}

// kill ends a server at once and starts it again as somebody who finds it dead would. It
// returns when the site says that it is ready.
func kill(ctx context.Context, role string) error {
	pids, err := processes(ctx, role)
	if err != nil {
		return err
	}
	if err := signalAll(pids, syscall.SIGKILL); err != nil {
		return err
	}
	return command(ctx, stack+" up")
}

// command runs a line of words that has no quotes.
func command(ctx context.Context, line string) error {
	words := strings.Fields(line)
	out, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput() //nolint:gosec // whoever runs this says so
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", line, err, out)
	}
	return nil
}
