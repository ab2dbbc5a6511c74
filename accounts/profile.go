package accounts

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/outbox"
)

// MaxCity is how long the name of a city may be, in characters.
const MaxCity = 60

// Genders are the values of a gender; the empty one: not said.
func Genders() []string { return []string{"", "female", "male", "other"} }

// Profile is what a learner sees of their account.
type Profile struct {
	ID        int64     `json:"id"`
	Email     string    `json:"email"`
	Nickname  string    `json:"nickname"`
	Birthday  string    `json:"birthday"` // such as 2001-12-31; empty: not said
	Gender    string    `json:"gender"`
	City      string    `json:"city"`
	Language  Language  `json:"language"` // of mails
	CreatedAt time.Time `json:"created_at"`
}

// Change is what is to be another of a profile; what is nil stays, what is empty is not said
// any more.
type Change struct {
	Nickname, Birthday, Gender, City, Language *string
}

// Profiles keeps what learners say about themselves. Errors: CodeNotFound, CodeUnavailable.
type Profiles interface {
	Profile(ctx context.Context, id int64) (Profile, error)
	// ChangeProfile changes what is not nil, whatever others change at the same time.
	ChangeProfile(ctx context.Context, id int64, c Change) error
	// ChangeEmail gives an account the address that a code was mailed to, ends all of its
	// codes, and writes a job made of the address before. CodeNotFound also where another
	// account has the address.
	ChangeEmail(ctx context.Context, hash [sha256.Size]byte, now time.Time, job func(before Email, l Language) (outbox.Job, error)) error
	// Delete deletes an account that still has the hash of a password, with its sessions and
	// codes, and writes jobs.
	Delete(ctx context.Context, id int64, password string, jobs ...outbox.Job) error
}

// Export is all that is kept of a learner's account.
type Export struct {
	ExportedAt time.Time `json:"exported_at"`
	Profile    Profile   `json:"profile"`
	Sessions   []Session `json:"sessions"`
}

// Kept is something that stays after an account was deleted.
type Kept struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// KeptAfterDeletion is what stays after an account was deleted, and why.
func KeptAfterDeletion() []Kept {
	return []Kept{
		{"requests to be called back", "they belong to a mobile number and not to an account; they are deleted by themselves after a while, and sooner if asked for by that number"},
		{"how often courses were viewed and searched for", "these are numbers of a day that name nobody; favourites, enrolments and ratings count no more"},
		{"backups of the database", "an account is in those that were made before, until they are deleted"},
	}
}

// Profile is that of an account. Errors: CodeNotFound, CodeUnavailable.
func (s *Service) Profile(ctx context.Context, account int64) (Profile, error) {
	return s.Store.Profile(ctx, account)
}

// ChangeProfile changes what a learner says about themselves, and returns all of it. Errors:
// CodeInvalid with every field at fault, CodeUnavailable.
func (s *Service) ChangeProfile(ctx context.Context, account int64, c Change) (Profile, error) {
	c, err := s.checkChange(c)
	if err != nil {
		return Profile{}, err
	}
	if err := s.Store.ChangeProfile(ctx, account, c); err != nil {
		return Profile{}, err
	}
	return s.Store.Profile(ctx, account)
}

func (s *Service) checkChange(c Change) (Change, error) {
	var bad wrong
	if c.Nickname != nil {
		name, why := parseNickname(*c.Nickname)
		bad.add("nickname", why)
		c.Nickname = &name
	}
	if c.Birthday != nil && *c.Birthday != "" {
		day, err := time.Parse(time.DateOnly, *c.Birthday)
		switch {
		case err != nil:
			bad.add("birthday", "is not a date such as 2001-12-31")
		case day.Year() < 1900 || day.After(s.now().AddDate(0, 0, 1)): // today is tomorrow already in some zone
			bad.add("birthday", "is before 1900 or in the future")
		}
	}
	if c.Gender != nil && !slices.Contains(Genders(), *c.Gender) {
		bad.add("gender", "must be female, male, other, or empty for not said")
	}
	if c.City != nil {
		city, why := "", "has more than 60 characters"
		if len(*c.City) <= 40*MaxCity {
			if city = parseLine(*c.City); utf8.RuneCountInString(city) <= MaxCity {
				why = ""
			}
		}
		bad.add("city", why)
		c.City = &city
	}
	if c.Language != nil && *c.Language != string(Chinese) && *c.Language != string(English) {
		bad.add("language", "must be zh or en")
	}
	return c, bad.err()
}

// Export is all that is kept of an account. Errors: CodeNotFound, CodeUnavailable.
func (s *Service) Export(ctx context.Context, account int64, token string) (Export, error) {
	e := Export{ExportedAt: s.now()}
	var err error
	if e.Profile, err = s.Store.Profile(ctx, account); err != nil {
		return e, err
	}
	e.Sessions, err = s.Sessions(ctx, account, token)
	return e, err
}

// deletedJob is a mail to somebody whose account is gone.
type deletedJob struct {
	Email    string   `json:"email"`
	Language Language `json:"language"`
}

// eraseJob deletes what rooms keep of an account that is gone.
type eraseJob struct {
	Account int64 `json:"account"`
}

func (s *Service) erase(ctx context.Context, j eraseJob) error {
	for _, room := range s.Rooms {
		if err := room.Erase(ctx, j.Account); err != nil {
			return err
		}
	}
	return nil
}

// Delete deletes the account of who gives its password once more, and tells the owner by
// mail. Errors: CodeInvalid for a wrong password, CodeTooMany, CodeUnavailable.
func (s *Service) Delete(ctx context.Context, c Client, account int64, password string) error {
	a, err := s.Store.ByID(ctx, account)
	if err != nil {
		return err
	}
	hash, err := s.checkPresent(ctx, c, a, password)
	if err != nil {
		return err
	}
	notice, err := outbox.NewJob(jobDeleted, deletedJob{Email: a.Email.Address, Language: a.Language})
	if err != nil {
		return err
	}
	erase, err := outbox.NewJob(jobErase, eraseJob{Account: account})
	if err != nil {
		return err
	}
	err = s.Store.Delete(ctx, account, hash, notice, erase)
	if err != nil && catalog.CodeOf(err) == catalog.CodeNotFound { // changed or deleted just now
		return errLogIn()
	}
	return err
}

// parseLine is a text on one line without marks that cannot be seen.
func parseLine(typed string) string {
	return strings.Join(strings.Fields(visible(typed)), " ")
}
