// Package mailtest gives tests a mail server of their own that speaks SMTP.
package mailtest

import (
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Mail is one that a server has taken.
type Mail struct {
	To, Subject, Text, HTML string
	Header                  mail.Header
	Encrypted               bool
	User                    string // who authenticated; empty: nobody
}

var codePattern = regexp.MustCompile(`(?m)^[A-Za-z0-9_-]{43}$`)

// Code is the code that stands on a line of its own in a mail; empty: there is none.
func (m Mail) Code() string { return codePattern.FindString(m.Text) }

// Server takes mails.
type Server struct {
	Host string
	Port int

	t      testing.TB
	config *tls.Config
	stop   func()
	mu     sync.Mutex
	mails  []Mail
	// refuse answers to RCPT; nil: every address is taken.
	refuse func(to string) error
}

// Start begins a server. With a configuration of TLS it offers STARTTLS and takes no mail
// before it; a user and a password have to be given if there are any.
func Start(t testing.TB, config *tls.Config) *Server {
	t.Helper()
	s := &Server{Host: "127.0.0.1", t: t, config: config}
	s.Resume()
	t.Cleanup(s.Stop)
	return s
}

// Resume begins again to take mails, at the same port.
func (s *Server) Resume() {
	s.t.Helper()
	listener, err := new(net.ListenConfig).Listen(s.t.Context(), "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		s.t.Fatal(err)
	}
	s.Port = listener.Addr().(*net.TCPAddr).Port
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	server.Domain, server.TLSConfig, server.AllowInsecureAuth = "mail.test", s.config, s.config == nil
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	s.stop = func() {
		_ = server.Close()
		<-done
	}
}

// Stop ends the server: connections to it are refused.
func (s *Server) Stop() { s.stop() }

// Refuse has the server answer to recipients with what a function says; nil: it takes all.
func (s *Server) Refuse(f func(to string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = f
}

// Mails are those that were taken so far.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Await waits for the next mail to an address beyond the first seen of them.
func (s *Server) Await(to string, seen int) Mail {
	s.t.Helper()
	deadline := time.After(time.Minute)
	for {
		n := 0
		for _, m := range s.Mails() {
			if m.To == to {
				if n++; n > seen {
					return m
				}
			}
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			s.t.Fatalf("no mail %d to %s came; there are %d in all", seen+1, to, len(s.Mails()))
		}
	}
}

type session struct {
	server *Server
	conn   *smtp.Conn
	user   string
	to     []string
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "mailer" || password != "a password of the tests" {
			return errors.New("wrong")
		}
		s.user = user
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	refuse := s.server.refuse
	s.server.mu.Unlock()
	if refuse != nil {
		if err := refuse(to); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	_, encrypted := s.conn.TLSConnectionState()
	m := Mail{Header: message.Header, Encrypted: encrypted, User: s.user}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		return err
	}
	_, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	parts := multipart.NewReader(message.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		raw, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(string(raw), "\r\n", "\n")
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			m.HTML = text
		} else {
			m.Text = text
		}
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	for _, to := range s.to {
		m.To = to
		s.server.mails = append(s.server.mails, m)
	}
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.to = nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }
