package intake

import (
	"bytes"
	"encoding/json"
)

// member is one field of a JSON object: its name and its value, still as JSON.
type member struct {
	name string
	raw  []byte
}

// members splits an object into its fields in one pass and without copying the values.
// The line must be valid JSON, which makes this short; ok is false if it is not an
// object. (A map of json.RawMessage would hide a field that is given twice, and two
// passes over every line would cost half of the time of an import.)
func members(line []byte) (fields []member, ok bool) {
	rest := bytes.Trim(line, jsonSpace)
	if len(rest) == 0 || rest[0] != '{' {
		return nil, false
	}
	rest = bytes.TrimLeft(rest[1:], jsonSpace)
	for rest[0] != '}' {
		n := valueLength(rest)
		name := unquote(rest[:n])
		rest = bytes.TrimLeft(rest[n:], jsonSpace)
		rest = bytes.TrimLeft(rest[1:], jsonSpace) // the colon
		n = valueLength(rest)
		fields = append(fields, member{name: name, raw: rest[:n]})
		rest = bytes.TrimLeft(rest[n:], jsonSpace)
		if rest[0] == ',' {
			rest = bytes.TrimLeft(rest[1:], jsonSpace)
		}
	}
	return fields, true
}

const jsonSpace = " \t\r\n"

// valueLength is how many bytes the value has that valid JSON begins with.
func valueLength(b []byte) int {
	switch b[0] {
	case '"':
		return stringLength(b)
	case '{', '[':
		depth := 0
		for i := 0; i < len(b); {
			switch b[i] {
			case '"':
				i += stringLength(b[i:])
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
				if depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return len(b)
	default:
		if n := bytes.IndexAny(b, ",]}"+jsonSpace); n >= 0 {
			return n
		}
		return len(b)
	}
}

// stringLength is how many bytes a string has that b begins with, quotes included.
func stringLength(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// unquote turns a valid JSON string into its text.
func unquote(raw []byte) string {
	inside := raw[1 : len(raw)-1]
	if bytes.IndexByte(inside, '\\') < 0 {
		return string(inside)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return string(inside)
	}
	return s
}
