package main

import (
	"fmt"
	"maps"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/mail"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/reach"
	"github.com/xunke/xunke/learning"
	"github.com/xunke/xunke/outbox"
	"github.com/xunke/xunke/searchapi"
	"github.com/xunke/xunke/web/inbox"
)

// learners is what accounts are made of.
type learners struct {
	service  *accounts.Service
	learning *learning.Service
	worker  *outbox.Worker
	inbox   *mail.Inbox // nil: mails are sent
}

// learners puts accounts together; nil without mails.
func (a *app) learners(c clients) (*learners, error) {
	if a.config.Mail.Sender == "" {
		return nil, nil
	}
	l := &learners{}
	var mailer accounts.Mailer
	if a.config.Mail.Sender == config.SenderInbox {
		l.inbox = &mail.Inbox{}
		mailer = l.inbox
	} else {
		smtp, err := a.smtp()
		if err != nil {
			return nil, err
		}
		mailer = smtp
	}
	settings := a.config.Accounts
	l.service = &accounts.Service{
		Store:  store.NewAccounts(c.db.Write).WithGuard(c.guard),
		Hasher: accounts.NewHasher(accounts.StandardParams(), settings.HashesAtOnce),
		Limits: accounts.Limits{
			MailsOfNetwork:   c.limit("account-mails", settings.MailLimit, time.Hour),
			MailsToAddress:   c.limit("account-mails-to", accounts.MailsToAddress, time.Hour),
			GuessesOfNetwork: c.limit("account-guesses-network", accounts.GuessesOfNetwork, accounts.GuessesSpan),
			Guesses:          c.limit("account-guesses", accounts.Guesses, accounts.GuessesSpan),
			GuessesOfAll:     c.limit("account-guesses-all", accounts.GuessesOfAll, accounts.GuessesSpan),
			Known:            c.limit("known-learners", 1, httpserver.KnownFor),
		},
		Options: accounts.Options{
			SessionIdle: settings.SessionIdle, SessionMax: settings.SessionMax, CodeLife: accounts.CodeLife, PagesURL: settings.PagesURL,
		},
		Erase: learning.EraseJob,
		Log:   a.log,
	}
	l.learning = &learning.Service{
		Store: store.NewLearning(c.db.Write).WithGuard(c.guard), Limit: c.limit("learner-actions", learning.Actions, learning.ActionsSpan), Log: a.log,
	}
	handlers := l.service.Handlers(mailer)
	maps.Copy(handlers, l.learning.Handlers())
	l.worker = outbox.NewWorker(store.NewOutbox(c.db.Write), handlers, a.log)
	return l, nil
}

func (a *app) smtp() (*mail.SMTP, error) {
	m := a.config.Mail
	o := mail.Options{Host: m.Host, Port: m.Port, TLS: mail.TLS(m.TLS), Username: m.Username, Password: m.Password, From: m.From}
	if m.CA != "" {
		trusted, err := reach.TLS(m.CA, m.Host)
		if err != nil {
			return nil, fmt.Errorf("read mail.ca = %s: %w", m.CA, err)
		}
		o.CA = trusted
	}
	return mail.NewSMTP(o)
}

// calls are what the API has of accounts and of what is done with them; nil: nothing.
func (l *learners) calls() (searchapi.Accounts, searchapi.Learning) {
	if l == nil {
		return nil, nil
	}
	return l.service, l.learning
}

func (l *learners) mountInbox(s *httpserver.Server) {
	if l != nil && l.inbox != nil {
		inbox.Mount(s, l.inbox)
	}
}
