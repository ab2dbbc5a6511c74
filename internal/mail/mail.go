// Package mail sends mails by SMTP, or shows them to who develops.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/outbox"
)

// TLS is how a connection to the mail server is encrypted.
type TLS string

// The ways. There is no way that takes what it gets: who can drop STARTTLS from a server's
// answer could read the codes.
const (
	StartTLS TLS = "starttls" // the connection begins in clear (port 587)
	Implicit TLS = "implicit" // from its first byte (port 465)
	Plain    TLS = "none"     // for a server on this machine
)

// Options say where mails go.
type Options struct {
	Host     string
	Port     int
	TLS      TLS
	CA       *tls.Config // trusts authorities of one's own; nil: those of the system
	Username string      // empty: without authentication
	Password string
	From     string // such as 寻课 <no-reply@example.com>
}

// sendTimeout bounds each step of a conversation with the server.
const sendTimeout = 15 * time.Second

// SMTP sends mails through a server.
type SMTP struct {
	options Options
}

var _ accounts.Mailer = (*SMTP)(nil)

// NewSMTP makes a sender. It connects for each mail. The error says what is wrong with the
// options.
func NewSMTP(o Options) (*SMTP, error) {
	s := &SMTP{options: o}
	m := mail.NewMsg()
	if err := m.From(o.From); err != nil {
		return nil, fmt.Errorf("mail.from = %q: %w", o.From, err)
	}
	_, err := s.client()
	return s, err
}

func (s *SMTP) client() (*mail.Client, error) {
	o := s.options
	options := []mail.Option{mail.WithPort(o.Port), mail.WithTimeout(sendTimeout)}
	switch o.TLS {
	case StartTLS:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case Implicit:
		options = append(options, mail.WithSSL())
	case Plain:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, fmt.Errorf("mail.tls = %q: must be starttls, implicit or none", o.TLS)
	}
	if o.CA != nil && o.TLS != Plain {
		config := o.CA.Clone()
		config.ServerName, config.MinVersion = o.Host, tls.VersionTLS12
		options = append(options, mail.WithTLSConfig(config))
	}
	if o.Username != "" {
		auth := mail.SMTPAuthAutoDiscover
		if o.TLS == Plain {
			auth = mail.SMTPAuthPlainNoEnc
		}
		options = append(options, mail.WithSMTPAuth(auth), mail.WithUsername(o.Username), mail.WithPassword(o.Password))
	}
	client, err := mail.NewClient(o.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("make a client of SMTP: %w", err)
	}
	return client, nil
}

// Send implements accounts.Mailer. What a server refuses for good (5xx after the mail began)
// is an error of outbox.Permanent.
func (s *SMTP) Send(ctx context.Context, m accounts.Message) error {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.From(s.options.From), msg.To(m.To)); err != nil {
		return outbox.Permanent(fmt.Errorf("address a mail: %w", err))
	}
	msg.Subject(m.Subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no machine is to answer it
	msg.SetMessageID()
	msg.SetDate()
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	client, err := s.client()
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		if refused, ok := errors.AsType[*mail.SendError](err); ok && refused.ErrorCode() >= 500 && !refused.IsTemp() {
			return outbox.Permanent(fmt.Errorf("send a mail: %w", err))
		}
		return fmt.Errorf("send a mail through %s: %w", strings.TrimSpace(s.options.Host), err)
	}
	return nil
}
