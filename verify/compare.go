package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Field is one field that differs. The values are JSON, cut around the first difference
// to a length that a person can read; "" means that there is no such field.
type Field struct {
	Name     string `json:"field"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
}

// compare lists the fields in which a source differs from what is expected, by name.
func compare(expected document, source json.RawMessage) ([]Field, error) {
	var found map[string]json.RawMessage
	if err := json.Unmarshal(source, &found); err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	var differs []Field
	for name, want := range expected {
		have := found[name]
		delete(found, name)
		if bytes.Equal(want, have) || sameValue(name, want, have) {
			continue
		}
		differs = append(differs, difference(name, want, have))
	}
	for name, have := range found {
		if !isNull(have) {
			differs = append(differs, difference(name, nil, have))
		}
	}
	slices.SortFunc(differs, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return differs, nil
}

// isNull says whether a field is absent, to which null is equal in every search.
func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

func sameValue(name string, a, b json.RawMessage) bool {
	if isNull(a) || isNull(b) {
		return isNull(a) && isNull(b)
	}
	if name == "hot" {
		var x, y float64
		return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && sameHot(x, y)
	}
	x, errX := normal(a)
	y, errY := normal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// normal is a value in the one form that equal values share: keys sorted, characters
// escaped alike, numbers digit by digit as they were written.
func normal(raw json.RawMessage) ([]byte, error) {
	var v any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

// How much of a value is shown: some of what is alike before the first difference, and
// the difference.
const (
	shownBefore = 24
	shownAfter  = 96
)

func difference(name string, want, have json.RawMessage) Field {
	a, b := []rune(formatJSON(want)), []rune(formatJSON(have))
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	return Field{Name: name, Expected: excerpt(a, same), Found: excerpt(b, same)}
}

// formatJSON writes a value as a person reads it.
func formatJSON(raw json.RawMessage) string {
	if v, err := normal(raw); err == nil {
		return string(v)
	}
	return string(raw)
}

func excerpt(value []rune, same int) string {
	from, to := max(0, same-shownBefore), min(len(value), same+shownAfter)
	text := string(value[min(from, len(value)):to])
	if from > 0 && len(value) > 0 {
		text = "…" + text
	}
	if to < len(value) {
		text += "…"
	}
	return text
}
