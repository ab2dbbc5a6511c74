package main

import (
	"cmp"
	"database/sql"
	"fmt"
	"maps"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/comments"
	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/mail"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/reach"
	"github.com/xunke/xunke/learning"
	"github.com/xunke/xunke/messages"
	"github.com/xunke/xunke/outbox"
	"github.com/xunke/xunke/searchapi"
	"github.com/xunke/xunke/web/inbox"
)

// learners is what accounts are made of.
type learners struct {
	service  *accounts.Service
	learning *learning.Service
	comments *comments.Service
	messages *messages.Service
	worker   *outbox.Worker
	// announcer tells of new lessons.
	announcer *messages.Service
	inbox     *mail.Inbox // nil: mails are sent
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
			SessionIdle: settings.SessionIdle, SessionMax: settings.SessionMax, CodeLife: accounts.CodeLife, PagesURL: cmp.Or(settings.PagesURL, a.config.API.PublicURL),
		},
		Log: a.log,
	}
	db := c.db.Write
	l.learning = &learning.Service{
		Store: store.NewLearning(db).WithGuard(c.guard), Limit: c.limit("learner-actions", learning.Actions, learning.ActionsSpan), Log: a.log,
	}
	l.comments = &comments.Service{
		Store: store.NewComments(db).WithGuard(c.guard), Limit: c.limit("learner-comments", comments.Often, comments.OftenSpan), Log: a.log,
	}
	l.messages = &messages.Service{Store: store.NewMessages(db).WithGuard(c.guard), Log: a.log}
	l.worker, l.announcer = a.learnersWork(db, l.service, mailer)
	return l, nil
}

// learnersWork is what is done after requests. It goes through no guard: nobody waits for it.
func (a *app) learnersWork(db *sql.DB, service *accounts.Service, mailer accounts.Mailer) (*outbox.Worker, *messages.Service) {
	announcer := &messages.Service{Store: store.NewMessages(db), Log: a.log}
	service.Rooms = []accounts.Room{
		&learning.Service{Store: store.NewLearning(db), Log: a.log}, &comments.Service{Store: store.NewComments(db), Log: a.log}, announcer,
	}
	handlers := service.Handlers(mailer)
	maps.Copy(handlers, announcer.Handlers())
	return outbox.NewWorker(store.NewOutbox(db), handlers, a.log), announcer
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

// calls are what the API has of learners; nil: nothing.
func (l *learners) calls() *searchapi.LearnerDeps {
	if l == nil {
		return nil
	}
	return &searchapi.LearnerDeps{Accounts: l.service, Learning: l.learning, Comments: l.comments, Messages: l.messages}
}

func (l *learners) mountInbox(s *httpserver.Server) {
	if l != nil && l.inbox != nil {
		inbox.Mount(s, l.inbox)
	}
}
