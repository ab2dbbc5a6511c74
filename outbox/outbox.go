// Package outbox does what a request causes after it was answered, such as mails. A job is a
// row that is written in the transaction that causes it: neither is there without the other.
// Workers of all processes take jobs; one that fails is tried again with growing pauses, and
// is a dead letter when that was in vain too often.
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Job is something that is to be done.
type Job struct {
	ID       int64
	Kind     string // who does it
	Payload  json.RawMessage
	Attempts int // that were begun, the present one included
}

// NewJob is a job that is not written yet; the payload becomes JSON.
func NewJob(kind string, payload any) (Job, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return Job{}, fmt.Errorf("write a job of %s: %w", kind, err)
	}
	return Job{Kind: kind, Payload: raw}, nil
}

// Backlog is what is not done.
type Backlog struct {
	Waiting int64         // jobs that are due, now or later
	Dead    int64         // jobs that nobody tries any more
	Overdue time.Duration // of the job that is due for longest; 0: none is
}

// Store keeps jobs. A worker that took a job longer ago than its lease may find that another
// has it: Finish, Retry and Bury then change nothing. Errors: CodeUnavailable.
type Store interface {
	// Take begins with up to n jobs that are due, each one more attempt. Nobody else gets
	// them before the lease has ended.
	Take(ctx context.Context, n int, lease time.Duration) ([]Job, error)
	Finish(ctx context.Context, j Job) error
	// Retry has a job tried again after a pause.
	Retry(ctx context.Context, j Job, after time.Duration, reason string) error
	// Bury makes a job a dead letter.
	Bury(ctx context.Context, j Job, reason string) error
	Backlog(ctx context.Context) (Backlog, error)
}

// Handler does jobs of one kind. It may be called again for a job that it has done, after a
// crash: at least once, not exactly once.
type Handler func(ctx context.Context, payload json.RawMessage) error

// HandlerOf is a handler of jobs whose payload is a T. A payload that cannot be read is a Permanent
// error.
func HandlerOf[T any](do func(ctx context.Context, payload T) error) Handler {
	return func(ctx context.Context, raw json.RawMessage) error {
		var payload T
		if err := json.Unmarshal(raw, &payload); err != nil {
			return Permanent(fmt.Errorf("read a job: %w", err))
		}
		return do(ctx, payload)
	}
}

// permanentError is a failure that trying again does not mend.
type permanentError struct{ error }

func (p permanentError) Unwrap() error { return p.error }

// Permanent marks an error after which a job is not tried again.
func Permanent(err error) error { return permanentError{err} }

// IsPermanent says whether an error is of Permanent.
func IsPermanent(err error) bool {
	_, ok := errors.AsType[permanentError](err)
	return ok
}

// maxReason is how much of a failure is kept, in characters.
const maxReason = 500

var address = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)

// reasonOf is a failure as it may be kept and shown: servers of mail repeat addresses.
func reasonOf(err error) string {
	text := strings.ToValidUTF8(address.ReplaceAllString(err.Error(), "(an address)"), "�")
	if runes := []rune(text); len(runes) > maxReason {
		return string(runes[:maxReason])
	}
	return text
}

// Mask is a payload as it may be shown: of an e-mail address the first character and the
// domain, of other texts nothing. Numbers and the language say nothing about anybody.
func Mask(payload json.RawMessage) json.RawMessage {
	fields := map[string]any{}
	if json.Unmarshal(payload, &fields) != nil {
		return json.RawMessage(`{}`)
	}
	for name, value := range fields {
		text, ok := value.(string)
		if !ok || name == "language" || text == "" {
			continue
		}
		fields[name] = "***"
		if local, domain, ok := strings.Cut(text, "@"); ok && local != "" && name == "email" {
			fields[name] = string([]rune(local)[:1]) + "***@" + domain
		}
	}
	masked, err := json.Marshal(fields)
	if err != nil {
		return json.RawMessage(`{}`)
	}
	return masked
}
