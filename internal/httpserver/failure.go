package httpserver

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

// ProblemType is the media type of RFC 9457.
const ProblemType = "application/problem+json"

// Problem is a problem document (RFC 9457). Errors names the parameters at fault.
type Problem struct {
	Type      string               `json:"type"`
	Title     string               `json:"title"`
	Status    int                  `json:"status"`
	Detail    string               `json:"detail"`
	Errors    []catalog.FieldError `json:"errors,omitempty"`
	RequestID string               `json:"request_id"`
}

// FailureKind is one way in which a request fails.
type FailureKind struct {
	Code   catalog.Code // of the domain's errors; where two kinds share one, the first is theirs
	Status int          // of the answer, for a call and a page alike
	Slug   string       // its anchor in /docs
	Title  string
	// RetryAfter is how long a caller is told to wait where the error does not say; 0:
	// coming again does not help.
	RetryAfter time.Duration
	detail     string // of what the HTTP server refuses by itself; empty: the error's message
}

// failureKinds is the one table from errors to answers. Statuses that no code of the domain
// has are those that the router and the HTTP server refuse with by themselves; their own
// messages repeat what the caller sent.
var failureKinds = []FailureKind{
	{Code: catalog.CodeInvalid, Status: http.StatusBadRequest, Slug: "invalid", Title: "参数有误 Invalid request", detail: "the request is not valid HTTP"},
	{Code: catalog.CodeUnauthorized, Status: http.StatusUnauthorized, Slug: "admins", Title: "仅限管理员 For admins only"},
	{Code: catalog.CodeForbidden, Status: http.StatusForbidden, Slug: "admins", Title: "仅限管理员 For admins only"},
	{Code: catalog.CodeLogin, Status: http.StatusUnauthorized, Slug: "log-in", Title: "需要登录 Log in first"},
	{Code: catalog.CodeCrossSite, Status: http.StatusForbidden, Slug: "cross-site", Title: "请求来自其他网站 Sent by another site"},
	{Code: catalog.CodeNotFound, Status: http.StatusNotFound, Slug: "not-found", Title: "没有找到 Not found", detail: "there is nothing at this path; /docs lists what there is"},
	{Code: catalog.CodeInvalid, Status: http.StatusMethodNotAllowed, Slug: "method", Title: "不支持的方法 Method not allowed", detail: "this path does not take this method; the header Allow lists those that it takes"},
	{Code: catalog.CodeInvalid, Status: http.StatusRequestTimeout, Slug: "timeout", Title: "请求超时 Request timeout", detail: "the request did not arrive in time"},
	{Code: catalog.CodeConflict, Status: http.StatusConflict, Slug: "conflict", Title: "目前还不行 Not as things stand"},
	{Code: catalog.CodeInvalid, Status: http.StatusRequestEntityTooLarge, Slug: "too-large", Title: "请求太大 Request too large", detail: "the body is larger than this call takes"},
	{Code: catalog.CodeInvalid, Status: http.StatusUnsupportedMediaType, Slug: "media-type", Title: "不支持的内容类型 Unsupported media type"},
	{Code: catalog.CodeTooMany, Status: http.StatusTooManyRequests, Slug: "too-many", Title: "请求太多 Too many requests", RetryAfter: time.Minute},
	{Code: catalog.CodeInvalid, Status: http.StatusRequestHeaderFieldsTooLarge, Slug: "too-large", Title: "请求太大 Request too large", detail: "address and headers together are larger than 64 KB"},
	{Code: catalog.CodeInternal, Status: http.StatusInternalServerError, Slug: "internal", Title: "服务器出错 Internal error", detail: internalDetail},
	{Code: catalog.CodeInvalid, Status: http.StatusNotImplemented, Slug: "method", Title: "未知的方法 Unknown method", detail: "this server does not know this method"},
	{Code: catalog.CodeUnavailable, Status: http.StatusServiceUnavailable, Slug: "unavailable", Title: "暂时不可用 Temporarily unavailable", RetryAfter: 5 * time.Second},
}

const internalDetail = "something went wrong on the server; its log has it under this request id"

