package catalog

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code classifies an error for a caller. It is turned into an HTTP status or an exit
// status in exactly one place each.
type Code string

// The codes.
const (
	CodeInvalid      Code = "invalid"      // the caller's input; Fields says which
	CodeUnauthorized Code = "unauthorized" // who asks has to say who they are
	CodeForbidden    Code = "forbidden"    // who asks may not do that
	CodeLogin        Code = "login"        // who asks has to log in, or did so in vain
	CodeCrossSite    Code = "cross_site"   // a page of another site has sent it
	CodeNotFound     Code = "not_found"    // no such visible item
	CodeConflict     Code = "conflict"     // well formed, and refused as things stand; Message or Fields say why
	CodeUnavailable  Code = "unavailable"  // a server that is needed does not answer
	CodeTooMany      Code = "too_many"     // the caller has to wait for as long as Wait says
	CodeInternal     Code = "internal"     // everything else
)

// ErrNotConfigured is the cause of a CodeUnavailable that will not pass: the configuration
// names no such server.
var ErrNotConfigured = errors.New("no server is configured")

// FieldError says what is wrong with one parameter.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error is an error that a user may see: a code, a sentence, the fields at fault and,
// for an operator, a hint that says what to do. The cause is for logs only.
type Error struct {
	Code    Code
	Message string
	Fields  []FieldError
	Hint    string
	Wait    time.Duration // of CodeTooMany; of CodeUnavailable where a server is there and has too much to do
	Cause   error
}

// Error joins message, fields, hint and cause: it is meant for logs and terminals.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Field, f.Message)
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, ": %v", e.Cause)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, " (%s)", e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Invalidf is an error of CodeInvalid about one field.
func Invalidf(field, format string, args ...any) *Error {
	return &Error{
		Code:    CodeInvalid,
		Message: "invalid parameter",
		Fields:  []FieldError{{Field: field, Message: fmt.Sprintf(format, args...)}},
	}
}

// NotFound is an error of CodeNotFound for one item.
func NotFound(k Kind, id int64) *Error {
	return &Error{Code: CodeNotFound, Message: fmt.Sprintf("there is no %s %d", k, id)}
}

// Unavailable is an error of CodeUnavailable: what names the server or the part of it.
func Unavailable(what string, cause error) *Error {
	return &Error{Code: CodeUnavailable, Message: what + " is not available", Cause: cause}
}

// TooMany is an error of CodeTooMany: the caller may come again after wait.
func TooMany(wait time.Duration) *Error {
	return &Error{Code: CodeTooMany, Message: "too many requests from this address", Wait: wait}
}

// CodeOf returns the code of the first Error in err's chain, CodeInternal where there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}
