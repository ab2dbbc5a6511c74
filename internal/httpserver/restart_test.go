package httpserver

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// askForEver asks, each time through a new connection, until ctx ends, and counts the
// answers. It returns why a request failed, which none may.
func askForEver(ctx context.Context, address string, answers *atomic.Int64) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	for ctx.Err() == nil {
		res, err := client.Get("http://" + address + "/asked/x")
		if err != nil {
			return err
		}
		if _, err = io.Copy(io.Discard, res.Body); err != nil {
			return err
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", res.StatusCode)
		}
		answers.Add(1)
	}
	return nil
}

// await waits until so many more answers came.
func await(t *testing.T, answers *atomic.Int64, more int64) {
	t.Helper()
	want, deadline := answers.Load()+more, time.Now().Add(time.Minute)
	for answers.Load() < want {
		if time.Now().After(deadline) {
			t.Fatalf("%d answers, want %d", answers.Load(), want)
		}
		runtime.Gosched()
	}
}

// TestRestartsRefuseNobody: while the socket is held by somebody else, servers come and go
// behind it, and every request is answered.
func TestRestartsRefuseNobody(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() })
	start := func() (stop func() error) {
		file, err := held.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		listener, err := listenOn(file)
		if err != nil {
			t.Fatal(err)
		}
		_, stop = serveOn(t, new(fixture).server(t), listener)
		return stop
	}
	stop := start()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var answers atomic.Int64
	failed := make(chan error, 4)
	for range cap(failed) {
		go func() { failed <- askForEver(ctx, held.Addr().String(), &answers) }()
	}
	for range 5 {
		await(t, &answers, 50)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		before := answers.Load()
		stop = start()
		await(t, &answers, 50)
		if answers.Load() <= before {
			t.Error("no answers after the restart")
		}
	}
	end()
	for range cap(failed) {
		if err := <-failed; err != nil {
			t.Errorf("a request over a restart: %v", err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestInheritListener(t *testing.T) {
	t.Setenv("LISTEN_PID", "1")
	t.Setenv("LISTEN_FDS", "1")
	if l, err := InheritListener(); l != nil || err != nil {
		t.Errorf("a socket for another process: %v, %v", l, err)
	}
	t.Setenv("LISTEN_PID", fmt.Sprint(os.Getpid()))
	t.Setenv("LISTEN_FDS", "2")
	if _, err := InheritListener(); err == nil || !strings.Contains(err.Error(), `LISTEN_FDS = "2"`) {
		t.Errorf("two sockets: %v", err)
	}
}

// TestDrain: once the end was asked for, requests are still answered for a while, on
// connections that end with the answer.
func TestDrain(t *testing.T) {
	f := &fixture{asked: func(c *fiber.Ctx) error { return c.SendString("answer") }}
	f.config.Drain = 2 * time.Second
	s := f.server(t)
	address, stop := serve(t, s)
	kept := dial(t, address)
	if got := kept.ask(t, "/asked/x"); got != http.StatusOK {
		t.Fatalf("%d", got)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for deadline := time.Now().Add(time.Minute); !s.Stopping(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("it does not say that it is stopping")
		}
	}
	began := time.Now()
	if got := kept.ask(t, "/asked/x"); got != http.StatusOK {
		t.Errorf("on a connection from before: %d", got)
	}
	if got := kept.read(t); got != 0 {
		t.Errorf("the connection goes on: %d", got)
	}
	if got := dial(t, address).ask(t, "/asked/x"); got != http.StatusOK {
		t.Errorf("on a new connection: %d", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took < f.config.Drain/2 {
		t.Errorf("it ended after %v, before the time to drain", took)
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		_ = conn.Close()
		t.Error("connections are taken after the end")
	}
}
