package searchapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// wholeNumber is an integer as JSON Schema has it: 7.0 and 7e0 are 7.
type wholeNumber int64

// UnmarshalJSON implements json.Unmarshaler. Errors are those of encoding/json for an int64.
func (n *wholeNumber) UnmarshalJSON(raw []byte) error {
	// Up to here every whole number is a float64 of its own.
	const exact = 1 << 53
	if f, err := strconv.ParseFloat(string(raw), 64); err == nil && f == math.Trunc(f) && math.Abs(f) < exact {
		*n = wholeNumber(f)
		return nil
	}
	return json.Unmarshal(raw, (*int64)(n))
}

// readBody reads the one JSON object of a request. The error names the field that cannot
// be read; fields lists those that there are, for who sends something else.
func readBody(c *fiber.Ctx, into any, fields string) error {
	if media, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType)); err != nil || media != fiber.MIMEApplicationJSON {
		return fiber.NewError(http.StatusUnsupportedMediaType, "the body has to be application/json")
	}
	raw := httpserver.Body(c)
	if !utf8.Valid(raw) {
		return catalog.Invalidf("body", "is not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
			return catalog.Invalidf(display(e.Field), "has to be %s and is a JSON %s", fieldType(e.Type), e.Value)
		}
		// encoding/json has no type for this error.
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			return catalog.Invalidf(display(strings.Trim(name, `"`)), "is not a field of this call: it has %s", fields)
		}
		return catalog.Invalidf("body", "is not one JSON object with %s: %s", fields, display(err.Error()))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return catalog.Invalidf("body", "has more than one JSON object")
	}
	return checkNames(raw, into, fields)
}

// fieldType names what a field of a body holds.
func fieldType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Int64, reflect.Int:
		return "a whole number"
	default:
		return "of another type"
	}
}

// checkNames refuses what encoding/json takes and the description does not allow: fields
// that are null or missing, and names in another case.
func checkNames(raw []byte, into any, fields string) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return catalog.Invalidf("body", "is not one JSON object with %s", fields)
	}
	known := map[string]bool{}
	var wrong problems
	for f := range reflectFields(reflect.TypeOf(into).Elem()) {
		name, flags, _ := strings.Cut(f.Tag.Get("json"), ",")
		known[name] = true
		if _, there := values[name]; !there && !strings.Contains(flags, "omitempty") {
			wrong.add(name, "is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case !known[name]:
			return catalog.Invalidf(display(name), "is not a field of this call: it has %s", fields)
		case string(values[name]) == "null":
			return catalog.Invalidf(name, "is null; leave it out instead")
		}
	}
	return wrong.err()
}
