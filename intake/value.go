package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// replacement is what encoding/json puts in the place of half a surrogate pair.
const replacement = "\uFFFD"

// str reads a text. ok is false for null, which means absent, and for anything else
// that is no text, which is reported.
func (p *lineParser) str(raw []byte) (s string, ok bool) {
	if isNull(raw) {
		return "", false
	}
	if raw[0] != '"' {
		p.bad("is not a text", display(raw))
		return "", false
	}
	s = unquote(raw)
	if strings.Contains(s, replacement) && !bytes.Contains(raw, []byte(replacement)) &&
		!bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
		p.bad(`has half a surrogate pair (\ud800 to \udfff alone)`, "")
		return "", false
	}
	return s, true
}

// text reads a text as it is.
func (p *lineParser) text(raw []byte) string {
	s, _ := p.str(raw)
	return s
}

// label reads a text of one line, trimmed of the space around it.
func (p *lineParser) label(raw []byte) string {
	s, _ := p.str(raw)
	return strings.TrimSpace(s)
}

// list reads a list of names. An entry that is there before is left out.
func (p *lineParser) list(raw []byte) []string {
	if isNull(raw) {
		return nil
	}
	if raw[0] != '[' {
		p.bad("is not a list of texts", display(raw))
		return nil
	}
	var names []string
	rest := bytes.TrimLeft(raw[1:], jsonSpace)
	for rest[0] != ']' {
		n := valueLength(rest)
		if rest[0] != '"' {
			p.bad("is not a list of texts", display(rest[:n]))
			return nil
		}
		if s := p.label(rest[:n]); !slices.Contains(names, s) {
			names = append(names, s)
		}
		if len(names) > MaxEntries { // stop here: looking for repetitions is quadratic
			return names
		}
		rest = bytes.TrimLeft(rest[n:], jsonSpace)
		if rest[0] == ',' {
			rest = bytes.TrimLeft(rest[1:], jsonSpace)
		}
	}
	return names
}

// number reads a whole number.
func (p *lineParser) number(raw []byte) int64 {
	if isNull(raw) {
		return 0
	}
	s := string(raw)
	if raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		p.bad("is not a number", display(raw))
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) && raw[0] == '-':
		p.bad("is negative", display(raw))
	case errors.Is(err, strconv.ErrRange):
		p.bad("is above "+strconv.Itoa(MaxNumber), display(raw))
	case err != nil:
		p.bad("is not a whole number", display(raw))
	}
	if err != nil {
		return 0
	}
	return n
}

func (p *lineParser) boolean(raw []byte) bool {
	switch s := string(raw); s {
	case "true":
		return true
	case "false", "null":
		return false
	default:
		p.bad("is not true or false", display(raw))
		return false
	}
}

// time reads an RFC 3339 time. It comes back in UTC and whole milliseconds, which is
// what the column keeps.
func (p *lineParser) time(raw []byte) time.Time {
	s := p.label(raw)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		p.bad("is not a time such as 2020-01-31T00:00:00Z", quote(s))
		return time.Time{}
	}
	t = t.UTC().Truncate(time.Millisecond)
	if !yearFits(t) {
		p.bad(yearReason, quote(s))
		return time.Time{}
	}
	return t
}

func isNull(raw []byte) bool { return string(raw) == "null" }

// syntaxError is what encoding/json finds wrong with a line.
func syntaxError(line []byte) string {
	var v any
	err := json.Unmarshal(line, &v)
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return e.Error() + " at byte " + strconv.FormatInt(e.Offset, 10)
	}
	return "it cannot be read"
}
