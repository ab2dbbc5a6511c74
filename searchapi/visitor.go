package searchapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// visitors tells visitors apart for one day without keeping who they are.
type visitors struct {
	key     []byte
	proxies []netip.Prefix
}

// id is the HMAC-SHA256 of address and agent under a key made of the secret and the day
// (UTC): the same all day, unrelated to yesterday's, and of no use without the secret.
func (v visitors) id(c *fiber.Ctx, now time.Time) string {
	mac := hmac.New(sha256.New, deriveKey(v.key, now.UTC().Format(time.DateOnly)))
	mac.Write([]byte(v.address(c) + "\n" + c.Get(fiber.HeaderUserAgent)))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// address is where a request comes from: the last address of X-Forwarded-For that no
// proxy of ours wrote about itself. Entries further left are whatever the client sent.
func (v visitors) address(c *fiber.Ctx) string {
	peer, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return ""
	}
	peer = peer.Unmap()
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0 && v.trusted(peer); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		peer = hop.Unmap()
	}
	return peer.String()
}

// network is the address of a request as limits count it: of IPv6 the /64, all of which
// one customer has.
func (v visitors) network(c *fiber.Ctx) string {
	address := v.address(c)
	if a, err := netip.ParseAddr(address); err == nil && a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return address
}

func (v visitors) trusted(a netip.Addr) bool {
	for _, p := range v.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// parseNetworks reads addresses and networks. The error names the one that is neither.
func parseNetworks(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("api.trusted_proxies = %q: is neither an address nor a network", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
