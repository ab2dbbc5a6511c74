// Package consultations takes the name and number of visitors who want to be called back
// about a course, and keeps them for the admins who call. It is the one place that holds
// what visitors say about themselves: no error, log line or address repeats it.
package consultations

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/xunke/xunke/catalog"
)

// The longest texts that are taken, in characters.
const (
	MaxName   = 40
	MaxCourse = 120
)

// Request is what a visitor asks. Either CourseID or Course says what about.
type Request struct {
	Name     string
	Mobile   string // as it was typed
	CourseID int64  // 0: Course says it
	Course   string
}

// Consultation is a request as it is kept.
type Consultation struct {
	ID       int64      `json:"id"`
	Name     string     `json:"name"`
	Mobile   string     `json:"mobile"`    // E.164, such as +8613800138000
	CourseID int64      `json:"course_id"` // 0: none of the catalogue
	Course   string     `json:"course"`
	AskedAt  time.Time  `json:"asked_at"`
	DoneAt   *time.Time `json:"done_at"` // null: nobody has called yet
}

// Store keeps consultations. Errors are catalog.Error values.
type Store interface {
	// CourseName is what a visible course is called; CodeNotFound.
	CourseName(ctx context.Context, id int64) (string, error)
	// Add keeps a consultation. One by the same number about the same course on the same
	// day (UTC) is there already, and stays as it is.
	Add(ctx context.Context, c Consultation) error
}

// Limit bounds how often one address asks.
type Limit interface {
	// Take notes that who asks and returns 0, or returns how long who has to wait.
	Take(ctx context.Context, who string) time.Duration
}

// Desk takes requests. A nil Now is time.Now.
type Desk struct {
	Store Store
	Limit Limit // nil: there is none
	Now   func() time.Time
}

// Ask takes a request from an address. Errors: CodeInvalid with every field at fault,
// CodeTooMany, CodeUnavailable.
func (d *Desk) Ask(ctx context.Context, from string, r Request) error {
	c, err := check(r)
	if err != nil {
		return err
	}
	// What cannot be taken is not counted: whoever mistypes may try again.
	if d.Limit != nil {
		if wait := d.Limit.Take(ctx, from); wait > 0 {
			return catalog.TooMany(wait)
		}
	}
	if c.CourseID != 0 {
		c.Course, err = d.Store.CourseName(ctx, c.CourseID)
		if catalog.CodeOf(err) == catalog.CodeNotFound {
			return catalog.Invalidf("course_id", "there is no course %d", c.CourseID)
		} else if err != nil {
			return err
		}
	}
	c.AskedAt = time.Now()
	if d.Now != nil {
		c.AskedAt = d.Now()
	}
	return d.Store.Add(ctx, c)
}

// check reads a request. The messages are for the visitor alone, who sees what was typed.
func check(r Request) (Consultation, error) {
	c := Consultation{Name: line(r.Name), Course: line(r.Course), CourseID: r.CourseID}
	var wrong []catalog.FieldError
	bad := func(field, message string) { wrong = append(wrong, catalog.FieldError{Field: field, Message: message}) }
	switch {
	case c.Name == "":
		bad("name", "is missing: how shall we call you?")
	case utf8.RuneCountInString(c.Name) > MaxName:
		bad("name", "has more than 40 characters")
	}
	var ok bool
	if c.Mobile, ok = ParseMobile(r.Mobile); !ok {
		bad("mobile", "is not a mobile number such as 13800138000 or +85251234567")
	}
	switch {
	case r.CourseID < 0:
		bad("course_id", "is not an id: ids begin at 1")
	case r.CourseID == 0 && c.Course == "":
		bad("course", "is missing: which course is it about?")
	case utf8.RuneCountInString(c.Course) > MaxCourse:
		bad("course", "has more than 120 characters")
	}
	if len(wrong) > 0 {
		return c, &catalog.Error{Code: catalog.CodeInvalid, Message: "invalid consultation", Fields: wrong}
	}
	return c, nil
}

// line is a text on one line, without characters that cannot be seen.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.Is(unicode.C, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// ParseMobile reads a number and returns it as E.164. A number without a country is one of
// mainland China: eleven digits from 13 to 19, none of whose ranges is left out, since new
// ones (16x, 17x, 19x) are given out again and again.
func ParseMobile(s string) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -().·\u00a0\u3000", r) {
			return -1
		}
		return r
	}, width.Narrow.String(s))
	country := strings.HasPrefix(digits, "+") || strings.HasPrefix(digits, "00")
	digits = strings.TrimPrefix(strings.TrimPrefix(digits, "+"), "00")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	home := digits
	if country || len(digits) == 13 {
		home = strings.TrimPrefix(digits, "86")
	}
	if len(home) == 11 && home[0] == '1' && home[1] >= '3' && (!country || len(home) != len(digits)) {
		return "+86" + home, true
	}
	// The shortest numbers that any country has are seven digits, the longest fifteen.
	if country && digits[0] != '0' && !strings.HasPrefix(digits, "86") && len(digits) >= 7 && len(digits) <= 15 {
		return "+" + digits, true
	}
	return "", false
}
