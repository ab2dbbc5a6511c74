package httpserver

import (
	"net"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

// Host is the host that a request is for, with its port, as its client or the proxy in
// front says. X-Forwarded-Host does not count: most proxies pass on what the client sent.
func Host(c *fiber.Ctx) string { return string(c.Context().Host()) }

// checkHost is an error of CodeInvalid for a request to a host that is not this server's.
// What probes ask has no links in it, and they ask for addresses.
func (s *Server) checkHost(c *fiber.Ctx) error {
	if len(s.hosts) == 0 || isProbe(c.Path()) {
		return nil
	}
	host := strings.ToLower(Host(c))
	if s.hosts[host] || s.hosts[withoutPort(host)] {
		return nil
	}
	return &catalog.Error{Code: catalog.CodeInvalid, Message: "this server does not serve the host of this request; api.hosts lists those that it serves"}
}

func isProbe(path string) bool { return path == "/healthz" || path == "/readyz" || path == "/metrics" }

func withoutPort(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// allowHosts makes the set of hosts that are answered for; empty: any. That of the public
// URL is one of them.
func allowHosts(list []string, publicHost string) map[string]bool {
	if len(list) == 0 {
		return nil
	}
	all := map[string]bool{}
	for _, host := range append([]string{publicHost}, list...) {
		if host != "" {
			all[strings.ToLower(host)] = true
		}
	}
	return all
}
