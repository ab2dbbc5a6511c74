// Package accounts is who learners are: how they register, log in, recover a password and end
// sessions. It holds what people trust a site with: no error, log line or address repeats an
// e-mail address, a password, a code or a cookie. Whoever asks with an address is answered
// the same, in the same time, whether there is an account for it or not.
package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/outbox"
)

// Language is the one that somebody gets mails in.
type Language string

// The languages.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// Purpose is what a mailed code is good for.
type Purpose string

// The purposes.
const (
	Activate Purpose = "activate"
	Reset    Purpose = "reset"
	NewEmail Purpose = "email"
)

// Email is an address in the two forms that are kept.
type Email struct {
	Address string // as it was typed, its domain in ASCII
	Key     string // in lower case: one key, one account
}

// Account is a learner.
type Account struct {
	ID        int64
	Email     Email
	Password  string // its hash
	Nickname  string
	Language  Language
	CreatedAt time.Time
}

// Code is a mailed code as it is kept: by its hash, with all that it is bound to.
type Code struct {
	Hash      [sha256.Size]byte
	Purpose   Purpose
	AccountID int64 // 0: of a registration, which has no account yet
	Email     Email // of whom it was mailed to
	Password  string
	Nickname  string
	Language  Language
	ExpiresAt time.Time
}

// Session is a device on which a learner is logged in.
type Session struct {
	ID        int64     `json:"id"`
	Device    string    `json:"device"` // such as Firefox, Windows
	Current   bool      `json:"current"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"` // to the minute
	ExpiresAt time.Time `json:"expires_at"`

	AccountID int64             `json:"-"`
	Hash      [sha256.Size]byte `json:"-"` // of what the cookie has
}

// People keeps accounts. Errors: CodeNotFound, CodeUnavailable.
type People interface {
	ByEmail(ctx context.Context, key string) (Account, error)
	ByID(ctx context.Context, id int64) (Account, error)
	// Rehash takes another hash of the same password, if the old one is still there.
	Rehash(ctx context.Context, id int64, before, after string) error
	// ChangePassword ends all sessions and codes of an account, begins one session and
	// writes a job, all or nothing.
	ChangePassword(ctx context.Context, id int64, hash string, begin Session, job outbox.Job) error
	// Queue writes a job.
	Queue(ctx context.Context, job outbox.Job) error
}

// Codes keeps codes. Of two who use one at the same time one wins. Errors: CodeNotFound for
// a code that is not there, was used or has expired; CodeUnavailable.
type Codes interface {
	AddCode(ctx context.Context, c Code) error
	Code(ctx context.Context, hash [sha256.Size]byte, p Purpose, now time.Time) (Code, error)
	// Activate makes the account of a registration, and ends all codes of its address.
	Activate(ctx context.Context, hash [sha256.Size]byte, now time.Time) (Account, error)
	// Reset changes the password of the account that the code is for, ends all of its
	// sessions and codes, and writes a job.
	Reset(ctx context.Context, hash [sha256.Size]byte, password string, now time.Time, job outbox.Job) error
}

// Sessions keeps sessions. One that has expired or was idle too long is not there. Errors:
// CodeNotFound, CodeUnavailable.
type Sessions interface {
	// Begin adds a session to an account that still has the hash of a password, and ends the
	// one that the device had before, if any.
	Begin(ctx context.Context, s Session, password string, before [sha256.Size]byte) error
	// Find notes that a session is used.
	Find(ctx context.Context, hash [sha256.Size]byte, now time.Time, idle time.Duration) (Session, error)
	// List returns the sessions of an account, the one used last first.
	List(ctx context.Context, account int64, now time.Time, idle time.Duration) ([]Session, error)
	// End ends one session of an account, or with id 0 all.
	End(ctx context.Context, account, id int64) error
	// Prune deletes what has expired, codes too.
	Prune(ctx context.Context, now time.Time, idle time.Duration) error
}

