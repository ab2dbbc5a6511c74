package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// servers are MySQL, Elasticsearch and Redis for tests: an instance of docker/local/servers.sh,
// named after this process, or dev.
type servers struct {
	root, cache string
	instance    string
	log         string
	ended       chan error // one value, when the start has ended
	cancel      context.CancelFunc
}

// folder is where the instance is kept.
func (s *servers) folder() string { return filepath.Join(s.cache, s.instance) }

// script runs a verb for the instance.
func (s *servers) script(ctx context.Context, out io.Writer, args ...string) error {
	cmd := command(ctx, filepath.Join(s.root, "docker/local/servers.sh"), append([]string{"--instance", s.instance}, args...)...)
	cmd.Stdout = out
	if file, ok := out.(*os.File); ok {
		cmd.Stderr = file
	}
	return runCommand(ctx, cmd)
}

// begin starts them in the background, while other checks run.
func (s *servers) begin(ctx context.Context, log string) error {
	s.log = log
	s.removeOrphans(ctx)
	if err := os.MkdirAll(s.folder(), 0o700); err != nil {
		return fmt.Errorf("make a folder for the servers: %w", err)
	}
	owner := fmt.Sprintln(os.Getpid(), startTime("self"))
	if err := os.WriteFile(filepath.Join(s.folder(), "owner"), []byte(owner), 0o600); err != nil {
		return fmt.Errorf("own the servers: %w", err)
	}
	out, err := os.Create(log)
	if err != nil {
		return fmt.Errorf("start the servers: %w", err)
	}
	ctx, s.cancel = context.WithCancel(ctx)
	s.ended = make(chan error, 1)
	fmt.Printf("servers are starting in the background (instance %s)\n", s.instance)
	go func() {
		err := s.script(ctx, out, "start", "--for-tests")
		s.ended <- errors.Join(err, out.Close())
	}()
	return nil
}

// await waits for them, shows what they said, and tells the tests where they are.
func (s *servers) await() error {
	fmt.Println("\n=== servers")
	err := <-s.ended
	s.cancel()
	said, _ := os.ReadFile(s.log)
	fmt.Print(string(said))
	if err != nil {
		return fmt.Errorf("start the servers for the tests: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(s.folder(), "test.env"))
	if err != nil {
		return fmt.Errorf("find the servers for the tests: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("read %s: %w", line, err)
		}
	}
	return os.Setenv("XUNKE_TEST_INSTANCE", s.instance) // some tests kill the servers and start them again
}

// remove ends the start that may be under way, and deletes the instance. It does not end with
// the context of the run.
func (s *servers) remove() {
	if s.cancel == nil {
		return
	}
	s.cancel()
	if err := s.script(context.Background(), io.Discard, "reset"); err != nil {
		fmt.Fprintf(os.Stderr, "error: remove the servers of the tests: %v\n", err)
	}
}

// removeOrphans removes the instances of test runs that were killed.
func (s *servers) removeOrphans(ctx context.Context) {
	owners, _ := filepath.Glob(filepath.Join(s.cache, "test-*", "owner"))
	for _, file := range owners {
		text, _ := os.ReadFile(file)
		pid, began, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
		if began != "" && began == startTime(pid) {
			continue
		}
		orphan := *s
		orphan.instance = filepath.Base(filepath.Dir(file))
		fmt.Println("removing what a killed test run left behind:", orphan.instance)
		_ = orphan.script(ctx, os.Stderr, "reset")
	}
}

// startTime is when a process began, in clock ticks since the machine's start; empty where there
// is no such process.
func startTime(pid string) string {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return ""
	}
	// The second field, the name, may hold spaces and brackets.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	return fields[19]
}

// startDev starts servers that stay up, which go test finds by itself (internal/testenv).
func (s *servers) startDev(ctx context.Context) error {
	s.instance = "dev"
	if err := s.script(ctx, os.Stderr, "start", "--for-tests"); err != nil {
		return err
	}
	fmt.Print(`
The servers for tests are up, and stay up. In any shell:
  go test ./searchapi ./internal/... -run NAME   (tests find the servers by themselves)
  make dev-down                                  (stops them and deletes their data)
`)
	return nil
}

func (s *servers) resetDev(ctx context.Context) error {
	s.instance = "dev"
	return s.script(ctx, os.Stderr, "reset")
}
