package accounts

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/outbox"
)

// Message is a mail.
type Message struct {
	To      string
	Subject string
	Text    string
	HTML    string
}

// Mailer sends mails. An error of outbox.Permanent says that trying again is in vain.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

// The kinds of jobs.
const (
	jobRegister        = "account.register"
	jobRecover         = "account.recover"
	jobPasswordChanged = "account.password_changed"
	jobDeleted         = "account.deleted"
	jobEmail           = "account.email"
	jobEmailChanged    = "account.email_changed"
	jobErase           = "account.erase"
)

// Handlers are what does the jobs that accounts cause, most of them by sending mails.
func (s *Service) Handlers(m Mailer) map[string]outbox.Handler {
	return map[string]outbox.Handler{
		jobRegister: outbox.HandlerOf(func(ctx context.Context, j registerJob) error { return s.mailActivation(ctx, m, j) }),
		jobRecover:  outbox.HandlerOf(func(ctx context.Context, j recoverJob) error { return s.mailReset(ctx, m, j) }),
		jobEmail:    outbox.HandlerOf(func(ctx context.Context, j emailJob) error { return s.mailConfirmation(ctx, m, j) }),
		jobEmailChanged: outbox.HandlerOf(func(ctx context.Context, j movedJob) error {
			return s.send(ctx, m, j.Email, j.Language, "moved", "")
		}),
		jobDeleted: outbox.HandlerOf(func(ctx context.Context, j deletedJob) error {
			return s.send(ctx, m, j.Email, j.Language, "deleted", "")
		}),
		jobErase:           outbox.HandlerOf(s.erase),
		jobPasswordChanged: outbox.HandlerOf(func(ctx context.Context, j noticeJob) error { return s.mailNotice(ctx, m, j) }),
	}
}

// mailActivation mails a link that makes an account, or says that there is one already.
func (s *Service) mailActivation(ctx context.Context, m Mailer, j registerJob) error {
	email, why := ParseEmail(j.Email)
	if why != "" {
		return outbox.Permanent(fmt.Errorf("the address of a registration %s", why))
	}
	account, err := s.Store.ByEmail(ctx, email.Key)
	switch {
	case err == nil:
		return s.send(ctx, m, account.Email.Address, account.Language, "exists", "")
	case catalog.CodeOf(err) != catalog.CodeNotFound:
		return err
	}
	return s.sendCode(ctx, m, Code{Purpose: Activate, Email: email, Password: j.Password, Nickname: j.Nickname, Language: j.Language})
}

// mailReset mails a link that sets a password, to an address that has an account.
func (s *Service) mailReset(ctx context.Context, m Mailer, j recoverJob) error {
	email, why := ParseEmail(j.Email)
	if why != "" {
		return outbox.Permanent(fmt.Errorf("the address of who recovers an account %s", why))
	}
	account, err := s.Store.ByEmail(ctx, email.Key)
	if err != nil {
		if catalog.CodeOf(err) == catalog.CodeNotFound {
			return nil
		}
		return err
	}
	return s.sendCode(ctx, m, Code{Purpose: Reset, AccountID: account.ID, Email: account.Email, Language: account.Language})
}

func (s *Service) mailNotice(ctx context.Context, m Mailer, j noticeJob) error {
	account, err := s.Store.ByID(ctx, j.AccountID)
	if err != nil {
		if catalog.CodeOf(err) == catalog.CodeNotFound {
			return nil // who is gone needs no notice
		}
		return err
	}
	return s.send(ctx, m, account.Email.Address, account.Language, "changed", "")
}

// sendCode keeps a new code and mails it. A code whose mail is not sent is in no one's hands
// and expires.
func (s *Service) sendCode(ctx context.Context, m Mailer, c Code) error {
	text, hash := newSecret()
	c.Hash, c.ExpiresAt = hash, s.now().Add(s.Options.CodeLife)
	if err := s.Store.AddCode(ctx, c); err != nil {
		return err
	}
	return s.send(ctx, m, c.Email.Address, c.Language, string(c.Purpose), text)
}

//go:embed templates
var templateFiles embed.FS

var (
	textTemplates = texttemplate.Must(texttemplate.ParseFS(templateFiles, "templates/*.txt"))
	htmlTemplates = htmltemplate.Must(htmltemplate.ParseFS(templateFiles, "templates/*.html"))
)

// mailView is what a template shows. The code is in the part of the link that browsers send
// to nobody: no log of a server or a proxy has it.
type mailView struct {
	Code, Link, Subject string
	Lines               []string
	Language            Language
}

// send mails what a template says in a language. The first line of a template of texts is
// the subject; paragraphs follow.
func (s *Service) send(ctx context.Context, m Mailer, to string, l Language, name, code string) error {
	if l != English {
		l = Chinese
	}
	view := mailView{Code: code, Language: l}
	if code != "" && s.Options.PagesURL != "" {
		view.Link = strings.TrimRight(s.Options.PagesURL, "/") + "/" + name + "#code=" + code
	}
	var text, page bytes.Buffer
	if err := textTemplates.ExecuteTemplate(&text, name+"."+string(l)+".txt", view); err != nil {
		return outbox.Permanent(fmt.Errorf("write a mail: %w", err))
	}
	subject, body, _ := strings.Cut(text.String(), "\n")
	view.Subject = subject
	body = strings.TrimSpace(body) + "\n"
	for paragraph := range strings.SplitSeq(body, "\n\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" && paragraph != view.Link && paragraph != code {
			view.Lines = append(view.Lines, paragraph)
		}
	}
	if err := htmlTemplates.ExecuteTemplate(&page, "mail.html", view); err != nil {
		return outbox.Permanent(fmt.Errorf("write a mail: %w", err))
	}
	return m.Send(ctx, Message{To: to, Subject: subject, Text: body, HTML: page.String()})
}
