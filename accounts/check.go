package accounts

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"github.com/xunke/xunke/catalog"
)

// Lengths, in characters unless they say otherwise.
const (
	MaxEmail    = 254 // bytes; RFC 5321 has paths of 256, with their brackets
	MaxNickname = 40
	MinPassword = 10
	MaxPassword = 128
)

// ParseEmail reads an address. why is empty for a good one. The part before the @ has to be
// ASCII: a mail to another (SMTPUTF8, RFC 6531) is refused by too many servers on its way.
// A domain may be of any language and is kept in ASCII (IDNA 2008).
func ParseEmail(typed string) (e Email, why string) {
	if len(typed) > 4*MaxEmail {
		return e, "is longer than any e-mail address"
	}
	typed = width.Narrow.String(strings.TrimSpace(typed))
	at := strings.LastIndexByte(typed, '@')
	if at < 1 || at == len(typed)-1 {
		return e, "is not an e-mail address such as name@example.com"
	}
	local, domain := typed[:at], typed[at+1:]
	if strings.ContainsFunc(local, func(r rune) bool { return r > unicode.MaxASCII }) {
		return e, "has characters before the @ that are not ASCII, which mail servers on the way refuse; take another address"
	}
	if len(local) > 64 || !isDotAtom(local) {
		return e, "is not an e-mail address such as name@example.com"
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !isDomain(ascii) {
		return e, "has no valid domain after the @"
	}
	e.Address = local + "@" + ascii
	if len(e.Address) > MaxEmail {
		return Email{}, "is longer than any e-mail address"
	}
	e.Key = strings.ToLower(e.Address)
	return e, ""
}

// isDotAtom says whether a text is what stands before an @ without quotes (RFC 5322, section
// 3.2.3).
func isDotAtom(s string) bool {
	for _, part := range strings.Split(s, ".") {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~") != "" {
			return false
		}
	}
	return true
}

// isDomain says whether a name in ASCII has at least two labels, the last one no number.
func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return len(labels) > 1 && len(s) <= 253 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

// parseNickname is a name on one line without marks that cannot be seen.
func parseNickname(typed string) (name, why string) {
	if len(typed) > 40*MaxNickname || !utf8.ValidString(typed) {
		return "", "has more than 40 characters"
	}
	name = strings.Trim(parseLine(typed), "\u200d")
	if utf8.RuneCountInString(name) > MaxNickname {
		return "", "has more than 40 characters"
	}
	return name, ""
}

// visible is a text without characters that cannot be seen and with plain spaces. The joiner
// of emoji stays behind emoji.
func visible(typed string) string {
	var b strings.Builder
	before := ' '
	for _, r := range norm.NFC.String(typed) {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case r == '\u200d' && (unicode.Is(unicode.So, before) || unicode.Is(unicode.Sk, before) || before == '\ufe0f'):
		case unicode.Is(unicode.C, r), r == utf8.RuneError:
			continue
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

// checkPassword is what is wrong with the form of a new password, or empty.
func checkPassword(password string) (why string) {
	n := utf8.RuneCountInString(password)
	switch {
	case n < MinPassword:
		return fmt.Sprintf("has %d characters and needs %d: several words are easy to remember and hard to guess", n, MinPassword)
	case n > MaxPassword:
		return fmt.Sprintf("has more than %d characters", MaxPassword)
	case !utf8.ValidString(password):
		return "is not valid UTF-8"
	case strings.ContainsFunc(password, unicode.IsControl):
		return "has control characters"
	}
	return ""
}

// refuseCommon is an error of CodeConflict for a password that is guessed first. about are
// texts of the account that it may not consist of. It is not CodeInvalid: which passwords
// these are cannot be described to a caller beforehand, unlike a length.
func refuseCommon(field, password string, about ...string) error {
	if !isCommon(password, about...) {
		return nil
	}
	return &catalog.Error{Code: catalog.CodeConflict, Message: "this password is known to all who guess", Fields: []catalog.FieldError{{
		Field: field, Message: "is one that is guessed first: words, dates, names and rows of keys are; take several words that do not belong together",
	}}}
}

// normalPassword is the form of a password that is hashed: the same keys give the same text
// on each system (NIST SP 800-63B, section 3.1.1.2).
func normalPassword(password string) string { return norm.NFKC.String(password) }

// wrong collects what is wrong with fields.
type wrong []catalog.FieldError

func (w *wrong) add(field, why string) {
	if why != "" {
		*w = append(*w, catalog.FieldError{Field: field, Message: why})
	}
}

func (w wrong) err() error {
	if len(w) == 0 {
		return nil
	}
	return &catalog.Error{Code: catalog.CodeInvalid, Message: "invalid parameter", Fields: w}
}
