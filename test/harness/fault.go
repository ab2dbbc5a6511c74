package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Act is what becomes of a request on a link, instead of handing it through.
type Act func(req *http.Request, next http.RoundTripper) (*http.Response, error)

// Fault is an act for the requests that match, for as long as it lasts.
type Fault struct {
	link  *Link
	match func(*http.Request) bool
	act   Act
	met   int // guarded by the link's mutex
}

// errHungUp makes a link close the process's connection without an answer.
var errHungUp = errors.New("the link was hung up by the test")

// Meet lets the requests that match meet an act until the fault is ended.
func (l *Link) Meet(match func(*http.Request) bool, act Act) *Fault {
	f := &Fault{link: l, match: match, act: act}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, f)
	return f
}

// Count is how many requests have met the fault.
func (f *Fault) Count() int {
	f.link.mu.Lock()
	defer f.link.mu.Unlock()
	return f.met
}

// End lets requests through again and tells how many have met the fault.
func (f *Fault) End() int {
	f.link.mu.Lock()
	defer f.link.mu.Unlock()
	f.link.faults = slices.DeleteFunc(f.link.faults, func(other *Fault) bool { return other == f })
	return f.met
}

// meet sends a request by the first fault that wants it, or straight on.
func (l *Link) meet(req *http.Request, next http.RoundTripper) (*http.Response, error) {
	l.mu.Lock()
	var act Act
	for _, f := range l.faults {
		if f.match(req) {
			f.met++
			act = f.act
			break
		}
	}
	l.mu.Unlock()
	if act == nil {
		return next.RoundTrip(req)
	}
	return act(req, next)
}

// Any matches every request.
func Any(*http.Request) bool { return true }

// Refuse answers with a status of Elasticsearch's own, and nothing is carried out.
func Refuse(status int) Act {
	return func(req *http.Request, _ http.RoundTripper) (*http.Response, error) {
		return reply(req, status, fmt.Appendf(nil, `{"error":{"type":"chaos_exception","reason":"refused by the test"},"status":%d}`, status)), nil
	}
}

// Lose carries a request out and hangs up instead of answering.
func Lose(req *http.Request, next http.RoundTripper) (*http.Response, error) {
	res, err := next.RoundTrip(req)
	if err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	return nil, errHungUp
}

// Delay hangs up at once and carries the request out when late is closed: a request that
// was given up and runs all the same. The channel gets the outcome.
func Delay(late <-chan struct{}, arrived chan<- error) Act {
	return func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		again := req.Clone(context.WithoutCancel(req.Context()))
		again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		go func() {
			<-late
			res, err := next.RoundTrip(again)
			if err == nil {
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
			arrived <- err
		}()
		return nil, errHungUp
	}
}

// PutOff answers 429 for some of the documents of a bulk request and carries the others
// out, as a node does whose queue is full.
func PutOff(some func() bool) Act {
	return func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		items := bulkItems(body)
		off := make([]bool, len(items))
		var rest bytes.Buffer
		for i, item := range items {
			if off[i] = some(); !off[i] {
				rest.Write(item)
			}
		}
		answers := []json.RawMessage{}
		if rest.Len() > 0 {
			req.Body, req.ContentLength = io.NopCloser(&rest), int64(rest.Len())
			res, err := next.RoundTrip(req)
			if err != nil || res.StatusCode != http.StatusOK {
				return res, err
			}
			var answer struct {
				Items []json.RawMessage `json:"items"`
			}
			err = json.NewDecoder(res.Body).Decode(&answer)
			_ = res.Body.Close()
			if err != nil {
				return nil, err
			}
			answers = answer.Items
		}
		merged := make([]json.RawMessage, 0, len(items))
		for i := range items {
			if off[i] {
				merged = append(merged, putOff)
			} else if len(answers) > 0 {
				merged, answers = append(merged, answers[0]), answers[1:]
			}
		}
		raw, err := json.Marshal(map[string]any{"items": merged})
		if err != nil {
			return nil, err
		}
		return reply(req, http.StatusOK, raw), nil
	}
}

var putOff = json.RawMessage(`{"index":{"status":429,"error":{"type":"es_rejected_execution_exception","reason":"put off by the test"}}}`)

// bulkItems takes a bulk request apart: a line a delete, two lines anything else.
func bulkItems(body []byte) [][]byte {
	var items [][]byte
	for len(body) > 0 {
		end := bytes.IndexByte(body, '\n') + 1
		if end == 0 {
			end = len(body)
		}
		if !strings.HasPrefix(string(body[:end]), `{"delete"`) {
			if second := bytes.IndexByte(body[end:], '\n'); second >= 0 {
				end += second + 1
			} else {
				end = len(body)
			}
		}
		items, body = append(items, body[:end]), body[end:]
	}
	return items
}

func reply(req *http.Request, status int, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Request: req, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {"application/json"}, "X-Elastic-Product": {"Elasticsearch"}},
		Body:   io.NopCloser(bytes.NewReader(body)),
	}
}
