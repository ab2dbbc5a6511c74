package httpserver

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

func TestForOperators(t *testing.T) {
	for name, tc := range map[string]struct {
		operators, proxies []string
		public             string
		header, value      string
		want               bool
	}{
		"from their address":           {operators: []string{"0.0.0.0"}, want: true},
		"from another":                 {operators: []string{"127.0.0.0/8"}},
		"none are configured":          {},
		"for the public host":          {operators: []string{"0.0.0.0"}, public: "https://example.com"},
		"not for the public host":      {operators: []string{"0.0.0.0"}, public: "https://xunke.example", want: true},
		"a proxy that is not trusted":  {operators: []string{"0.0.0.0"}, header: "X-Forwarded-For", value: "0.0.0.0"},
		"one that writes Forwarded":    {operators: []string{"0.0.0.0"}, header: "Forwarded", value: "for=0.0.0.0"},
		"one that writes Via":          {operators: []string{"0.0.0.0"}, header: "Via", value: "1.1 x"},
		"a visitor through a proxy":    {operators: []string{"0.0.0.0"}, proxies: []string{"0.0.0.0"}, header: "X-Forwarded-For", value: "203.0.113.7"},
		"an operator through a proxy":  {operators: []string{"10.0.0.0/8"}, proxies: []string{"0.0.0.0"}, header: "X-Forwarded-For", value: "10.0.0.9", want: true},
		"who says that they are there": {operators: []string{"10.0.0.0/8"}, header: "X-Forwarded-For", value: "10.0.0.9"},
	} {
		f := &fixture{asked: OperatorsOnly, config: Config{Operators: tc.operators, TrustedProxies: tc.proxies, PublicURL: tc.public}}
		r := httptest.NewRequest(http.MethodGet, "/asked/x", nil)
		if tc.header != "" {
			r.Header.Set(tc.header, tc.value)
		}
		want := http.StatusNotFound
		if tc.want {
			want = http.StatusOK
		}
		if got := do(t, f.server(t), r).status; got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

// TestListenerForOperators: it has probes, metrics and profiles, and not the site.
func TestListenerForOperators(t *testing.T) {
	f := new(fixture)
	s := f.server(t)
	s.App().Get("/readyz", func(c *fiber.Ctx) error {
		if err := OperatorsOnly(c); err != nil {
			return err
		}
		return c.SendString("all of it")
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.ServeOperators(ctx, listener) }()
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/metrics":                       {http.StatusOK, "xunke_http_connections"},
		"/readyz":                        {http.StatusOK, "all of it"},
		"/debug/pprof/goroutine?debug=1": {http.StatusOK, "goroutine profile"},
		"/asked/x":                       {http.StatusNotFound, "/metrics"},
	} {
		res, err := http.Get("http://" + listener.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != want.status || !strings.Contains(string(body), want.body) {
			t.Errorf("%s: %d %.200s, %v", path, res.StatusCode, body, err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	get(t, s, "/readyz").problem(t, http.StatusNotFound)
	get(t, s, "/debug/pprof/goroutine").problem(t, http.StatusNotFound)
}

// TestTransportSecurity: only a site whose visitors come over TLS asks for it to stay so.
func TestTransportSecurity(t *testing.T) {
	for public, want := range map[string]string{"": "", "http://xunke.example": "", "https://xunke.example": "max-age=31536000"} {
		f := &fixture{config: Config{PublicURL: public}}
		for _, path := range []string{"/asked/x", "/nowhere"} {
			if got := get(t, f.server(t), path).header.Get("Strict-Transport-Security"); got != want {
				t.Errorf("%q, %s: %q", public, path, got)
			}
		}
	}
}
