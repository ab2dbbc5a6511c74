package accounts

import (
	"context"
	"crypto/sha256"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/outbox"
)

// Registration is what somebody registers with.
type Registration struct {
	Email, Password, Nickname string
	Language                  Language
}

// registerJob is a registration on its way to a mail. The code is made when the mail is, so
// that it is nowhere but in the mail.
type registerJob struct {
	Email    string   `json:"email"`
	Password string   `json:"password"` // its hash
	Nickname string   `json:"nickname,omitempty"`
	Language Language `json:"language"`
}

// Register has a link mailed with which the account is made, or, to an address that has one,
// a mail that says so. The request does the same for both: it looks nobody up. Errors:
// CodeInvalid with every field at fault, CodeConflict for a password that is guessed first,
// CodeTooMany, CodeUnavailable.
func (s *Service) Register(ctx context.Context, network string, r Registration) error {
	var bad wrong
	email, why := ParseEmail(r.Email)
	bad.add("email", why)
	nickname, why := parseNickname(r.Nickname)
	bad.add("nickname", why)
	bad.add("password", checkPassword(r.Password))
	if err := bad.err(); err != nil {
		return err
	}
	if err := refuseCommon("password", r.Password, email.Key, nickname); err != nil {
		return err
	}
	if err := s.allowMail(ctx, network, email); err != nil {
		return err
	}
	hash, err := s.Hasher.Hash(ctx, r.Password)
	if err != nil {
		return err
	}
	return s.queue(ctx, jobRegister, registerJob{Email: email.Address, Password: hash, Nickname: nickname, Language: r.Language})
}

// allowMail counts a mail to an address that somebody asks for who may be anybody.
func (s *Service) allowMail(ctx context.Context, network string, to Email) error {
	return take(ctx, taking(s.Limits.MailsOfNetwork, network), taking(s.Limits.MailsToAddress, to.Key))
}

func (s *Service) queue(ctx context.Context, kind string, payload any) error {
	job, err := outbox.NewJob(kind, payload)
	if err != nil {
		return err
	}
	return s.Store.Queue(ctx, job)
}

// Activate makes the account that a mailed code is for. Errors: CodeNotFound for a code that
// is not valid, CodeUnavailable.
func (s *Service) Activate(ctx context.Context, code string) error {
	hash, err := codeHash(code)
	if err != nil {
		return err
	}
	_, err = s.Store.Activate(ctx, hash, s.now())
	return codeError(err)
}

// maxCode is how long a code may be that is looked at.
const maxCode = 64

func codeHash(code string) (hash [sha256.Size]byte, err error) {
	if code == "" || len(code) > maxCode {
		return hash, invalidCode()
	}
	return hashSecret(code), nil
}

func codeError(err error) error {
	if catalog.CodeOf(err) == catalog.CodeNotFound {
		return invalidCode()
	}
	return err
}

func invalidCode() error {
	return &catalog.Error{Code: catalog.CodeNotFound, Message: "there is no such code", Fields: []catalog.FieldError{{
		Field: "code", Message: "is not valid, or no longer: a code is good for half an hour and for one use; ask for another",
	}}}
}
