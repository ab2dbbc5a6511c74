package chaos

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// wire is one process's way to one server, on the level of TCP.
type wire struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
	mu    sync.Mutex // one fault at a time
}

// newWire opens a wire to an address.
func newWire(t *testing.T, name, upstream string) *wire {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	w := &wire{t: t, proxy: toxiproxy.NewProxy(server, name, "127.0.0.1:0", upstream)}
	if err := w.proxy.Start(); err != nil {
		t.Fatalf("open the wire %s: %v", name, err)
	}
	t.Cleanup(w.proxy.Stop)
	return w
}

func (w *wire) address() string { return w.proxy.Listen }

// cut breaks every connection and refuses new ones until the returned function is called.
func (w *wire) cut() (mend func()) {
	w.mu.Lock()
	w.proxy.Stop()
	return sync.OnceFunc(func() {
		defer w.mu.Unlock()
		if err := w.proxy.Start(); err != nil {
			w.t.Errorf("mend the wire %s: %v", w.proxy.Name, err)
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
	var names []string
	for _, text := range toxics {
		toxic, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(text))
		if err != nil {
			w.t.Errorf("disturb the wire %s: %v", w.proxy.Name, err)
			continue
		}
		names = append(names, toxic.Name)
	}
	return sync.OnceFunc(func() {
		defer w.mu.Unlock()
		for _, name := range names {
			if err := w.proxy.Toxics.RemoveToxic(w.t.Context(), name); err != nil {
				w.t.Errorf("mend the wire %s: %v", w.proxy.Name, err)
			}
		}
	})
}
