package httpserver

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// TestAddress: only what trusted proxies wrote counts, in whichever form they write it.
func TestAddress(t *testing.T) {
	for name, tc := range map[string]struct {
		lines         []string
		stranger      bool   // the peer is no trusted proxy
		header        string // empty: X-Forwarded-For
		address       string
		network, wide string
	}{
		"no header":                    {nil, false, "", "0.0.0.0", "0.0.0.0", "0.0.0.0/24"},
		"a stranger":                   {[]string{"203.0.113.7"}, true, "", "0.0.0.0", "0.0.0.0", "0.0.0.0/24"},
		"one hop":                      {[]string{"203.0.113.7"}, false, "", "203.0.113.7", "203.0.113.7", "203.0.113.0/24"},
		"what the client wrote first":  {[]string{"198.51.100.9, 203.0.113.7"}, false, "", "203.0.113.7", "203.0.113.7", "203.0.113.0/24"},
		"a line of the client's":       {[]string{"198.51.100.9", "203.0.113.7"}, false, "", "203.0.113.7", "203.0.113.7", "203.0.113.0/24"},
		"three lines":                  {[]string{"198.51.100.9", "203.0.113.7, 10.0.0.2", "10.0.0.3"}, false, "", "203.0.113.7", "203.0.113.7", "203.0.113.0/24"},
		"proxies only":                 {[]string{"10.0.0.2", "10.0.0.3"}, false, "", "10.0.0.2", "10.0.0.2", "10.0.0.0/24"},
		"a port":                       {[]string{"203.0.113.7:51234"}, false, "", "203.0.113.7", "203.0.113.7", "203.0.113.0/24"},
		"a port of a proxy":            {[]string{"203.0.113.7:1, 10.0.0.3:443"}, false, "", "203.0.113.7", "203.0.113.7", "203.0.113.0/24"},
		"IPv6":                         {[]string{"2001:db8:1:2:3::4"}, false, "", "2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"},
		"IPv6 in brackets":             {[]string{"[2001:db8:1:2:3::4]"}, false, "", "2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"},
		"IPv6 with a port":             {[]string{"[2001:db8:1:2:3::4]:51234"}, false, "", "2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"},
		"IPv6 with a zone":             {[]string{"fe80::1%eth0"}, false, "", "fe80::1", "fe80::/64", "fe80::/48"},
		"IPv4 in IPv6":                 {[]string{"::ffff:203.0.113.7"}, false, "", "203.0.113.7", "203.0.113.7", "203.0.113.0/24"},
		"quotes, spaces, empty places": {[]string{" , \t\"203.0.113.7\" ,, "}, false, "", "203.0.113.7", "203.0.113.7", "203.0.113.0/24"},
		"unknown":                      {[]string{"203.0.113.7, unknown"}, false, "", "0.0.0.0", "0.0.0.0", "0.0.0.0/24"},
		"unknown behind a proxy":       {[]string{"203.0.113.7, unknown, 10.0.0.3"}, false, "", "10.0.0.3", "10.0.0.3", "10.0.0.0/24"},
		"a name":                       {[]string{"203.0.113.7, _hidden"}, false, "", "0.0.0.0", "0.0.0.0", "0.0.0.0/24"},
		"Forwarded":                    {[]string{"for=203.0.113.7"}, false, "Forwarded", "0.0.0.0", "0.0.0.0", "0.0.0.0/24"},
		"X-Real-IP":                    {[]string{"203.0.113.7"}, false, "X-Real-IP", "0.0.0.0", "0.0.0.0", "0.0.0.0/24"},
	} {
		f := &fixture{asked: func(c *fiber.Ctx) error {
			return c.SendString(Address(c) + " " + Network(c) + " " + WideNetwork(c))
		}}
		f.config.TrustedProxies = []string{"0.0.0.0", "10.0.0.0/8"}
		if tc.stranger {
			f.config.TrustedProxies = []string{"10.0.0.0/8"}
		}
		r := httptest.NewRequest(http.MethodGet, "/asked/x", nil)
		if tc.header == "" {
			tc.header = "X-Forwarded-For"
		}
		for _, line := range tc.lines {
			r.Header.Add(tc.header, line)
		}
		if got, want := do(t, f.server(t), r).body, tc.address+" "+tc.network+" "+tc.wide; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// fakeLimit allows most times by who.
type fakeLimit struct {
	most  int
	taken map[string]int
}

func (l *fakeLimit) Take(ctx context.Context, who string) time.Duration {
	wait := l.Wait(ctx, who)
	if wait == 0 {
		l.taken[who]++
	}
	return wait
}

func (l *fakeLimit) Wait(_ context.Context, who string) time.Duration {
	if l.taken[who] >= l.most {
		return time.Minute
	}
	return 0
}

// TestGuessesFromManyNetworks: neither another address of the same network, nor another
// line of X-Forwarded-For, nor many networks make guessing faster, and who logged in
// before is not locked out by those who guess.
func TestGuessesFromManyNetworks(t *testing.T) {
	limit := func(most int) *fakeLimit { return &fakeLimit{most, map[string]int{}} }
	f := &fixture{asked: RequireAdmin}
	f.config.TrustedProxies = []string{"0.0.0.0"}
	f.config.Authenticators = []Authenticator{NewAdminPassword("right", GuessLimits{Network: limit(2), All: limit(3), Known: limit(1)})}
	s := f.server(t)
	for i, tc := range []struct {
		from, password string
		status         int
	}{
		{"192.0.2.1", "right", http.StatusOK},
		{"203.0.113.1", "wrong", http.StatusUnauthorized},
		{"203.0.113.2", "wrong", http.StatusUnauthorized},
		{"203.0.113.3", "wrong", http.StatusTooManyRequests},  // the same /24
		{"203.0.113.4", "right", http.StatusTooManyRequests},  // guessing must not go on
		{"2001:db8:1:2::1", "wrong", http.StatusUnauthorized}, // the third of all
		{"2001:db8:1:ffff::1", "wrong", http.StatusTooManyRequests},
		{"198.51.100.1", "wrong", http.StatusTooManyRequests},
		{"198.51.100.2", "right", http.StatusTooManyRequests}, // not known
		{"192.0.2.9", "right", http.StatusOK},                 // known
		{"192.0.2.9", "wrong", http.StatusTooManyRequests},
	} {
		r := httptest.NewRequest(http.MethodGet, "/asked/x", nil)
		r.Header.Add("X-Forwarded-For", strings.Repeat("9", i%2+1)+".9.9.9") // the client's own line
		r.Header.Add("X-Forwarded-For", tc.from)
		r.SetBasicAuth("admin", tc.password)
		if got := do(t, s, r).status; got != tc.status {
			t.Errorf("%d: %s from %s is answered %d, want %d", i+1, tc.password, tc.from, got, tc.status)
		}
	}
	log := f.log.String()
	if strings.Count(log, "wrong password of an admin") != 3 || !strings.Contains(log, "network=203.0.113.0/24") || !strings.Contains(log, "network=2001:db8:1::/48") ||
		strings.Contains(log, "203.0.113.1") || strings.Contains(log, "msg=wrong") {
		t.Errorf("the log: %s", log)
	}
}
