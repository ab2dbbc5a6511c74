package web_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/web/webtest"
)

func TestSecurityTextNamesAContact(t *testing.T) {
	for name, c := range map[string]struct{ contact, publicURL, want string }{
		"an address": {"security@school.example", "https://courses.school.example", "Contact: mailto:security@school.example\n"},
		"a page":     {"https://school.example/security", "", "Contact: https://school.example/security\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := webtest.NewSite()
			s.SecurityContact, s.PublicURL = c.contact, c.publicURL
			s.Start(t)
			answer, err := http.Get(s.Base + "/.well-known/security.txt")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			text := string(body)
			if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.HasPrefix(text, c.want) {
				t.Errorf("%d %s: %s", answer.StatusCode, answer.Header.Get("Content-Type"), text)
			}
			if canonical := strings.Contains(text, "Canonical: https://courses.school.example/.well-known/security.txt\n"); canonical != (c.publicURL != "") {
				t.Errorf("canonical: %v in %s", canonical, text)
			}
			_, rest, _ := strings.Cut(text, "Expires: ")
			expires, err := time.Parse(time.RFC3339, strings.SplitN(rest, "\n", 2)[0])
			if left := time.Until(expires); err != nil || left < 30*24*time.Hour || left > 365*24*time.Hour {
				t.Errorf("expires in %v (%v): %s", left, err, text)
			}
		})
	}
}

func TestWithoutAContactThereIsNoSecurityText(t *testing.T) {
	s := webtest.NewSite()
	s.Start(t)
	answer, err := http.Get(s.Base + "/.well-known/security.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", answer.StatusCode)
	}
}
