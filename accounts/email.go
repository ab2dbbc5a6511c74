package accounts

import (
	"context"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/outbox"
)

// emailJob is a learner's wish to have another address.
type emailJob struct {
	AccountID int64  `json:"account_id"`
	Email     string `json:"email"` // the new one
}

// movedJob is a mail to the address that an account had before.
type movedJob struct {
	Email    string   `json:"email"`
	Language Language `json:"language"`
}

// AskEmail has a link mailed to a new address of an account, with which it takes the place of
// the present one. The answer does not say whether another account has it: the mail does.
// Errors: CodeInvalid for an address that is none or a wrong password, CodeTooMany,
// CodeUnavailable.
func (s *Service) AskEmail(ctx context.Context, c Client, account int64, typed, password string) error {
	a, err := s.Store.ByID(ctx, account)
	if err != nil {
		return err
	}
	email, why := ParseEmail(typed)
	if why == "" && email == a.Email {
		why = "is the present address"
	}
	var bad wrong
	bad.add("email", why)
	if err := bad.err(); err != nil {
		return err
	}
	if _, err := s.checkPresent(ctx, c, a, password); err != nil {
		return err
	}
	if err := s.allowMail(ctx, c.Network, email); err != nil {
		return err
	}
	return s.queue(ctx, jobEmail, emailJob{AccountID: account, Email: email.Address})
}

// ConfirmEmail gives an account the address that a code was mailed to, and tells the one
// before. Errors: CodeNotFound for a code that is not valid, also where another account has
// got the address meanwhile; CodeUnavailable.
func (s *Service) ConfirmEmail(ctx context.Context, code string) error {
	hash, err := codeHash(code)
	if err != nil {
		return err
	}
	return codeError(s.Store.ChangeEmail(ctx, hash, s.now(), func(before Email, l Language) (outbox.Job, error) {
		return outbox.NewJob(jobEmailChanged, movedJob{Email: before.Address, Language: l})
	}))
}

func (s *Service) mailConfirmation(ctx context.Context, m Mailer, j emailJob) error {
	email, why := ParseEmail(j.Email)
	if why != "" {
		return outbox.Permanent(fmt.Errorf("the new address of an account %s", why))
	}
	a, err := s.Store.ByID(ctx, j.AccountID)
	if err != nil && catalog.CodeOf(err) == catalog.CodeNotFound {
		return nil // who is gone needs no address
	} else if err != nil {
		return err
	}
	other, err := s.Store.ByEmail(ctx, email.Key)
	switch {
	case err == nil && other.ID != a.ID:
		return s.send(ctx, m, other.Email.Address, other.Language, "taken", "")
	case err != nil && catalog.CodeOf(err) != catalog.CodeNotFound:
		return err
	}
	return s.sendCode(ctx, m, Code{Purpose: NewEmail, AccountID: a.ID, Email: email, Language: a.Language})
}
