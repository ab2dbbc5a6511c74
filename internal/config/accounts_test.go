package config_test

import (
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/config"
)

// TestMail: what is wrong with the settings of mails and accounts is told by its name, and the
// password is shown to nobody.
func TestMail(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("XUNKE_CONFIG", "")
	if c, err := config.Load(""); err != nil || c.Mail.Sender != "" {
		t.Fatalf("without settings: %+v, %v", c.Mail, err)
	}
	good := map[string]string{
		"mail.sender": "smtp", "mail.host": "smtp.school.example", "mail.from": "寻课 <no-reply@school.example>", "mail.username": "mailer",
		"mail.password": "hush-hush", "accounts.pages_url": "https://school.example/learn",
	}
	variable := func(key string) string { return "XUNKE_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_")) }
	for key, value := range good {
		t.Setenv(variable(key), value)
	}
	c, err := config.Load("")
	if err != nil || c.Mail.Port != 587 || c.Mail.TLS != "starttls" {
		t.Fatalf("%+v, %v", c.Mail, err)
	}
	if got := c.Mask().Mail.Password; got != "***" {
		t.Errorf("the password is shown as %q", got)
	}
	for _, bad := range []struct{ key, value, also string }{
		{"mail.sender", "pigeon", ""}, {"mail.sender", "inbox", "https://school.example"}, {"mail.host", "smtp://x", ""}, {"mail.host", "", ""},
		{"mail.port", "0", ""}, {"mail.tls", "maybe", ""}, {"mail.tls", "none", ""}, {"mail.ca", "/nowhere.pem", ""}, {"mail.from", "nobody", ""},
		{"accounts.session_idle", "1m", ""}, {"accounts.session_idle", "9000h", ""}, {"accounts.session_max", "99999h", ""},
		{"accounts.hashes_at_once", "0", ""}, {"accounts.mail_limit", "-1", ""}, {"accounts.pages_url", "school.example", ""},
	} {
		t.Run(bad.key+" "+bad.value, func(t *testing.T) {
			t.Setenv(variable(bad.key), bad.value)
			t.Setenv("XUNKE_API_PUBLIC_URL", bad.also)
			if _, err := config.Load(""); err == nil || !strings.Contains(err.Error(), bad.key+" = ") || strings.Contains(err.Error(), "hush") {
				t.Errorf("%v", err)
			}
		})
	}
	for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
		t.Setenv("XUNKE_MAIL_HOST", host)
		t.Setenv("XUNKE_MAIL_TLS", "none")
		if _, err := config.Load(""); err != nil {
			t.Errorf("in clear to %s: %v", host, err)
		}
	}
}