// Store keeps all of it.
type Store interface {
	People
	Codes
	Sessions
	Profiles
}

// Limit bounds how often somebody does something.
type Limit interface {
	// Take notes that who does it and returns 0, or returns how long who has to wait.
	Take(ctx context.Context, who string) time.Duration
	// Wait is how long who has to wait before Take returns 0; it notes nothing.
	Wait(ctx context.Context, who string) time.Duration
}

// Limits bound what costs others something. A nil limit is none.
type Limits struct {
	MailsOfNetwork Limit // mails that one network asks for
	MailsToAddress Limit // mails to one address
	// Wrong passwords: of one network for any account, of one network for one account, of
	// all networks for one account.
	GuessesOfNetwork, Guesses, GuessesOfAll Limit
	// Known is once in a long time, by account and network: who has to wait has given the
	// right password from there and does not wait for what others guess.
	Known Limit
}

// Options are what can be set.
type Options struct {
	SessionIdle time.Duration // a session that is not used for so long has ended
	SessionMax  time.Duration // however much it is used
	CodeLife    time.Duration
	// PagesURL is where the pages /activate, /reset and /email are that mailed links lead to;
	// empty: mails have the code alone.
	PagesURL string
}

// CodeLife is how long a mailed code is good for.
const CodeLife = 30 * time.Minute

// How often somebody may do what costs others something: so many at once, and as many again
// spread over each span.
const (
	MailsToAddress   = 5 // an hour
	GuessesOfNetwork = 100
	Guesses          = 10 // of one network for one account
	GuessesOfAll     = 50 // of all networks for one account
	GuessesSpan      = 15 * time.Minute
)

// Room keeps something of learners.
type Room interface {
	// Erase deletes it, for an account that is gone. It may be called again.
	Erase(ctx context.Context, account int64) error
}

// Service is all that is done with accounts. A nil Now is time.Now.
type Service struct {
	Store   Store
	Hasher  *Hasher
	Limits  Limits
	Options Options
	// Rooms are those that keep something of learners, which is erased after an account is
	// deleted.
	Rooms []Room
	Log   *slog.Logger
	Now   func() time.Time
}

func (s *Service) now() time.Time {
	if s.Now != nil {
		return s.Now().UTC()
	}
	return time.Now().UTC()
}

// newSecret makes a text of 256 random bits and the hash by which it is kept. The hash needs
// no salt: nobody guesses 256 bits.
func newSecret() (text string, hash [sha256.Size]byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // crypto/rand never fails: the program ends instead
	text = base64.RawURLEncoding.EncodeToString(raw)
	return text, hashSecret(text)
}

func hashSecret(text string) [sha256.Size]byte { return sha256.Sum256([]byte(text)) }

// take asks limits, each for somebody, until one says to wait.
func take(ctx context.Context, asks ...func(context.Context) time.Duration) error {
	for _, ask := range asks {
		if wait := ask(ctx); wait > 0 {
			return &catalog.Error{Code: catalog.CodeTooMany, Message: "too often: wait a while", Wait: wait}
		}
	}
	return nil
}

func taking(l Limit, who string) func(context.Context) time.Duration {
	return func(ctx context.Context) time.Duration {
		if l == nil {
			return 0
		}
		return l.Take(ctx, who)
	}
}

func waiting(l Limit, who string) func(context.Context) time.Duration {
	return func(ctx context.Context) time.Duration {
		if l == nil {
			return 0
		}
		return l.Wait(ctx, who)
	}
}

// pruneEvery is how often expired codes and sessions are deleted.
const pruneEvery = 10 * time.Minute

// Run deletes what has expired until ctx ends, and then returns nil.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(pruneEvery)
	defer ticker.Stop()
	for {
		if err := s.Store.Prune(ctx, s.now(), s.Options.SessionIdle); err != nil && ctx.Err() == nil {
			s.Log.Warn("expired sessions and codes cannot be deleted", "err", err, "retry_in", pruneEvery)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
