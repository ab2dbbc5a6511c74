package elastic_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/testenv"
)

// behindTLS is the address of a server that speaks TLS with a certificate of an authority.
func behindTLS(t *testing.T, authority *testenv.Authority, handler http.Handler, validFor time.Duration, names ...string) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.TLS = authority.Server(validFor, names...)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// TestWaysToElasticsearch goes every way to the real server behind TLS, and wants each fault
// told from the others.
func TestWaysToElasticsearch(t *testing.T) {
	c := testenv.Config(t)
	plain := c.Elasticsearch.Addresses[0]
	target, err := url.Parse(plain)
	if err != nil {
		t.Fatal(err)
	}
	authority := testenv.NewAuthority(t)
	proxy := httputil.NewSingleHostReverseProxy(target)
	encrypted := behindTLS(t, authority, proxy, time.Hour, "127.0.0.1")
	for name, o := range map[string]struct {
		elastic.Options
		hint string
	}{
		"as it should be":      {elastic.Options{Addresses: []string{encrypted}, CA: authority.File}, ""},
		"an unknown authority": {elastic.Options{Addresses: []string{encrypted}}, "elasticsearch.ca"},
		"another name": {
			elastic.Options{Addresses: []string{behindTLS(t, authority, proxy, time.Hour, "es.school.example")}, CA: authority.File},
			"its certificate is for es.school.example",
		},
		"out of date": {
			elastic.Options{Addresses: []string{behindTLS(t, authority, proxy, -time.Hour, "127.0.0.1")}, CA: authority.File}, "is not valid now",
		},
		"no TLS at a TLS port": {elastic.Options{Addresses: []string{strings.Replace(encrypted, "https", "http", 1)}}, "https://…"},
		"TLS at a plain port":  {elastic.Options{Addresses: []string{strings.Replace(plain, "http", "https", 1)}, CA: authority.File}, "http://…"},
		"nobody listens":       {elastic.Options{Addresses: []string{"http://127.0.0.1:1"}}, "nothing listens there"},
		"a wrong password":     {elastic.Options{Addresses: []string{encrypted}, CA: authority.File, Username: c.Elasticsearch.Username, Password: "wrong"}, "elasticsearch.password"},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := elastic.Open(o.Options)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			_, err = client.Version(t.Context())
			if o.hint == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil {
				t.Fatal("nothing is wrong")
			}
			if catalog.CodeOf(err) != catalog.CodeUnavailable && o.hint != "https://…" || !strings.Contains(elastic.Hint(err), o.hint) {
				t.Errorf("%v\n%s\nwant %s", err, elastic.Hint(err), o.hint)
			}
		})
	}
	if _, err := elastic.Open(elastic.Options{Addresses: []string{encrypted}, CA: "/nowhere"}); err == nil {
		t.Error("a file that is not there was taken")
	}
}
