// Package messages is what learners are told on the site: by admins to one, to those who take a
// course, or to all; and by the site itself.
package messages

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/outbox"
)

// How long a message of an admin may be, in characters.
const (
	MaxSubject = 120
	MaxText    = 4000
)

// Kind is what a message is about.
type Kind string

// The kinds.
const (
	Admin        Kind = "admin"         // what an admin says
	CommentShown Kind = "comment_shown" // the learner's comment is shown
	CommentReply Kind = "comment_reply" // the org has replied to it
	NewLessons   Kind = "new_lessons"   // a course that the learner likes has new lessons
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{Admin, CommentShown, CommentReply, NewLessons} }

// Message is a message as its reader sees it.
type Message struct {
	ID      int64     `json:"id"`
	Kind    Kind      `json:"kind"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	URL     string    `json:"url" about:"what it is about; empty: nothing"`
	SentAt  time.Time `json:"sent_at"`
	Read    bool      `json:"read"`

	Course *catalog.Ref `json:"-"` // nil: about none, or one that is not visible
}

// MessageList is a page of a learner's messages, the latest first.
type MessageList struct {
	Total  int64     `json:"total"`
	Unread int64     `json:"unread" about:"of all pages"`
	Hits   []Message `json:"hits"`
}

// Audience is who gets a message of an admin. One of the three is set.
type Audience struct {
	Account int64 `json:"account,omitempty"` // one learner
	Course  int64 `json:"course,omitempty"`  // those who take a course
	All     bool  `json:"all,omitempty"`
	// Likes are those who like a course, of the site's own messages.
	Likes int64 `json:"likes,omitempty"`
}

// Store keeps messages. Errors: CodeNotFound, CodeUnavailable.
type Store interface {
	// List has the language of the account's mails beside the messages.
	List(ctx context.Context, account int64, p catalog.Page) (list MessageList, language string, err error)
	// Read and Delete are about one message of an account, or with id 0 about all.
	Read(ctx context.Context, account, id int64, now time.Time) error
	Delete(ctx context.Context, account, id int64) error
	// Send keeps a message and writes the job that gives it to its audience. CodeNotFound for
	// an account or a course that is not there.
	Send(ctx context.Context, m Message, to Audience, job func(message int64) (outbox.Job, error), now time.Time) error
	// FanOut gives a message to some of an audience, those whose ids follow after in order,
	// and returns the last of them; 0: that were all. It may be done again.
	FanOut(ctx context.Context, message int64, to Audience, after int64) (last int64, err error)
	// Queue writes a job.
	Queue(ctx context.Context, job outbox.Job) error
	// Announce makes a message about the new lessons of each visible course that has some and
	// that somebody likes, with its job.
	Announce(ctx context.Context, job func(message, course int64) (outbox.Job, error), now time.Time) error
	// Erase deletes what an account was told.
	Erase(ctx context.Context, account int64) error
}

// Service is all that is done with messages. A nil Now is time.Now.
type Service struct {
	Store Store
	Log   *slog.Logger
	Now   func() time.Time
}

func (s *Service) now() time.Time {
	if s.Now != nil {
		return s.Now().UTC()
	}
	return time.Now().UTC()
}

// List lists what a learner was told, in the language of their mails. The error is CodeUnavailable.
func (s *Service) List(ctx context.Context, account int64, p catalog.Page) (MessageList, error) {
	list, language, err := s.Store.List(ctx, account, p)
	for i := range list.Hits {
		list.Hits[i].word(language)
	}
	return list, err
}

// Read notes that a message was read, or with id 0 all of them. Errors: CodeNotFound, CodeUnavailable.
func (s *Service) Read(ctx context.Context, account, id int64) error {
	return s.Store.Read(ctx, account, id, s.now())
}

// Delete deletes a message, or with id 0 all of them, for who got it. Errors: CodeNotFound,
// CodeUnavailable.
func (s *Service) Delete(ctx context.Context, account, id int64) error {
	return s.Store.Delete(ctx, account, id)
}

// exported is how many messages an export has, the latest.
const exported = 10_000

// Export is what a learner was told. The error is CodeUnavailable.
func (s *Service) Export(ctx context.Context, account int64) (Record, error) {
	list, err := s.List(ctx, account, catalog.Page{Limit: exported})
	return Record{list.Hits}, err
}

// Erase deletes what an account was told that is gone. The error is CodeUnavailable.
func (s *Service) Erase(ctx context.Context, account int64) error { return s.Store.Erase(ctx, account) }

// Record is what a learner was told.
type Record struct {
	Messages []Message `json:"messages"`
}

const jobFanOut = "messages.fan_out"

// fanOutJob gives a message to who follows After.
type fanOutJob struct {
	Message int64    `json:"message"`
	To      Audience `json:"to"`
	After   int64    `json:"after"`
}

// Send sends a message of an admin. It is there for each of its audience a moment later. Errors:
// CodeInvalid, CodeNotFound, CodeUnavailable.
func (s *Service) Send(ctx context.Context, subject, text string, to Audience) error {
	subject, text = strings.Join(strings.Fields(subject), " "), strings.TrimSpace(text)
	var fields []catalog.FieldError
	for _, f := range []struct {
		name, value string
		most        int
	}{{"subject", subject, MaxSubject}, {"text", text, MaxText}} {
		switch n := utf8.RuneCountInString(f.value); {
		case n == 0:
			fields = append(fields, catalog.FieldError{Field: f.name, Message: "is missing"})
		case n > f.most:
			fields = append(fields, catalog.FieldError{Field: f.name, Message: fmt.Sprintf("has %d characters; at most %d are allowed", n, f.most)})
		}
	}
	if len(fields) > 0 {
		return &catalog.Error{Code: catalog.CodeInvalid, Message: "invalid message", Fields: fields}
	}
	return s.Store.Send(ctx, Message{Kind: Admin, Subject: subject, Text: text}, to, func(message int64) (outbox.Job, error) {
		return outbox.NewJob(jobFanOut, fanOutJob{Message: message, To: to})
	}, s.now())
}

// Handlers are what does the jobs of this package. They can be done again.
func (s *Service) Handlers() map[string]outbox.Handler {
	return map[string]outbox.Handler{jobFanOut: outbox.HandlerOf(s.fanOut)}
}

// fanOutSteps is how many steps one attempt at a job makes: another job does the rest, so that
// none takes longer than a job may.
const fanOutSteps = 20

func (s *Service) fanOut(ctx context.Context, job fanOutJob) error {
	for range fanOutSteps {
		last, err := s.Store.FanOut(ctx, job.Message, job.To, job.After)
		if err != nil || last == 0 {
			return err
		}
		job.After = last
	}
	rest, err := outbox.NewJob(jobFanOut, job)
	if err != nil {
		return err
	}
	return s.Store.Queue(ctx, rest)
}

// announceEvery is how often new lessons are looked for.
const announceEvery = time.Minute

// Announce tells who likes a course of its new lessons. The error is CodeUnavailable.
func (s *Service) Announce(ctx context.Context) error {
	return s.Store.Announce(ctx, func(message, course int64) (outbox.Job, error) {
		return outbox.NewJob(jobFanOut, fanOutJob{Message: message, To: Audience{Likes: course}})
	}, s.now())
}

// Run announces new lessons until ctx ends, and then returns nil.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(announceEvery)
	defer ticker.Stop()
	for {
		if err := s.Announce(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("new lessons cannot be announced", "err", err, "retry_in", announceEvery)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// word gives a message of the site its words.
func (m *Message) word(language string) {
	if m.Course != nil {
		m.URL = catalog.ItemURL(catalog.KindCourse, m.Course.ID)
	}
	if m.Kind == Admin {
		return
	}
	words, ok := wordings[language]
	if !ok {
		words = wordings["zh"]
	}
	name := words.gone
	if m.Course != nil {
		name = m.Course.Name
	}
	m.Subject = fmt.Sprintf(words.of[m.Kind], name)
}

type wording struct {
	gone string // a course that is not visible any more
	of   map[Kind]string
}

var wordings = map[string]wording{
	"zh": {"一门已下架的课程", map[Kind]string{CommentShown: "你对《%s》的评论已展示", CommentReply: "你对《%s》的评论有了回复", NewLessons: "你收藏的《%s》有了新课时"}},
	"en": {"a course that is gone", map[Kind]string{
		CommentShown: "Your comment on %s is shown now", CommentReply: "Your comment on %s has a reply", NewLessons: "%s, one of your favourites, has new lessons",
	}},
}
