package httpserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

// Visitor tells the visitors of one day apart without keeping who they are: it is the
// HMAC-SHA256 of address and agent under a key made of the secret and the day (UTC), the
// same all day, unrelated to yesterday's, and of no use without the secret.
func Visitor(c *fiber.Ctx, now time.Time) string {
	return dailyHash(c, now, Address(c)+"\n"+c.Get(fiber.HeaderUserAgent))
}

// VisitorNetwork tells the networks of one day (those of WideNetwork) apart as Visitor does
// visitors.
func VisitorNetwork(c *fiber.Ctx, now time.Time) string {
	return dailyHash(c, now, "network\n"+WideNetwork(c))
}

// dailyHash is what stands for a text about a visitor on one day.
func dailyHash(c *fiber.Ctx, now time.Time, text string) string {
	r := requestOf(c)
	if r == nil {
		return ""
	}
	mac := hmac.New(sha256.New, r.server.visitorKey(now))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// dayKey is the key of one day.
type dayKey struct {
	day int64
	key []byte
}

// visitorKey is the key of a day that visitors are told apart with. Making it takes longer
// than all hashes of a request.
func (s *Server) visitorKey(now time.Time) []byte {
	day := catalog.DayNumber(now)
	if k := s.today.Load(); k != nil && k.day == day {
		return k.key
	}
	k := &dayKey{day, deriveKey(s.Key("visitor"), now.UTC().Format(time.DateOnly))}
	s.today.Store(k)
	return k.key
}

// Address is where a request comes from: the last address of X-Forwarded-For that no
// trusted proxy wrote about itself, all lines of that header taken as one list (RFC 9110,
// section 5.3). Entries further left are whatever the client sent. Empty: not known.
//
// Forwarded (RFC 7239) and X-Real-IP do not count: a proxy that writes one header passes
// the others on as the client sent them, so that reading several would let clients choose.
func Address(c *fiber.Ctx) string {
	r := requestOf(c)
	peer, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok || r == nil {
		return ""
	}
	peer = peer.Unmap()
	var hops []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		hops = append(hops, strings.Split(string(line), ",")...)
	}
	for i := len(hops) - 1; i >= 0 && r.server.trusts(peer); i-- {
		text := strings.Trim(hops[i], " \t\"")
		if text == "" {
			continue // an empty element of a list is none
		}
		hop, ok := parseHop(text)
		if !ok {
			break // "unknown" or a name: the proxy's own address is the last that is known
		}
		peer = hop
	}
	return peer.String()
}

// parseHop reads an address as proxies write it: alone, in brackets, with a port.
func parseHop(text string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(text)
	if err != nil && strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		a, err = netip.ParseAddr(text[1 : len(text)-1])
	}
	if err != nil {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(text)
		a = withPort.Addr()
	}
	return a.Unmap().WithZone(""), err == nil
}

// Network is the address of a request as limits count it: of IPv6 the /64, all of which
// one customer has.
func Network(c *fiber.Ctx) string { return network(c, 32, 64) }

// WideNetwork is the network of a request as limits of what costs much count it: of IPv4
// the /24 and of IPv6 the /48, which is as much as one customer gets for little.
func WideNetwork(c *fiber.Ctx) string { return network(c, 24, 48) }

func network(c *fiber.Ctx, bits4, bits6 int) string {
	address := Address(c)
	if a, err := netip.ParseAddr(address); err == nil {
		return networkOf(a, bits4, bits6)
	}
	return address
}

// networkOf is the network of so many bits that an address is of; a network of one
// address is written as that address.
func networkOf(a netip.Addr, bits4, bits6 int) string {
	bits := bits4
	if a.Is6() {
		bits = bits6
	}
	p, err := a.Prefix(bits)
	if err != nil || p.IsSingleIP() {
		return a.String()
	}
	return p.String()
}

// trusts says whether an address is a proxy's whose X-Forwarded-For counts.
func (s *Server) trusts(a netip.Addr) bool { return contains(s.proxies, a) }

func contains(networks []netip.Prefix, a netip.Addr) bool {
	for _, p := range networks {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// parseNetworks reads addresses and networks of a setting. The error names the one that is neither.
func parseNetworks(key string, list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%s = %q: is neither an address nor a network", key, s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
