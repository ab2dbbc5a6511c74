package config

import (
	"fmt"
	"net/mail"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xunke/xunke/internal/reach"
)

// The senders of mails.
const (
	SenderSMTP  = "smtp"
	SenderInbox = "inbox"
)

func (c *Config) checkAccounts(p *problems) {
	a := c.Accounts
	if a.SessionIdle < 10*time.Minute || a.SessionIdle > a.SessionMax {
		p.add("accounts.session_idle", a.SessionIdle, fmt.Sprintf("must be 10m to accounts.session_max (%s)", a.SessionMax))
	}
	if a.SessionMax > 366*24*time.Hour {
		p.add("accounts.session_max", a.SessionMax, "must be 8784h, a year, at most")
	}
	if a.HashesAtOnce < 1 || a.HashesAtOnce > 256 {
		p.add("accounts.hashes_at_once", a.HashesAtOnce, "must be 1 to 256")
	}
	p.notNegative("accounts.mail_limit", a.MailLimit, "none")
	if a.PagesURL != "" && !validPublicURL(a.PagesURL) {
		p.add("accounts.pages_url", strconv.Quote(maskURL(a.PagesURL)), "is not http://host or https://host, with or without port and path")
	}
}

func (c *Config) checkMail(p *problems) {
	m := c.Mail
	switch m.Sender {
	case "":
		return
	case SenderInbox:
		// The inbox shows codes to operators: nobody is to run a site with it.
		if strings.HasPrefix(c.API.PublicURL, "https://") {
			p.add("mail.sender", m.Sender, "is for development and does not go with an api.public_url that begins with https://; use smtp")
		}
		return
	case SenderSMTP:
	default:
		p.add("mail.sender", strconv.Quote(m.Sender), "must be smtp, inbox, or empty for no accounts")
		return
	}
	if m.Host == "" || strings.ContainsAny(m.Host, " /@:\t\n") && !isAddress(m.Host) {
		p.add("mail.host", strconv.Quote(m.Host), "is not the name or address of a mail server")
	}
	if m.Port < 1 || m.Port > 65535 {
		p.add("mail.port", m.Port, "must be 1 to 65535")
	}
	if !slices.Contains([]string{"starttls", "implicit", "none"}, m.TLS) {
		p.add("mail.tls", strconv.Quote(m.TLS), "must be starttls, implicit or none")
	} else if address, err := netip.ParseAddr(m.Host); m.TLS == "none" && m.Host != "localhost" && (err != nil || !address.IsLoopback()) {
		p.add("mail.tls", m.TLS, "is for a mail server on this machine only: mails have codes in them")
	}
	if _, err := reach.TLS(m.CA, ""); err != nil {
		p.add("mail.ca", m.CA, err.Error())
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		p.add("mail.from", strconv.Quote(m.From), "is not an address such as Xunke <no-reply@school.example>")
	}
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