// FailureKinds are all ways in which a request fails, in the order of their statuses.
func FailureKinds() []FailureKind { return append([]FailureKind(nil), failureKinds...) }

func kindOfCode(code catalog.Code) FailureKind {
	for _, k := range failureKinds {
		if k.Code == code {
			return k
		}
	}
	return kindOfCode(catalog.CodeInternal)
}

func kindOfStatus(status int) FailureKind {
	for _, k := range failureKinds {
		if k.Status == status {
			return k
		}
	}
	k := kindOfCode(catalog.CodeInternal)
	k.Status, k.detail = status, http.StatusText(status)
	return k
}

// Failure is what a caller may know of an error. Causes and hints are not part of it.
type Failure struct {
	FailureKind
	Detail string
	Fields []catalog.FieldError // the parameters at fault
}

// Retry says whether the same request may succeed later.
func (f Failure) Retry() bool { return f.RetryAfter > 0 || f.Code == catalog.CodeInternal }

// FailureOf is what an error is to a caller.
func FailureOf(err error) Failure {
	if known, ok := errors.AsType[*catalog.Error](err); ok {
		f := Failure{FailureKind: kindOfCode(known.Code), Detail: known.Message, Fields: known.Fields}
		if f.Code == catalog.CodeInternal || f.Detail == "" {
			f.Detail = internalDetail
		}
		if known.Wait > 0 {
			f.RetryAfter = known.Wait
		}
		return f
	}
	if routed, ok := errors.AsType[*fiber.Error](err); ok {
		status := routed.Code
		if status == http.StatusBadGateway {
			status = http.StatusBadRequest // Fiber's word for a client that hung up while it was sending
		}
		f := Failure{FailureKind: kindOfStatus(status)}
		if f.Detail = f.detail; f.Detail == "" {
			f.Detail = routed.Message
		}
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return Failure{FailureKind: kindOfCode(catalog.CodeUnavailable), Detail: "the answer took too long"}
	}
	return Failure{FailureKind: kindOfCode(catalog.CodeInternal), Detail: internalDetail}
}

// CodeOf is the code of an error. What did not answer in time is not available.
func CodeOf(err error) catalog.Code { return FailureOf(err).Code }

// Fail logs an error and gives the answer its status and headers. The body is left to
// who shows the failure: a page, a fragment, or the server with a problem document.
func Fail(c *fiber.Ctx, err error) Failure {
	f := FailureOf(err)
	c.Status(f.Status)
	c.Set(fiber.HeaderCacheControl, "no-store")
	if f.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.FormatFloat(math.Ceil(f.RetryAfter.Seconds()), 'f', 0, 64))
	}
	if r := requestOf(c); r != nil {
		if f.Code == catalog.CodeUnauthorized { // a browser would ask a learner for a user and a password
			r.server.setChallenges(c)
		}
		r.server.logFailure(c, f, err)
	}
	return f
}

// fail answers an error with a problem document.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	if requestOf(c) == nil {
		s.begin(c) // the server refused the request before any handler ran
	}
	f := Fail(c, err)
	return WriteJSON(c, f.Status, ProblemType, Problem{
		Type: s.publicURL + "/docs#problem-" + f.Slug, Title: f.Title, Status: f.Status, Detail: f.Detail, Errors: f.Fields, RequestID: RequestID(c),
	})
}

// logFailure logs what an operator has to know. The same trouble on every request is
// logged once in a while; the access log has each.
func (s *Server) logFailure(c *fiber.Ctx, f Failure, err error) {
	if f.Status < http.StatusInternalServerError || f.Status == http.StatusNotImplemented {
		return
	}
	attrs := []any{"err", err, "request_id", RequestID(c), "route", routeOf(c)}
	if f.Status == http.StatusServiceUnavailable {
		suppressed, ok := s.unavailable.Allow()
		if !ok {
			return
		}
		attrs = append(attrs, "not_logged", suppressed)
	}
	if e, ok := errors.AsType[*catalog.Error](err); ok && e.Hint != "" {
		attrs = append(attrs, "hint", e.Hint)
	}
	s.log.Error("request failed", attrs...)
}
