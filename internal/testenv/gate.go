package testenv

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
)

// Gate stands between a client and a server. Closed, it keeps every connection, accepts
// new ones and says nothing, as a server does that was stopped in the middle of its work.
type Gate struct {
	listener net.Listener
	server   string

	mu     sync.Mutex
	opened *sync.Cond
	closed bool
	over   bool
	conns  []net.Conn
	wait   sync.WaitGroup
}

// NewGate opens a gate to a server.
func NewGate(t testing.TB, server string) *Gate {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &Gate{listener: listener, server: server}
	g.opened = sync.NewCond(&g.mu)
	g.wait.Go(g.accept)
	t.Cleanup(g.end)
	return g
}

// Address is where clients reach the server through the gate.
func (g *Gate) Address() string { return g.listener.Addr().String() }

// Close keeps back whatever passes from now on.
func (g *Gate) Close() { g.set(true) }

// Open lets through what was kept back.
func (g *Gate) Open() { g.set(false) }

func (g *Gate) set(closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = closed
	g.opened.Broadcast()
}

func (g *Gate) accept() {
	for {
		client, err := g.listener.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(context.Background(), "tcp", g.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		g.mu.Lock()
		g.conns = append(g.conns, client, server)
		g.mu.Unlock()
		g.wait.Go(func() { g.copy(server, client) })
		g.wait.Go(func() { g.copy(client, server) })
	}
}

func (g *Gate) copy(to io.WriteCloser, from io.Reader) {
	defer func() { _ = to.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			g.mu.Lock()
			for g.closed && !g.over {
				g.opened.Wait()
			}
			g.mu.Unlock()
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (g *Gate) end() {
	_ = g.listener.Close()
	g.mu.Lock()
	g.over = true
	g.opened.Broadcast()
	for _, c := range g.conns {
		_ = c.Close()
	}
	g.mu.Unlock()
	g.wait.Wait()
}
