package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/progress"
)

// Language is one of the two that the pages speak.
type Language string

// The languages.
const (
	Chinese Language = "zh"
	English Language = "en"
)

const languageCookie = "xunke_lang"

// Locale is how a page speaks. Explicit means that the language stands in the address,
// so that links carry it on: an address that is passed along stays in its language.
type Locale struct {
	Language Language
	Explicit bool
}

func locales() []Locale {
	return []Locale{{Chinese, false}, {Chinese, true}, {English, false}, {English, true}}
}

// localeOf reads the lang parameter, then the cookie, then Accept-Language. Chinese is
// what remains. A lang parameter is remembered in the cookie.
func localeOf(c *fiber.Ctx) Locale {
	if l, ok := ParseLanguage(c.Query("lang")); ok {
		c.Cookie(&fiber.Cookie{
			Name: languageCookie, Value: string(l), Path: "/",
			MaxAge: int((365 * 24 * time.Hour).Seconds()), SameSite: fiber.CookieSameSiteLaxMode, HTTPOnly: true,
			Secure: httpserver.Secure(c),
		})
		return Locale{l, true}
	}
	if l, ok := ParseLanguage(c.Cookies(languageCookie)); ok {
		return Locale{l, false}
	}
	return Locale{acceptedLanguage(c.Get(fiber.HeaderAcceptLanguage)), false}
}

// ParseLanguage is the language of a tag of BCP 47, such as zh-CN, if it is one of the two.
func ParseLanguage(tag string) (Language, bool) {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	switch Language(primary) {
	case Chinese:
		return Chinese, true
	case English:
		return English, true
	default:
		return "", false
	}
}

// acceptedLanguage picks the language with the highest quality of an Accept-Language
// header; the earlier one wins a tie.
func acceptedLanguage(header string) Language {
	best, bestQuality := Chinese, 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, parameters, _ := strings.Cut(part, ";")
		l, ok := ParseLanguage(tag)
		if !ok {
			continue
		}
		quality := 1.0
		if q, found := strings.CutPrefix(strings.TrimSpace(parameters), "q="); found {
			parsed, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			quality = parsed
		}
		if quality > bestQuality {
			best, bestQuality = l, quality
		}
	}
	return best
}

// other is the language to switch to.
func (l Locale) other() Language {
	if l.Language == English {
		return Chinese
	}
	return English
}

// Tag is the BCP 47 tag for the lang attribute.
func (l Locale) Tag() string {
	if l.Language == English {
		return "en"
	}
	return "zh-CN"
}

// Lookup is a message in this language. A key that does not exist is an error, which
// fails the page: a test renders every template in every language.
func (l Locale) Lookup(key string, args ...any) (string, error) {
	m, ok := messages[key]
	if !ok {
		return "", fmt.Errorf("there is no message %q", key)
	}
	format := m.zh
	if l.Language == English {
		format = m.en
	}
	if len(args) == 0 {
		return format, nil
	}
	return fmt.Sprintf(format, args...), nil
}

// Text is text for keys that stand in Go code.
func (l Locale) Text(key string, args ...any) string {
	s, err := l.Lookup(key, args...)
	if err != nil {
		return key
	}
	return s
}

// Count shortens a number for people: 9,999 and 1.2万 in Chinese, 12,345 in English.
func (l Locale) Count(n int64) string {
	if l.Language == English || n < 10_000 {
		return progress.Thousands(n)
	}
	unit, name := int64(10_000), "万"
	if n >= 100_000_000 {
		unit, name = 100_000_000, "亿"
	}
	if n >= 1000*unit {
		return progress.Thousands(n/unit) + name
	}
	// Cut, not rounded: 19,999 learners are not yet two ten-thousands.
	tenths := n * 10 / unit
	if tenths%10 == 0 {
		return strconv.FormatInt(tenths/10, 10) + name
	}
	return fmt.Sprintf("%d.%d%s", tenths/10, tenths%10, name)
}

// CountOf is a number with what it counts, in the singular if need be.
func (l Locale) CountOf(what, number string, n int64) string {
	key := "count." + what
	if n == 1 {
		key += ".one"
	}
	return Tighten(l.Text(key, number))
}

// Tighten takes the space between 万 or 亿 and the word that follows: it belongs behind
// digits only.
func Tighten(s string) string {
	return strings.NewReplacer("万 ", "万", "亿 ", "亿").Replace(s)
}

// Date is a day; the zero time is empty.
func (l Locale) Date(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case l.Language == English:
		return t.UTC().Format("2 Jan 2006")
	default:
		return t.UTC().Format("2006年1月2日")
	}
}

// Moment is a point in time, to the minute.
func (l Locale) Moment(t time.Time) string { return l.Date(t) + t.UTC().Format(" 15:04 UTC") }

// duration is a length in minutes; none is empty.
func (l Locale) duration(minutes int) string {
	hours, rest := minutes/60, minutes%60
	switch {
	case minutes <= 0:
		return ""
	case hours == 0:
		return l.Text("duration.minutes", rest)
	case rest == 0 || hours >= 10:
		return l.Text("duration.hours", hours)
	default:
		return l.Text("duration.both", hours, rest)
	}
}

// fixedText is the text of a fixed value such as a level or an org category, and the value
// itself where there is no text for it.
func (l Locale) fixedText(prefix, value string) string {
	if value == "" {
		return ""
	}
	if s, err := l.Lookup(prefix + "." + value); err == nil {
		return s
	}
	return value
}

// Level names a level of courses.
func (l Locale) Level(v catalog.Level) string { return l.fixedText("level", string(v)) }

// OrgCategory names a category of orgs.
func (l Locale) OrgCategory(v catalog.OrgCategory) string {
	return l.fixedText("org_category", string(v))
}

// LanguageName names the language that a course is taught in; a tag without a name stands for itself.
func (l Locale) LanguageName(tag string) string { return l.fixedText("language", tag) }
