package intake

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
)

// Limits of what may go in: those of the columns it goes to. Characters are Unicode
// code points. MaxSummary is in bytes, because its column is; MaxText is what keeps a
// statement well below the usual packet of a server.
const (
	MaxKey      = 191       // characters of a key
	MaxName     = 255       // characters of a name, a title, a reference
	MaxLabel    = 191       // characters of a category, a tag, a city
	MaxLanguage = 16        // characters of a language
	MaxLink     = 1024      // characters of a link
	MaxSummary  = 65_535    // bytes of a summary, a notice
	MaxText     = 2 << 20   // bytes of a description or a biography
	MaxNumber   = 1<<32 - 1 // minutes, students
	MaxEntries  = 200       // teachers or tags of one course
	MaxLessons  = 2_000     // lessons of a course, videos of a lesson, resources of a course
	minYear     = 1900      // of created_at
	maxYear     = 2999      // of created_at
)

const yearReason = "is not between the years 1900 and 2999"

func yearFits(t time.Time) bool { return t.Year() >= minYear && t.Year() <= maxYear }

// Check says what of an item a store would refuse or cut: every source passes through
// it. The problems have no Position yet.
func Check(item Item) []Problem {
	c := &checker{}
	switch {
	case item.Org != nil:
		c.org(item.Org)
	case item.Teacher != nil:
		c.teacher(item.Teacher)
	case item.Course != nil:
		c.course(item.Course)
	}
	return c.problems
}

// checker gathers the problems of one item, at most one for a field.
type checker struct{ problems []Problem }

func (c *checker) org(o *Org) {
	c.name("key", o.Key, MaxKey)
	c.name("name", o.Name, MaxName)
	c.text("description", o.Description, MaxText)
	word(c, "category", o.Category, catalog.OrgCategories())
	c.label("city", o.City, MaxLabel)
	c.link("image", o.Image)
	c.time(o.CreatedAt)
	if d := o.Details; d != nil {
		c.label("address", d.Address, MaxName)
		c.label("slogan", d.Slogan, MaxName)
		c.number("favorites", d.Favorites)
	}
}

func (c *checker) teacher(t *Teacher) {
	c.name("key", t.Key, MaxKey)
	c.name("name", t.Name, MaxName)
	c.label("org", t.Org.Text, MaxName)
	c.label("title", t.Title, MaxName)
	c.text("bio", t.Bio, MaxText)
	c.link("image", t.Image)
	c.time(t.CreatedAt)
	if d := t.Details; d != nil {
		c.label("company", d.Company, MaxName)
		c.label("style", d.Style, MaxName)
		c.number("years_worked", d.YearsWorked)
		c.number("favorites", d.Favorites)
		if d.YearsWorked > 1<<16-1 {
			c.bad("years_worked", "is above 65535", strconv.FormatInt(d.YearsWorked, 10))
		}
	}
}

func (c *checker) course(o *Course) {
	c.name("key", o.Key, MaxKey)
	c.name("name", o.Name, MaxName)
	c.text("summary", o.Summary, MaxSummary)
	c.text("description", o.Description, MaxText)
	c.label("org", o.Org.Text, MaxName)
	c.entries("teachers", len(o.Teachers), MaxEntries)
	for _, t := range o.Teachers {
		c.entry("teachers", t.Text, MaxName)
	}
	c.label("category", o.Category, MaxLabel)
	word(c, "level", o.Level, catalog.Levels())
	c.entries("tags", len(o.Tags), MaxEntries)
	for _, t := range o.Tags {
		c.entry("tags", t, MaxLabel)
	}
	c.label("language", o.Language, MaxLanguage)
	c.number("minutes", o.Minutes)
	c.number("students", o.Students)
	c.link("image", o.Image)
	c.time(o.CreatedAt)
	if d := o.Details; d != nil {
		c.text("notice", d.Notice, MaxSummary)
		c.text("prerequisites", d.Prerequisites, MaxSummary)
		c.text("outcomes", d.Outcomes, MaxSummary)
		c.number("favorites", d.Favorites)
		c.lessons(d)
	}
}

