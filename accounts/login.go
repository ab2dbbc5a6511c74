package accounts

import (
	"context"

	"github.com/xunke/xunke/catalog"
)

// Client is where somebody asks from.
type Client struct {
	Network string
	Agent   string // the header User-Agent
	Token   string // of the session that the device has; empty: none
}

// LogIn begins a session for who gives the password of an account, and returns what the
// cookie is to have. The session that the device had before ends. Errors: CodeLogin for an
// address and a password that do not go together, whichever is wrong, also where the address is
// none; CodeTooMany, CodeUnavailable.
func (s *Service) LogIn(ctx context.Context, c Client, typed, password string) (token string, _ Session, err error) {
	email, why := ParseEmail(typed)
	if why != "" {
		return "", Session{}, errLogIn()
	}
	account, err := s.Store.ByEmail(ctx, email.Key)
	if err != nil && catalog.CodeOf(err) != catalog.CodeNotFound {
		return "", Session{}, err
	}
	hash, err := s.checkGuess(ctx, c.Network, email.Key, account, password)
	if err != nil {
		return "", Session{}, err
	}
	token, session := s.newSession(account.ID, c.Agent)
	err = s.Store.Begin(ctx, session, hash, hashSecret(c.Token))
	if err != nil && catalog.CodeOf(err) == catalog.CodeNotFound { // the password was changed just now
		return "", Session{}, errLogIn()
	} else if err != nil {
		return "", Session{}, err
	}
	return token, session, nil
}

// checkGuess compares a password with that of an account, the zero one if there is none. As
// with admins the limit decides after the comparison, in one step, which wrong one was the
// last allowed; before it, it spares the work. It returns the hash that is kept of the
// password, which may be a better one than before.
func (s *Service) checkGuess(ctx context.Context, network, key string, account Account, password string) (hash string, err error) {
	here := key + "\n" + network
	l := s.Limits
	isKnown := l.Known != nil && l.Known.Wait(ctx, here) > 0
	if err := take(ctx, waiting(l.GuessesOfNetwork, network), waiting(l.Guesses, here)); err != nil {
		return "", err
	}
	if !isKnown {
		if err := take(ctx, waiting(l.GuessesOfAll, key)); err != nil {
			return "", err
		}
	}
	right, better, err := s.Hasher.Verify(ctx, account.Password, password)
	if err != nil {
		return "", err
	}
	if !right {
		if err := take(ctx, taking(l.GuessesOfNetwork, network), taking(l.Guesses, here), taking(l.GuessesOfAll, key)); err != nil {
			return "", err
		}
		return "", errLogIn()
	}
	// Who guessed beside this one may have used up what was left meanwhile.
	if err := take(ctx, waiting(l.Guesses, here)); err != nil {
		return "", err
	}
	if l.Known != nil && !isKnown {
		l.Known.Take(ctx, here)
	}
	if better == "" {
		return account.Password, nil
	}
	if err := s.Store.Rehash(ctx, account.ID, account.Password, better); err != nil {
		s.Log.Warn("a password cannot be hashed better; the next log-in tries again", "err", err)
		return account.Password, nil
	}
	return better, nil
}

func errLogIn() error {
	return &catalog.Error{Code: catalog.CodeLogin, Message: "the e-mail address and the password do not go together, or the account is not activated yet"}
}

func (s *Service) newSession(account int64, agent string) (token string, session Session) {
	now := s.now()
	token, hash := newSecret()
	return token, Session{
		AccountID: account, Hash: hash, Device: deviceOf(agent), CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(s.Options.SessionMax),
	}
}

// Learner is whose session a cookie has; 0: nobody's. Errors: CodeUnavailable.
func (s *Service) Learner(ctx context.Context, token string) (account int64, err error) {
	session, err := s.find(ctx, token)
	return session.AccountID, err
}

// find is the session of a cookie, the zero one where there is none.
func (s *Service) find(ctx context.Context, token string) (Session, error) {
	if token == "" || len(token) > maxCode {
		return Session{}, nil
	}
	session, err := s.Store.Find(ctx, hashSecret(token), s.now(), s.Options.SessionIdle)
	if catalog.CodeOf(err) == catalog.CodeNotFound {
		session, err = Session{}, nil
	}
	return session, err
}

// LogOut ends the session of a cookie, if there is one. Errors: CodeUnavailable.
func (s *Service) LogOut(ctx context.Context, token string) error {
	session, err := s.find(ctx, token)
	if err != nil || session.ID == 0 {
		return err
	}
	if err := s.Store.End(ctx, session.AccountID, session.ID); err != nil && catalog.CodeOf(err) != catalog.CodeNotFound {
		return err
	}
	return nil
}

// LogOutAll ends all sessions of an account. Errors: CodeUnavailable.
func (s *Service) LogOutAll(ctx context.Context, account int64) error {
	return s.Store.End(ctx, account, 0)
}

// Sessions are those of an account; the one that a cookie is of is marked. Errors:
// CodeUnavailable.
func (s *Service) Sessions(ctx context.Context, account int64, token string) ([]Session, error) {
	list, err := s.Store.List(ctx, account, s.now(), s.Options.SessionIdle)
	hash := hashSecret(token)
	for i := range list {
		list[i].Current = list[i].Hash == hash
	}
	return list, err
}

// EndSession ends one session of an account. Errors: CodeNotFound, also for somebody else's;
// CodeUnavailable.
func (s *Service) EndSession(ctx context.Context, account, id int64) error {
	if id < 1 {
		return &catalog.Error{Code: catalog.CodeNotFound, Message: "there is no such session"}
	}
	return s.Store.End(ctx, account, id)
}
