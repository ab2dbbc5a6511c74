package chaos

import (
	"io"
	"net"
	"sync"
	"testing"
)

// name is an address that can be moved from one server to another, as a virtual address, a
// name in DNS or a proxy's setting. What is connected already stays where it is.
type name struct {
	listener net.Listener

	mu sync.Mutex
	to string
}

func newName(t *testing.T, to string) *name {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &name{listener: l, to: to}
	var open sync.Map
	var all sync.WaitGroup
	all.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			open.Store(in, nil)
			all.Go(func() {
				defer open.Delete(in)
				n.forward(in)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		open.Range(func(in, _ any) bool {
			_ = in.(net.Conn).Close()
			return true
		})
		all.Wait()
	})
	return n
}

func (n *name) address() string { return n.listener.Addr().String() }

// move lets new connections go to another address.
func (n *name) move(to string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.to = to
}

// forward copies both ways until either side ends.
func (n *name) forward(in net.Conn) {
	defer func() { _ = in.Close() }()
	n.mu.Lock()
	to := n.to
	n.mu.Unlock()
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	var done sync.WaitGroup
	done.Go(func() {
		_, _ = io.Copy(out, in)
		_ = out.Close()
	})
	_, _ = io.Copy(in, out)
	_ = in.Close()
	done.Wait()
}
