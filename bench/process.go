package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a command of the program that goes on running.
type process struct {
	cmd   *exec.Cmd
	log   string
	ended chan struct{}
	err   error // once it has ended
}

// start starts a command, which ends with ctx at the latest. What it logs goes to a file.
func (i *installation) start(ctx context.Context, args ...string) (*process, error) {
	log, err := os.Create(filepath.Join(i.dir, args[0]+".log"))
	if err != nil {
		return nil, fmt.Errorf("make a log: %w", err)
	}
	defer func() { _ = log.Close() }() // the process has its own handle
	p := &process{cmd: exec.CommandContext(ctx, i.binary, args...), log: log.Name(), ended: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir, p.cmd.Stderr = i.env, i.dir, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start xunke %s: %w", args[0], err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	i.processes = append(i.processes, p)
	return p, nil
}

// run runs a command to its end and returns its standard output.
func (i *installation) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, i.binary, args...)
	cmd.Env, cmd.Dir = i.env, i.dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.Bytes(), fmt.Errorf("xunke %s: %w\n%s%s", strings.Join(args, " "), err, last(stdout.String(), 20), last(stderr.String(), 20))
	}
	return stdout.Bytes(), nil
}

// wait asks until something is so, or the process that is to bring it about has ended.
func (i *installation) wait(ctx context.Context, p *process, so func() (bool, error)) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := so(); ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-p.ended:
			log, _ := os.ReadFile(p.log)
			return fmt.Errorf("%s ended: %w\n%s", filepath.Base(p.log), p.err, last(string(log), 20))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.ended
}

// stop asks the process to end in order.
func (p *process) stop(ctx context.Context) error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.cmd.Path, err)
	}
	select {
	case <-p.ended:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// peakMemory is the most memory that a process has had at once, in bytes.
func (p *process) peakMemory() (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read memory of a process: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("read memory of a process: there is no VmHWM")
}

// processorTick is the unit in which Linux tells processor times, on every machine.
const processorTick = 10 * time.Millisecond

// processorTime is what a process has used of processors; 0 where the kernel does not say.
func processorTime(pid int) time.Duration {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(raw), ") ") // the program's name may have spaces
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * processorTick
}

// last is the last n lines of a text.
func last(text string, n int) string {
	lines := strings.SplitAfter(strings.TrimRight(text, "\n")+"\n", "\n")
	return strings.Join(lines[max(len(lines)-1-n, 0):], "")
}