func (c *checker) lessons(d *CourseDetails) {
	c.entries("lessons", len(d.Lessons), MaxLessons)
	for _, l := range d.Lessons {
		c.entry("lessons", l.Name, MaxName)
		c.entries("videos", len(l.Videos), MaxLessons)
		for _, v := range l.Videos {
			c.entry("videos", v.Name, MaxName)
			c.link("videos", v.URL)
			c.number("videos", v.Minutes)
		}
	}
	c.entries("resources", len(d.Resources), MaxLessons)
	for _, r := range d.Resources {
		c.entry("resources", r.Name, MaxName)
		c.link("resources", r.URL)
	}
}

func (c *checker) bad(field, reason, value string) {
	if !slices.ContainsFunc(c.problems, func(p Problem) bool { return p.Field == field }) {
		c.problems = append(c.problems, Problem{Field: field, Reason: reason, Value: value})
	}
}

// name checks a text of one line that must be there.
func (c *checker) name(field, s string, limit int) {
	switch {
	case s == "":
		c.bad(field, "is missing", "")
	case !strings.ContainsFunc(s, isVisible):
		c.bad(field, "has no visible character", strconv.QuoteToASCII(s))
	}
	c.label(field, s, limit)
}

// isVisible says whether r shows anything: a name of spaces or of zero width can be neither
// read nor followed. The last four are letters or signs by name only.
func isVisible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.In(r, unicode.Zs, unicode.M) && !strings.ContainsRune("\u115f\u1160\u3164\u2800", r)
}

// entry checks one text of a list.
func (c *checker) entry(field, s string, limit int) {
	if s == "" {
		c.bad(field, "has an empty entry", "")
	}
	c.label(field, s, limit)
}

func (c *checker) entries(field string, n, limit int) {
	if n > limit {
		c.bad(field, "has more than "+strconv.Itoa(limit)+" entries", "")
	}
}

// label checks a text of one line that may be empty.
func (c *checker) label(field, s string, limit int) {
	if !utf8.ValidString(s) {
		c.bad(field, "is not valid UTF-8", quote(s))
	}
	if hasControl(s, false) {
		c.bad(field, "has a control character", quote(s))
	}
	if len(s) > limit { // bytes, which are never fewer than characters
		if n := utf8.RuneCountInString(s); n > limit {
			c.bad(field, "is longer than "+strconv.Itoa(limit)+" characters", strconv.Itoa(n))
		}
	}
}

// text checks a text that may have many lines.
func (c *checker) text(field, s string, limit int) {
	if !utf8.ValidString(s) {
		c.bad(field, "is not valid UTF-8", quote(s))
	}
	if hasControl(s, true) {
		c.bad(field, "has a control character other than tab and line end", quote(s))
	}
	if len(s) > limit {
		c.bad(field, "is longer than "+strconv.Itoa(limit)+" bytes", strconv.Itoa(len(s)))
	}
}

// link checks a path or an address that a browser may follow.
func (c *checker) link(field, s string) {
	if s == "" {
		return
	}
	c.label(field, s, MaxLink)
	if u, err := url.Parse(s); err != nil || (u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https") {
		c.bad(field, "is neither a path nor an http or https address", quote(s))
	}
}

func (c *checker) number(field string, n int64) {
	switch {
	case n < 0:
		c.bad(field, "is negative", strconv.FormatInt(n, 10))
	case n > MaxNumber:
		c.bad(field, "is above "+strconv.Itoa(MaxNumber), strconv.FormatInt(n, 10))
	}
}

func (c *checker) time(t time.Time) {
	if !t.IsZero() && !yearFits(t) {
		c.bad("created_at", yearReason, t.Format(time.RFC3339))
	}
}

// word checks one of a few words; empty means none.
func word[T ~string](c *checker, field string, s T, words []T) {
	if s == "" || slices.Contains(words, s) {
		return
	}
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	c.bad(field, "is not one of "+strings.Join(list, ", "), quote(string(s)))
}

// hasControl says whether a text has a character that nothing can show; lines allows
// tab and line ends.
func hasControl(s string, lines bool) bool {
	for i := range len(s) {
		// A control character is one byte below space, DEL, or 0xC2 and a byte below 0xA0.
		switch b := s[i]; {
		case b == '\n' || b == '\r' || b == '\t':
			if !lines {
				return true
			}
		case b < ' ' || b == 0x7F:
			return true
		case b == 0xC2 && i+1 < len(s) && unicode.IsControl(rune(s[i+1])):
			return true
		}
	}
	return false
}
