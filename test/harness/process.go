package harness

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

// Process is one run of the binary. It is killed when the test ends, and what it wrote
// is logged when the test fails.
type Process struct {
	t      *testing.T
	Name   string
	cmd    *exec.Cmd
	stdout bytes.Buffer // to be read once it has ended
	stderr *journal
	Ended  chan struct{} // closed once it has ended
	err    error         // of Wait, once it has ended
	shown  int           // how many lines of its output a failed test shows
}

// tailLines is how much of a process's output a failed test shows.
const tailLines = 60

// startProcess starts the binary with an environment of its own.
func startProcess(t *testing.T, name string, env []string, args ...string) *Process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{t: t, Name: name, cmd: exec.Command(path, args...), stderr: newJournal(), Ended: make(chan struct{}), shown: tailLines}
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
		close(p.Ended)
	}()
	t.Cleanup(func() {
		p.Kill()
		if raced := p.stderr.find("DATA RACE"); raced != "" {
			t.Errorf("%s has a data race:\n%s", name, p.stderr.tail(400))
		} else if t.Failed() {
			t.Logf("--- what %s wrote (%s), the last lines:\n%s", name, p.Outcome(), p.stderr.tail(p.shown))
		}
	})
	return p
}

// Signal sends a signal; a process that has ended is left alone.
func (p *Process) Signal(s syscall.Signal) {
	select {
	case <-p.Ended:
	default:
		_ = p.cmd.Process.Signal(s)
	}
}

// Kill ends the process without giving it a chance, and returns when it is gone. It may
// be called from any goroutine, any number of times.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.Ended
}

// Stop asks the process to end in order and fails the test when it does not end well.
func (p *Process) Stop() {
	p.t.Helper()
	p.Signal(syscall.SIGTERM)
	if code := p.Wait(); code != 0 {
		p.t.Errorf("%s was asked to stop and ended with status %d:\n%s", p.Name, code, p.stderr.tail(tailLines))
	}
}

// Wait returns the exit status once the process has ended, -1 if a signal ended it.
func (p *Process) Wait() int {
	p.t.Helper()
	timeout := time.NewTimer(Patience)
	defer timeout.Stop()
	select {
	case <-p.Ended:
	case <-timeout.C:
		p.Signal(syscall.SIGQUIT) // its goroutines are worth seeing
		<-p.Ended
		p.shown = 300
		p.t.Fatalf("%s did not end within %s", p.Name, Patience)
	}
	return p.cmd.ProcessState.ExitCode()
}

// Outcome is how the process has ended, if it has.
func (p *Process) Outcome() string {
	select {
	case <-p.Ended:
		if p.err != nil {
			return p.err.Error()
		}
		return "ended well"
	default:
		return "running"
	}
}

// Line waits until the process has logged a line with all of these texts and returns it.
func (p *Process) Line(texts ...string) string {
	p.t.Helper()
	var found string
	testenv.Eventually(p.t, Patience, p.Name+" says "+strings.Join(texts, " "), func() (bool, string) {
		found = p.stderr.find(texts...)
		if found != "" {
			return true, ""
		}
		select {
		case <-p.Ended:
			p.t.Fatalf("%s ended (%s) and never said %q:\n%s", p.Name, p.Outcome(), texts, p.stderr.tail(tailLines))
		default:
		}
		return false, "the last line is: " + p.stderr.tail(1)
	})
	return found
}

// Times is how many lines with all of these texts the process has logged so far.
func (p *Process) Times(texts ...string) int { return p.stderr.count(texts...) }

// Address is where a process that serves HTTP listens. It waits until it does.
func (p *Process) Address() string {
	p.t.Helper()
	_, address, _ := strings.Cut(p.Line("msg=listening", "address="), "address=")
	address, _, _ = strings.Cut(address, " ")
	return address
}

// Result is what a command that has ended left behind.
type Result struct {
	Status         int
	Stdout, Stderr string
}

// Result is what the process left behind, once it has ended.
func (p *Process) Result() Result {
	p.t.Helper()
	status := p.Wait()
	return Result{Status: status, Stdout: p.stdout.String(), Stderr: p.stderr.tail(0)}
}

func (r Result) String() string {
	return fmt.Sprintf("status %d\n--- standard output\n%s\n--- standard error\n%s", r.Status, r.Stdout, r.Stderr)
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
		if hasAll(line, texts) {
			return line
		}
	}
	return ""
}

// count is the number of lines with all of the texts.
func (j *journal) count(texts ...string) (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range j.lines {
		if hasAll(line, texts) {
			n++
		}
	}
	return n
}

func hasAll(line string, texts []string) bool {
	for _, text := range texts {
		if !strings.Contains(line, text) {
			return false
		}
	}
	return true
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

// WasKilled says whether the process ended by SIGKILL, once it has ended.
func (p *Process) WasKilled() bool {
	<-p.Ended
	exit, ok := errors.AsType[*exec.ExitError](p.err)
	if !ok {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// HasEnded says whether the process is gone.
func (p *Process) HasEnded() bool {
	select {
	case <-p.Ended:
		return true
	default:
		return false
	}
}
