package httpserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/pprofhandler"
)

// operatorsKey marks requests that came through the listener for operators.
type operatorsKey struct{}

const profilesPath = "/debug/pprof"

// ForOperators says whether a request is from who runs the site: it came through the
// listener for operators, or straight from one of the addresses that Config.Operators has.
// A proxy on this machine has such an address as well. So what says that it was forwarded
// by a proxy that is not trusted, or is for the public host, is not from an operator.
func ForOperators(c *fiber.Ctx) bool {
	if through, _ := c.Locals(operatorsKey{}).(bool); through {
		return true
	}
	r := requestOf(c)
	if r == nil {
		return false
	}
	s := r.server
	if s.publicHost != "" && strings.EqualFold(Host(c), s.publicHost) {
		return false
	}
	peer, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return false
	}
	if peer = peer.Unmap(); !s.trusts(peer) {
		for _, header := range []string{fiber.HeaderXForwardedFor, fiber.HeaderForwarded, fiber.HeaderXForwardedHost, fiber.HeaderXForwardedProto, "X-Real-Ip", fiber.HeaderVia} {
			if len(c.Request().Header.Peek(header)) > 0 {
				return false
			}
		}
	}
	address, err := netip.ParseAddr(Address(c))
	return err == nil && contains(s.operators, address)
}

// OperatorsOnly is nil for a request of an operator; for all others there is nothing here.
func OperatorsOnly(c *fiber.Ctx) error {
	if ForOperators(c) {
		return nil
	}
	return fiber.ErrNotFound
}

// ServeOperators answers probes, metrics and profiles of the running process (pprof), and
// nothing else, through a listener of their own until ctx ends. It closes the listener.
func (s *Server) ServeOperators(ctx context.Context, listener net.Listener) error {
	s.app.Handler() // Fiber's own preparations, which may happen more than once
	server := &fasthttp.Server{
		NoDefaultServerHeader: true, ReadTimeout: readTimeout, IdleTimeout: idleTimeout, ReadBufferSize: 8 << 10, MaxRequestBodySize: 1,
		WriteTimeout: 2 * time.Minute,
		Handler: func(request *fasthttp.RequestCtx) {
			request.SetUserValue(operatorsKey{}, true)
			path := string(request.Path())
			switch {
			case isProbe(path), strings.HasPrefix(path, "/dev/"): // what only operators may see
				s.app.Server().Handler(request)
			case strings.HasPrefix(path, profilesPath+"/"):
				pprofhandler.PprofHandler(request)
			default:
				request.Error("there are "+profilesPath+"/, /healthz, /metrics and /readyz", fasthttp.StatusNotFound)
			}
		},
	}
	bounded := s.limitConnections(listener)
	bounded.bounds = Connections{}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(bounded) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve operators on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	// A profile that is being taken is not waited for.
	if err := server.ShutdownWithContext(finish); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("end the listener for operators: %w", err)
	}
	if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close the listener for operators: %w", err)
	}
	return nil
}
