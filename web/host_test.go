package web_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/web/admin"
	"github.com/xunke/xunke/web/webtest"
)

// TestNoCacheKeepsAnotherHost walks all routes: an answer that a shared cache may keep has
// nothing in it of the host that a request names, however it names it.
func TestNoCacheKeepsAnotherHost(t *testing.T) {
	const evil = "evil.example"
	for _, public := range []string{"", "https://xunke.example"} {
		s := webtest.NewSite()
		s.PublicURL = public
		s.Admin, s.Password = &admin.Deps{}, webtest.AdminPassword
		s.Start(t)
		address := strings.TrimPrefix(s.Base, "http://")
		repeats := 0
		for _, route := range s.Server.App().GetRoutes(true) {
			if route.Method != http.MethodGet {
				continue
			}
			path := strings.NewReplacer(":id", "1", ":key", "x", "*", "x").Replace(route.Path)
			for _, request := range []string{
				"GET %[2]s HTTP/1.1\r\nHost: %[1]s\r\nConnection: close\r\n\r\n",
				"GET http://%[1]s%[2]s HTTP/1.1\r\nHost: %[1]s\r\nConnection: close\r\n\r\n",
				"GET %[2]s HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host: %[1]s\r\nX-Host: %[1]s\r\nForwarded: host=%[1]s\r\nConnection: close\r\n\r\n",
			} {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
					t.Fatal(err)
				}
				if _, err := fmt.Fprintf(conn, request, evil, path); err != nil {
					t.Fatal(err)
				}
				answer, err := io.ReadAll(conn)
				if err != nil {
					t.Fatal(err)
				}
				_ = conn.Close()
				if !strings.Contains(string(answer), evil) {
					continue
				}
				repeats++
				head, _, _ := strings.Cut(string(answer), "\r\n\r\n")
				kept := strings.Contains(head, "Cache-Control: no-store") || strings.Contains(head, "Cache-Control: private")
				if public != "" || !kept || strings.Contains(request, "X-Forwarded-Host") {
					t.Errorf("public URL %q: %q answers\n%s", public, fmt.Sprintf(request, evil, path), head)
				}
			}
		}
		if public == "" && repeats == 0 {
			t.Error("no answer names the host at all: this test looks for nothing")
		}
	}
}
