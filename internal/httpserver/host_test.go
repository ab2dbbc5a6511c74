package httpserver

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHosts(t *testing.T) {
	for _, tc := range []struct {
		hosts        []string
		public, host string
		path         string
		status       int
	}{
		{nil, "", "evil.example", "/asked/x", http.StatusOK},
		{[]string{"xunke.example"}, "", "xunke.example", "/asked/x", http.StatusOK},
		{[]string{"xunke.example"}, "", "XUNKE.example:8080", "/asked/x", http.StatusOK},
		{[]string{"xunke.example:8080"}, "", "xunke.example:8080", "/asked/x", http.StatusOK},
		{[]string{"xunke.example:8080"}, "", "xunke.example", "/asked/x", http.StatusBadRequest},
		{[]string{"other.example"}, "https://xunke.example", "xunke.example", "/asked/x", http.StatusOK},
		{[]string{"xunke.example"}, "", "evil.example", "/asked/x", http.StatusBadRequest},
		{[]string{"xunke.example"}, "", "xunke.example.evil.example", "/asked/x", http.StatusBadRequest},
		{[]string{"xunke.example"}, "", "10.0.0.7:8080", "/metrics", http.StatusOK},
		{[]string{"2001:db8::1"}, "", "[2001:db8::1]:8080", "/asked/x", http.StatusOK},
	} {
		f := &fixture{config: Config{Hosts: tc.hosts, PublicURL: tc.public}}
		r := httptest.NewRequest(http.MethodGet, tc.path, nil)
		r.Host = tc.host
		if got := do(t, f.server(t), r).status; got != tc.status {
			t.Errorf("%v and %q, asked for %s%s: %d, want %d", tc.hosts, tc.public, tc.host, tc.path, got, tc.status)
		}
		if warned := strings.Contains(f.log.String(), "api.public_url"); warned != (tc.hosts == nil && tc.public == "") {
			t.Errorf("%v and %q: %s", tc.hosts, tc.public, f.log.String())
		}
	}
}
