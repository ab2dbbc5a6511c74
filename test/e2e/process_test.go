package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/xunke/xunke/internal/testenv"
)

// process is one run of the binary. It is killed when the test ends, and what it wrote
// is logged when the test fails.
type process struct {
	t      *testing.T
	name   string
	cmd    *exec.Cmd
	stdout bytes.Buffer // to be read once it has ended
	stderr *journal
	ended  chan struct{}
	err    error // of Wait, once it has ended
	shown  int   // how many lines of its output a failed test shows
}

// tailLines is how much of a process's output a failed test shows.
const tailLines = 60

// startProcess starts the binary with an environment of its own.
func startProcess(t *testing.T, name string, env []string, args ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, name: name, cmd: exec.Command(path, args...), stderr: newJournal(), ended: make(chan struct{}), shown: tailLines}
	p.cmd.Env = env
	p.cmd.Dir = t.TempDir() // no configuration file lies about there
	p.cmd.Stdout = &p.stdout
	p.cmd.Stderr = p.stderr
	// A test binary that is killed itself takes its processes with it.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		if raced := p.stderr.find("DATA RACE"); raced != "" {
			t.Errorf("%s has a data race:\n%s", name, p.stderr.tail(400))
		} else if t.Failed() {
			t.Logf("--- what %s wrote (%s), the last lines:\n%s", name, p.outcome(), p.stderr.tail(p.shown))
		}
	})
	return p
}

// signal sends a signal; a process that has ended is left alone.
func (p *process) signal(s syscall.Signal) {
	select {
	case <-p.ended:
	default:
		_ = p.cmd.Process.Signal(s)
	}
}

// kill ends the process without giving it a chance, and returns when it is gone. It may
// be called from any goroutine, any number of times.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// stop asks the process to end in order and fails the test when it does not end well.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		p.t.Errorf("%s was asked to stop and ended with status %d:\n%s", p.name, code, p.stderr.tail(tailLines))
	}
}

// wait returns the exit status once the process has ended, -1 if a signal ended it.
func (p *process) wait() int {
	p.t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-p.ended:
	case <-timeout.C:
		p.signal(syscall.SIGQUIT) // its goroutines are worth seeing
		<-p.ended
		p.shown = 300
		p.t.Fatalf("%s did not end within %s", p.name, patience)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) outcome() string {
	select {
	case <-p.ended:
		if p.err != nil {
			return p.err.Error()
		}
		return "ended well"
	default:
		return "running"
	}
}

// line waits until the process has logged a line with all of these texts and returns it.
func (p *process) line(texts ...string) string {
	p.t.Helper()
	var found string
	testenv.Eventually(p.t, patience, p.name+" says "+strings.Join(texts, " "), func() (bool, string) {
		found = p.stderr.find(texts...)
		if found != "" {
			return true, ""
		}
		select {
		case <-p.ended:
			p.t.Fatalf("%s ended (%s) and never said %q:\n%s", p.name, p.outcome(), texts, p.stderr.tail(tailLines))
		default:
		}
		return false, "the last line is: " + p.stderr.tail(1)
	})
	return found
}

// result is what a command that has ended left behind.
type result struct {
	status         int
	stdout, stderr string
}

func (p *process) result() result {
	p.t.Helper()
	status := p.wait()
	return result{status: status, stdout: p.stdout.String(), stderr: p.stderr.tail(0)}
}

func (r result) String() string {
	return fmt.Sprintf("status %d\n--- standard output\n%s\n--- standard error\n%s", r.status, r.stdout, r.stderr)
}

// journal keeps the lines that a process writes.
type journal struct {
	mu    sync.Mutex
	lines []string
	part  []byte
}

func newJournal() *journal { return &journal{} }

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.part = append(j.part, p...)
	for {
		line, rest, ok := bytes.Cut(j.part, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		j.lines = append(j.lines, string(line))
		j.part = rest
	}
}

// find returns the first line with all of the texts, empty when there is none.
func (j *journal) find(texts ...string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range j.lines {
		missing := false
		for _, text := range texts {
			missing = missing || !strings.Contains(line, text)
		}
		if !missing {
			return line
		}
	}
	return ""
}

// tail returns the last n lines, all of them for 0.
func (j *journal) tail(n int) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	if len(j.part) > 0 {
		lines = append(lines[:len(lines):len(lines)], string(j.part))
	}
	if n > 0 && len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return strings.Join(lines, "\n")
}

// killed says whether the process ended by SIGKILL, once it has ended.
func (p *process) killed() bool {
	<-p.ended
	exit, ok := errors.AsType[*exec.ExitError](p.err)
	if !ok {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}
