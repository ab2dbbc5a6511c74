package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/xunke/xunke/internal/testenv"
)

// wire is one process's way to one server, on the level of TCP.
type wire struct {
	t        *testing.T
	name     string
	listen   string
	upstream string
	proxy    *toxiproxy.Proxy
	mu       sync.Mutex // one fault at a time
}

// newWire opens a wire to an address.
func newWire(t *testing.T, name, upstream string) *wire {
	t.Helper()
	w := &wire{t: t, name: name, listen: "127.0.0.1:0", upstream: upstream}
	w.proxy = w.newProxy()
	if err := w.proxy.Start(); err != nil {
		t.Fatalf("open the wire %s: %v", name, err)
	}
	w.listen = w.proxy.Listen
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		_ = within(func() error { w.proxy.Stop(); return nil })
	})
	return w
}

func (w *wire) newProxy() *toxiproxy.Proxy {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	return toxiproxy.NewProxy(server, w.name, w.listen, w.upstream)
}

func (w *wire) address() string { return w.listen }

// stuckAfter is how long something may take that takes no time.
const stuckAfter = 5 * time.Second

// errStuck says that something was not done in time; it is left alone.
var errStuck = errors.New("is stuck")

func within(do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-time.After(stuckAfter):
		return errStuck
	}
}

// change changes what the proxy does. Where a connection's other end does not read, or is
// gone at the wrong moment, toxiproxy waits for it with the lock that its end would need:
// for ever. Then another proxy takes the place, and the connections of the first are dead.
func (w *wire) change(do func(p *toxiproxy.Proxy) error) {
	old := w.proxy
	err := within(func() error { return do(old) })
	if err == nil {
		return
	}
	if !errors.Is(err, errStuck) {
		w.t.Errorf("change the wire %s: %v", w.name, err)
		return
	}
	w.t.Logf("the proxy of %s is stuck: another takes its place", w.name)
	go old.Stop() // closes the port at once, and ends when it can
	fresh := w.newProxy()
	testenv.Eventually(w.t, time.Minute, "another proxy takes the place", func() (bool, string) {
		err := fresh.Start()
		return err == nil, fmt.Sprint(err)
	})
	w.proxy = fresh
}

// cut breaks every connection and refuses new ones until the returned function is called.
func (w *wire) cut() (mend func()) {
	w.mu.Lock()
	w.proxy.Stop()
	return sync.OnceFunc(func() {
		defer w.mu.Unlock()
		if err := w.proxy.Start(); err != nil {
			w.t.Errorf("mend the wire %s: %v", w.name, err)
		}
	})
}

// swallow lets everything that is sent vanish, as a firewall does that drops packets. The
// connections are broken when it ends.
func (w *wire) swallow() (mend func()) {
	return w.toxic(`{"name": "up", "type": "timeout", "stream": "upstream", "attributes": {"timeout": 0}}`,
		`{"name": "down", "type": "timeout", "stream": "downstream", "attributes": {"timeout": 0}}`)
}

// slow delays what is sent in both directions by milliseconds, give or take a third, and
// lets little through at a time.
func (w *wire) slow(milliseconds int) (mend func()) {
	return w.toxic(
		fmt.Sprintf(`{"name": "up", "type": "latency", "stream": "upstream", "attributes": {"latency": %d, "jitter": %d}}`, milliseconds, milliseconds/3),
		fmt.Sprintf(`{"name": "down", "type": "latency", "stream": "downstream", "attributes": {"latency": %d, "jitter": %d}}`, milliseconds, milliseconds/3),
		`{"name": "narrow", "type": "bandwidth", "stream": "downstream", "attributes": {"rate": 200}}`)
}

func (w *wire) toxic(toxics ...string) (mend func()) {
	w.mu.Lock()
	disturbed, names := w.proxy, []string{}
	w.change(func(p *toxiproxy.Proxy) error {
		for _, text := range toxics {
			toxic, err := p.Toxics.AddToxicJson(strings.NewReader(text))
			if err != nil {
				return err
			}
			names = append(names, toxic.Name)
		}
		return nil
	})
	return sync.OnceFunc(func() {
		defer w.mu.Unlock()
		if w.proxy != disturbed {
			return // it was stuck, and the one in its place was never disturbed
		}
		w.change(func(p *toxiproxy.Proxy) error {
			for _, name := range names {
				if err := p.Toxics.RemoveToxic(context.Background(), name); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// TestStuckWire: whoever does not read must not hold up the faults for good.
func TestStuckWire(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	endless := new(zeros)
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, endless) // until the connection ends
				_ = c.Close()
			}()
		}
	}()
	w := newWire(t, "a reader that sleeps", server.Addr().String())
	read := func(bytes int64) net.Conn {
		t.Helper()
		c, err := net.Dial("tcp", w.address())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if n, err := io.CopyN(io.Discard, c, bytes); err != nil {
			t.Fatalf("read %d of %d bytes: %v", n, bytes, err)
		}
		return c
	}
	sleeper := read(1 << 20)
	last := int64(0)
	testenv.Eventually(t, time.Minute, "all buffers are full", func() (bool, string) {
		before := last
		last = endless.given.Load()
		return last == before, ""
	})
	began := time.Now()
	mend := w.slow(20)
	if err := sleeper.Close(); err != nil {
		t.Fatal(err)
	}
	mend()
	t.Logf("slowed down and mended after %.1f s", time.Since(began).Seconds())
	read(1 << 20) // the way is open, and fast
}

// zeros are bytes without end.
type zeros struct{ given atomic.Int64 }

func (z *zeros) Read(b []byte) (int, error) {
	z.given.Add(int64(len(b)))
	return len(b), nil
}
