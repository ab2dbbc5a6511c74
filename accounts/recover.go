package accounts

import (
	"context"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/outbox"
)

// recoverJob is somebody's wish to have a link mailed to an address.
type recoverJob struct {
	Email    string   `json:"email"`
	Language Language `json:"language"`
}

// noticeJob is a mail to the owner of an account about what has changed.
type noticeJob struct {
	AccountID int64 `json:"account_id"`
}

// Recover has a link mailed with which a password is set anew, if there is an account with
// the address. The request looks nobody up. Errors: CodeInvalid, CodeTooMany, CodeUnavailable.
func (s *Service) Recover(ctx context.Context, network, typed string, language Language) error {
	email, why := ParseEmail(typed)
	if why != "" {
		return catalog.Invalidf("email", "%s", why)
	}
	if err := s.allowMail(ctx, network, email); err != nil {
		return err
	}
	return s.queue(ctx, jobRecover, recoverJob{Email: email.Address, Language: language})
}

// Reset sets the password of the account that a code was mailed for; nothing else says which
// account. All sessions end. Errors: CodeNotFound for a code that is not valid; CodeInvalid or
// CodeConflict for a password that is no good, which does not use the code up; CodeUnavailable.
func (s *Service) Reset(ctx context.Context, code, password string) error {
	hash, err := codeHash(code)
	if err != nil {
		return err
	}
	kept, err := s.Store.Code(ctx, hash, Reset, s.now())
	if err != nil {
		return codeError(err)
	}
	var bad wrong
	bad.add("password", checkPassword(password))
	if err := bad.err(); err != nil {
		return err
	}
	if err := refuseCommon("password", password, kept.Email.Key); err != nil {
		return err
	}
	hashed, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	notice, err := outbox.NewJob(jobPasswordChanged, noticeJob{AccountID: kept.AccountID})
	if err != nil {
		return err
	}
	return codeError(s.Store.Reset(ctx, hash, hashed, s.now(), notice))
}

// ChangePassword sets another password for who knows the present one. All sessions end, and
// the device begins another, whose cookie is returned. Errors: CodeInvalid or CodeConflict for
// a new password that is no good, CodeInvalid for a present one that is wrong, CodeTooMany,
// CodeUnavailable.
func (s *Service) ChangePassword(ctx context.Context, c Client, account int64, present, next string) (token string, _ Session, err error) {
	a, err := s.Store.ByID(ctx, account)
	if err != nil {
		return "", Session{}, err
	}
	var bad wrong
	bad.add("new_password", checkPassword(next))
	if err := bad.err(); err != nil {
		return "", Session{}, err
	}
	if err := refuseCommon("new_password", next, a.Email.Key, a.Nickname); err != nil {
		return "", Session{}, err
	}
	if _, err := s.checkPresent(ctx, c, a, present); err != nil {
		return "", Session{}, err
	}
	hash, err := s.Hasher.Hash(ctx, next)
	if err != nil {
		return "", Session{}, err
	}
	notice, err := outbox.NewJob(jobPasswordChanged, noticeJob{AccountID: account})
	if err != nil {
		return "", Session{}, err
	}
	token, session := s.newSession(account, c.Agent)
	return token, session, s.Store.ChangePassword(ctx, account, hash, session, notice)
}

// checkPresent asks who is logged in for the password once more, and returns its hash.
func (s *Service) checkPresent(ctx context.Context, c Client, a Account, password string) (hash string, err error) {
	hash, err = s.checkGuess(ctx, c.Network, a.Email.Key, a, password)
	if catalog.CodeOf(err) == catalog.CodeLogin {
		return "", &catalog.Error{Code: catalog.CodeConflict, Message: "this is not the present password", Fields: []catalog.FieldError{{Field: "password", Message: "is not the present password"}}}
	}
	return hash, err
}
