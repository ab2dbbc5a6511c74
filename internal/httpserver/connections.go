package httpserver

import (
	"container/list"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/xunke/xunke/internal/logging"
)

// Connections bounds the connections of a server. 0 is no bound.
type Connections struct {
	Most        int // at a time
	MostNetwork int // at a time from one address (of IPv6: one /64) that is no trusted proxy
}

const (
	// idleUnderPressure is how long a connection may idle once three quarters of those
	// allowed are open.
	idleUnderPressure = 5 * time.Second
	// Accepting is tried again after a pause that doubles from the first to the last.
	firstAcceptPause = 5 * time.Millisecond
	lastAcceptPause  = time.Second
)

// Answers to connections that are not taken. They are sent before a request was read.
const (
	refusedFull    = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n"
	refusedNetwork = "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n"
)

// connections is a listener that goes on where others end. It keeps the number of
// connections under its bounds and waits until there are file descriptors again. Where a
// new connection needs room, the one that idles longest is closed: whoever opens
// thousands and sends nothing closes their own.
type connections struct {
	net.Listener
	bounds  Connections
	network func(net.Addr) string // of a peer, empty: not bounded
	metrics *connectionMetrics
	warn    func(why string, err error, suppressed int)
	now     func() time.Time
	closed  chan struct{}

	closeOnce sync.Once
	warnings  logging.Limiter
	mu        sync.Mutex
	open      int
	networks  map[string]int
	idle      *list.List // of *connection, idle longest first
}

// connection is one that counts.
type connection struct {
	net.Conn
	of        *connections
	network   string
	closeOnce sync.Once

	// Guarded by of.mu.
	place     *list.Element // in of.idle; nil: a request is being read or answered
	idleSince time.Time
}

// descriptorsBeside are file descriptors that are left for all but clients: the servers
// behind, the log, files.
const descriptorsBeside = 256

// fitConnections keeps the bound below the file descriptors that the process may have.
func fitConnections(bounds Connections, log *slog.Logger) Connections {
	var limit syscall.Rlimit
	if bounds.Most == 0 || syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return bounds
	}
	if room := max(int64(limit.Cur)-descriptorsBeside, descriptorsBeside/4); room < int64(bounds.Most) {
		log.Warn("fewer connections than api.connections: the limit of open files is low", "connections", room, "open_files", limit.Cur, "hint", "raise ulimit -n or LimitNOFILE")
		bounds.Most = int(room)
	}
	return bounds
}

// limitConnections puts the bounds of this server around a listener.
func (s *Server) limitConnections(l net.Listener) *connections {
	return &connections{
		Listener: l, bounds: s.connections, network: s.peerNetwork, metrics: s.metrics.connections,
		warn: func(why string, err error, suppressed int) {
			s.log.Warn("connections are refused", "why", why, "err", err, "not_logged", suppressed)
		},
		now: s.now, closed: make(chan struct{}), networks: map[string]int{}, idle: list.New(),
	}
}

// peerNetwork is the network of a peer by which its connections are counted.
func (s *Server) peerNetwork(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return ""
	}
	peer, ok := netip.AddrFromSlice(tcp.IP)
	if !ok || s.trusts(peer.Unmap()) {
		return "" // everybody comes through a proxy
	}
	return networkOf(peer.Unmap(), 32, 64)
}

// Accept implements net.Listener. It fails only when the listener is closed or broken.
func (l *connections) Accept() (net.Conn, error) {
	pause := firstAcceptPause
	for {
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			if c := l.take(conn); c != nil {
				return c, nil
			}
			pause = firstAcceptPause
			continue
		case !passes(err):
			return nil, err
		}
		l.metrics.failures.Inc()
		if suppressed, ok := l.warnings.Allow(); ok {
			l.warn("accepting failed", err, suppressed)
		}
		l.mu.Lock()
		victim := l.idlest(0)
		l.mu.Unlock()
		if victim != nil {
			l.shed(victim)
			pause = firstAcceptPause
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-l.closed:
			timer.Stop()
		}
		if pause *= 2; pause > lastAcceptPause {
			pause = lastAcceptPause
		}
	}
}

// Close implements net.Listener.
func (l *connections) Close() error {
	l.closeOnce.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// passes says whether accepting may succeed later: descriptors or memory are wanting, or
// the client has hung up before it was its turn.
func passes(err error) bool {
	for _, e := range []syscall.Errno{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.EINTR, syscall.EPROTO, syscall.EPERM,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// take counts a new connection, or answers and closes it and returns nil.
func (l *connections) take(conn net.Conn) net.Conn {
	c := &connection{Conn: conn, of: l, network: l.network(conn.RemoteAddr()), idleSince: l.now()}
	var victims []*connection
	refusal, reason := "", ""
	l.mu.Lock()
	if l.bounds.MostNetwork > 0 && c.network != "" && l.networks[c.network] >= l.bounds.MostNetwork {
		refusal, reason = refusedNetwork, "network"
	} else if l.bounds.Most > 0 && l.open >= l.bounds.Most {
		if victim := l.idlest(0); victim != nil {
			victims = append(victims, victim)
		} else {
			refusal, reason = refusedFull, "full"
		}
	}
	if l.bounds.Most > 0 && l.open >= l.bounds.Most/4*3 {
		for victim := l.idlest(idleUnderPressure); victim != nil; victim = l.idlest(idleUnderPressure) {
			victims = append(victims, victim)
		}
	}
	if refusal == "" {
		l.open++
		l.networks[c.network]++
		c.place = l.idle.PushBack(c)
	}
	l.mu.Unlock()
	for _, victim := range victims {
		l.shed(victim)
	}
	if refusal == "" {
		l.metrics.open.Inc()
		return c
	}
	l.metrics.refused.WithLabelValues(reason).Inc()
	if suppressed, ok := l.warnings.Allow(); ok {
		l.warn("too many are open ("+reason+")", nil, suppressed)
	}
	_ = conn.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	_, _ = conn.Write([]byte(refusal))
	_ = conn.Close()
	return nil
}

// idlest takes the connection that idles longest off the list, if it has done so for as
// long; nil: there is none. l.mu is held.
func (l *connections) idlest(atLeast time.Duration) *connection {
	front := l.idle.Front()
	if front == nil {
		return nil
	}
	c := front.Value.(*connection)
	if l.now().Sub(c.idleSince) < atLeast {
		return nil
	}
	l.idle.Remove(front)
	c.place = nil
	return c
}

// shed closes a connection that idles.
func (l *connections) shed(c *connection) {
	l.metrics.shed.Inc()
	_ = c.Close()
}

// Close implements net.Conn.
func (c *connection) Close() error {
	c.closeOnce.Do(func() {
		l := c.of
		l.mu.Lock()
		defer l.mu.Unlock()
		l.open--
		if l.networks[c.network]--; l.networks[c.network] == 0 {
			delete(l.networks, c.network)
		}
		if c.place != nil {
			l.idle.Remove(c.place)
			c.place = nil
		}
		l.metrics.open.Dec()
	})
	return c.Conn.Close()
}

// noteState is told by fasthttp when a connection begins or ends to idle.
func noteState(conn net.Conn, state fasthttp.ConnState) {
	c, ok := conn.(*connection)
	if !ok || state != fasthttp.StateIdle && state != fasthttp.StateActive {
		return
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.place != nil {
		c.of.idle.Remove(c.place)
		c.place = nil
	}
	if state == fasthttp.StateIdle {
		c.idleSince, c.place = c.of.now(), c.of.idle.PushBack(c)
	}
}
