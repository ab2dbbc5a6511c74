package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/internal/httpserver"

	"github.com/xunke/xunke/catalog"
)

// language is one of the two that the pages speak.
type language string

const (
	chinese language = "zh"
	english language = "en"
)

const languageCookie = "xunke_lang"

// locale is how a page speaks. explicit means that the language stands in the address,
// so that links carry it on: an address that is passed along stays in its language.
type locale struct {
	language language
	explicit bool
}

func locales() []locale {
	return []locale{{chinese, false}, {chinese, true}, {english, false}, {english, true}}
}

// localeOf reads the lang parameter, then the cookie, then Accept-Language. Chinese is
// what remains. A lang parameter is remembered in the cookie.
func localeOf(c *fiber.Ctx) locale {
	if l, ok := parseLanguage(c.Query("lang")); ok {
		c.Cookie(&fiber.Cookie{
			Name: languageCookie, Value: string(l), Path: "/",
			MaxAge: int((365 * 24 * time.Hour).Seconds()), SameSite: fiber.CookieSameSiteLaxMode, HTTPOnly: true,
			Secure: httpserver.Secure(c),
		})
		return locale{l, true}
	}
	if l, ok := parseLanguage(c.Cookies(languageCookie)); ok {
		return locale{l, false}
	}
	return locale{acceptedLanguage(c.Get(fiber.HeaderAcceptLanguage)), false}
}

func parseLanguage(tag string) (language, bool) {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	switch language(primary) {
	case chinese:
		return chinese, true
	case english:
		return english, true
	default:
		return "", false
	}
}

// acceptedLanguage picks the language with the highest quality of an Accept-Language
// header; the earlier one wins a tie.
func acceptedLanguage(header string) language {
	best, bestQuality := chinese, 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, parameters, _ := strings.Cut(part, ";")
		l, ok := parseLanguage(tag)
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
func (l locale) other() language {
	if l.language == english {
		return chinese
	}
	return english
}

// tag is the BCP 47 tag for the lang attribute.
func (l locale) tag() string {
	if l.language == english {
		return "en"
	}
	return "zh-CN"
}

// text is a message in this language. A key that does not exist is an error, which
// fails the page: a test renders every template in every language.
func (l locale) text(key string, args ...any) (string, error) {
	m, ok := messages[key]
	if !ok {
		return "", fmt.Errorf("there is no message %q", key)
	}
	format := m.zh
	if l.language == english {
		format = m.en
	}
	if len(args) == 0 {
		return format, nil
	}
	return fmt.Sprintf(format, args...), nil
}

// must is text for keys that stand in Go code.
func (l locale) must(key string, args ...any) string {
	s, err := l.text(key, args...)
	if err != nil {
		return key
	}
	return s
}

// count shortens a number for people: 9,999 and 1.2万 in Chinese, 12,345 in English.
func (l locale) count(n int64) string {
	if l.language == english || n < 10_000 {
		return grouped(n)
	}
	unit, name := int64(10_000), "万"
	if n >= 100_000_000 {
		unit, name = 100_000_000, "亿"
	}
	if n >= 1000*unit {
		return grouped(n/unit) + name
	}
	// Cut, not rounded: 19,999 learners are not yet two ten-thousands.
	tenths := n * 10 / unit
	if tenths%10 == 0 {
		return strconv.FormatInt(tenths/10, 10) + name
	}
	return fmt.Sprintf("%d.%d%s", tenths/10, tenths%10, name)
}

// counted is a number with what it counts, in the singular if need be.
func (l locale) counted(what, number string, n int64) string {
	key := "count." + what
	if n == 1 {
		key += ".one"
	}
	return tight(l.must(key, number))
}

// tight takes the space between 万 or 亿 and the word that follows: it belongs behind
// digits only.
func tight(s string) string {
	return strings.NewReplacer("万 ", "万", "亿 ", "亿").Replace(s)
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// date is a day; the zero time is empty.
func (l locale) date(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case l.language == english:
		return t.UTC().Format("2 Jan 2006")
	default:
		return t.UTC().Format("2006年1月2日")
	}
}

// moment is a point in time, to the minute.
func (l locale) moment(t time.Time) string { return l.date(t) + t.UTC().Format(" 15:04 UTC") }

// duration is a length in minutes; none is empty.
func (l locale) duration(minutes int) string {
	hours, rest := minutes/60, minutes%60
	switch {
	case minutes <= 0:
		return ""
	case hours == 0:
		return l.must("duration.minutes", rest)
	case rest == 0 || hours >= 10:
		return l.must("duration.hours", hours)
	default:
		return l.must("duration.both", hours, rest)
	}
}

// named is the text of a fixed value such as a level or an org category, and the value
// itself where there is no text for it.
func (l locale) named(prefix, value string) string {
	if value == "" {
		return ""
	}
	if s, err := l.text(prefix + "." + value); err == nil {
		return s
	}
	return value
}

func (l locale) level(v catalog.Level) string { return l.named("level", string(v)) }

func (l locale) orgCategory(v catalog.OrgCategory) string { return l.named("org_category", string(v)) }

func (l locale) languageName(tag string) string { return l.named("language", tag) }
