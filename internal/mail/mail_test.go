package mail_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/internal/mail"
	"github.com/xunke/xunke/internal/mail/mailtest"
	"github.com/xunke/xunke/internal/reach"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/outbox"
)

const from = "寻课 <no-reply@school.example>"

var message = accounts.Message{To: "a+b@school.example", Subject: "激活你的寻课账号", Text: "你好\n\nhttps://x/#code=1\n", HTML: "<p>你好</p>"}

// TestMailsAreEncrypted: with STARTTLS and a password; and not sent where the server is
// another, or does not encrypt.
func TestMailsAreEncrypted(t *testing.T) {
	authority := testenv.NewAuthority(t)
	server := mailtest.Start(t, authority.Server(time.Hour, "127.0.0.1"))
	trusted, err := reach.TLS(authority.File, "")
	if err != nil {
		t.Fatal(err)
	}
	o := mail.Options{
		Host: server.Host, Port: server.Port, TLS: mail.StartTLS, CA: trusted, Username: "mailer", Password: "a password of the tests", From: from,
	}
	send := func(o mail.Options) error {
		t.Helper()
		s, err := mail.NewSMTP(o)
		if err != nil {
			t.Fatal(err)
		}
		return s.Send(t.Context(), message)
	}
	if err := send(o); err != nil {
		t.Fatal(err)
	}
	m := server.Mails()[0]
	if !m.Encrypted || m.User != "mailer" || m.To != message.To || m.Subject != message.Subject || m.Text != message.Text || strings.TrimSpace(m.HTML) != message.HTML {
		t.Errorf("the server took %+v", m)
	}
	if m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Date") == "" || m.Header.Get("Message-Id") == "" {
		t.Errorf("headers %v", m.Header)
	}
	stranger, wrong, plain := o, o, mailtest.Start(t, nil)
	stranger.CA = nil
	wrong.Password = "another password"
	unencrypted := o
	unencrypted.Host, unencrypted.Port, unencrypted.Username = plain.Host, plain.Port, ""
	for what, o := range map[string]mail.Options{"an authority that is not trusted": stranger, "a wrong password": wrong, "no encryption": unencrypted} {
		if err := send(o); err == nil || strings.Contains(err.Error(), "password of the tests") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := len(server.Mails()) + len(plain.Mails()); n != 1 {
		t.Errorf("%d mails were sent", n)
	}
}

// TestRefusals: what a server refuses for good is not tried again, anything else is.
func TestRefusals(t *testing.T) {
	server := mailtest.Start(t, nil)
	o := mail.Options{Host: server.Host, Port: server.Port, TLS: mail.Plain, From: from}
	s, err := mail.NewSMTP(o)
	if err != nil {
		t.Fatal(err)
	}
	for code, permanent := range map[int]bool{550: true, 450: false} {
		server.Refuse(func(string) error { return &smtp.SMTPError{Code: code, Message: "no such user " + message.To} })
		err := s.Send(t.Context(), message)
		if err == nil || outbox.IsPermanent(err) != permanent {
			t.Errorf("after %d: %v", code, err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.Port = listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	away, err := mail.NewSMTP(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := away.Send(t.Context(), message); err == nil || outbox.IsPermanent(err) {
		t.Errorf("without a server: %v", err)
	}
	for what, bad := range map[string]mail.Options{
		"no sender": {Host: "x", Port: 25, TLS: mail.Plain}, "no way": {Host: "x", Port: 25, From: from},
	} {
		if _, err := mail.NewSMTP(bad); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	// A recipient cannot bring headers or further recipients.
	server.Refuse(nil)
	evil := message
	evil.To = "a@school.example\r\nBcc: b@school.example"
	if err := s.Send(t.Context(), evil); err == nil || !outbox.IsPermanent(err) || len(server.Mails()) != 0 {
		t.Errorf("an address of two lines: %v, %d mails", err, len(server.Mails()))
	}
}
