package searchapi

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
)

// paramType is what the text of a parameter has to be.
type paramType int

const (
	textParam    paramType = iota // any valid UTF-8 of at most maxTextRunes
	queryParam                    // what a visitor typed: cleaned and cut instead of refused
	integerParam                  // min to max
	choiceParam                   // one of choices
	cursorParam                   // a sealed position; its sealer says whether it is good
	flagParam                     // true or false
)

// Where a parameter stands.
const (
	inQuery = "query"
	inPath  = "path"
)

const (
	maxTextRunes   = 255 // of a filter's value: no column that is filtered on holds more
	maxFieldErrors = 20  // in one answer
	maxShownRunes  = 60  // of a caller's value in a message
)

// param declares one parameter of a call. Parsing, the errors and the OpenAPI document
// all come from this one declaration.
type param struct {
	name     string
	in       string // inQuery unless it says inPath
	kind     paramType
	min, max int64    // of an integer
	choices  []string // of a choice
	repeat   bool     // may be given several times: OR
	commas   bool     // several values may also stand in one, with commas between them
	standard string   // what holds when it is not given; empty: nothing
	about    text     // for the documentation
	example  string
	hint     string // added to the message when an integer is too high
}

// text is a sentence for people, in both languages of the documentation.
type text struct{ zh, en string }

// args are the parameters of one request after they were checked against their
// declarations: what is here has the declared type and range.
type args struct {
	texts   map[string][]string
	numbers map[string]int64
	given   map[string]bool
	notices []catalog.Notice
}

func (a args) text(name string) string {
	if v := a.texts[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (a args) number(name string) int64 { return a.numbers[name] }

func (a args) flag(name string) bool { return a.text(name) == "true" }

// problems collects what is wrong with a request.
type problems struct {
	fields []catalog.FieldError
	more   int
}

func (p *problems) add(field, format string, values ...any) {
	if len(p.fields) == maxFieldErrors {
		p.more++
		return
	}
	p.fields = append(p.fields, catalog.FieldError{Field: field, Message: fmt.Sprintf(format, values...)})
}

// err is nil or one error of CodeInvalid with every field that is wrong.
func (p *problems) err() error {
	if len(p.fields) == 0 {
		return nil
	}
	message := "invalid parameters"
	if p.more > 0 {
		message = fmt.Sprintf("invalid parameters (%d more are not listed)", p.more)
	}
	return &catalog.Error{Code: catalog.CodeInvalid, Message: message, Fields: p.fields}
}

// parse checks given parameters against their declarations. The error names every
// parameter that is wrong, not only the first.
func parse(declared []param, given url.Values) (args, error) {
	a := args{texts: map[string][]string{}, numbers: map[string]int64{}, given: map[string]bool{}}
	var wrong problems
	for _, p := range declared {
		a.take(p, given[p.name], &wrong)
	}
	for _, name := range sortedKeys(given) {
		if !slices.ContainsFunc(declared, func(p param) bool { return p.name == name }) {
			wrong.add(display(name), "is not a parameter of this call, which takes %s", names(declared))
		}
	}
	return a, wrong.err()
}

// take checks the values of one parameter and keeps them.
func (a *args) take(p param, values []string, wrong *problems) {
	count := len(values) // empty ones are counted, too
	if p.kind == textParam || p.kind == queryParam || p.repeat {
		// A form sends every field that it has: an empty one is one that was left alone.
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	}
	if p.commas {
		values = splitList(values)
	}
	count = max(count, len(values))
	a.given[p.name] = len(values) > 0
	switch {
	case p.repeat && count > catalog.MaxFilterVals:
		wrong.add(p.name, "is given %d times; at most %d are allowed", count, catalog.MaxFilterVals)
		return
	case len(values) == 0:
		if p.standard == "" {
			return
		}
		values = []string{p.standard}
	case len(values) > 1 && !p.repeat:
		wrong.add(p.name, "is given %d times (%s); once is allowed", len(values), quoteList(values))
		return
	}
	kept := make([]string, 0, len(values))
	for _, v := range values {
		v, ok := a.check(p, v, wrong)
		if !ok {
			return
		}
		if !slices.Contains(kept, v) {
			kept = append(kept, v)
		}
	}
	a.texts[p.name] = kept
}

// splitList cuts values at commas.
func splitList(values []string) []string {
	var all []string
	for _, v := range values {
		all = append(all, strings.Split(v, ",")...)
	}
	return all
}

// check tests one value and returns it in the form in which it is used.
func (a *args) check(p param, v string, wrong *problems) (string, bool) {
	if !utf8.ValidString(v) {
		wrong.add(p.name, "%s is not valid UTF-8", displayQuoted(v))
		return "", false
	}
	switch p.kind {
	case queryParam:
		var cut bool
		if v, cut = cleanQuery(v); cut {
			a.notices = append(a.notices, queryCut())
		}
	case textParam:
		if n := utf8.RuneCountInString(v); n > maxTextRunes {
			wrong.add(p.name, "%s has %d characters; at most %d are allowed", displayQuoted(v), n, maxTextRunes)
			return "", false
		}
	case integerParam:
		n, why, high := parseInteger(v, p.min, p.max)
		if high {
			why += p.hint
		}
		if why != "" {
			wrong.add(p.name, "%s %s", displayQuoted(v), why)
			return "", false
		}
		a.numbers[p.name] = n
		v = strconv.FormatInt(n, 10)
	case cursorParam:
		if len(v) > maxCursorBytes {
			wrong.add(p.name, "%s is no cursor of this server: it is too long", displayQuoted(v))
			return "", false
		}
	case choiceParam, flagParam:
		if choices := p.values(); !slices.Contains(choices, v) {
			wrong.add(p.name, "%s is not one of %s", displayQuoted(v), strings.Join(choices, ", "))
			return "", false
		}
	}
	return v, true
}

// values are what a choice or a flag may be.
func (p param) values() []string {
	if p.kind == flagParam {
		return []string{"true", "false"}
	}
	return p.choices
}

// parseInteger reads a whole number in decimal digits. why says what is wrong with it,
// empty when nothing is; high that it is too high.
func parseInteger(s string, least, most int64) (n int64, why string, high bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, "is not a whole number", false
	}
	// Where it overflows, ParseInt returns the nearest number that there is.
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Sprintf("is not between %d and %d", least, most), n > most
	}
	return n, "", false
}

func sortedKeys(v url.Values) []string {
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func names(declared []param) string {
	if len(declared) == 0 {
		return "none"
	}
	list := make([]string, len(declared))
	for i, p := range declared {
		list[i] = p.name
	}
	return strings.Join(list, ", ")
}

// display is a caller's text as it may stand in an answer: valid, short.
func display(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) > maxShownRunes {
		s = string([]rune(s)[:maxShownRunes]) + "…"
	}
	return s
}

// displayQuoted is shown in quotes, control characters escaped.
func displayQuoted(s string) string { return strconv.Quote(display(s)) }

func quoteList(values []string) string {
	const most = 3
	list := make([]string, 0, most+1)
	for i, v := range values {
		if i == most {
			list = append(list, "…")
			break
		}
		list = append(list, displayQuoted(v))
	}
	return strings.Join(list, ", ")
}
