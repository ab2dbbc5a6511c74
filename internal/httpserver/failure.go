package httpserver

import (
	"context"
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

// ProblemType is the media type of RFC 9457.
const ProblemType = "application/problem+json"

// retryAfter is what a caller is told to wait when a server is not there, in seconds.
const retryAfter = "2"

// Problem is a problem document (RFC 9457). Errors names the parameters at fault.
type Problem struct {
	Type      string               `json:"type"`
	Title     string               `json:"title"`
	Status    int                  `json:"status"`
	Detail    string               `json:"detail"`
	Errors    []catalog.FieldError `json:"errors,omitempty"`
	RequestID string               `json:"request_id"`
}

// statusOf is the one place where the codes of the domain become HTTP statuses.
func statusOf(code catalog.Code) int {
	switch code {
	case catalog.CodeInvalid:
		return http.StatusBadRequest
	case catalog.CodeNotFound:
		return http.StatusNotFound
	case catalog.CodeUnavailable:
		return http.StatusServiceUnavailable
	case catalog.CodeTooMany:
		return http.StatusTooManyRequests
	default:
		return http.StatusInternalServerError
	}
}

// Title says what a status means, and slug is its anchor in the documentation.
func Title(status int) (slug, title string) {
	switch status {
	case http.StatusBadRequest:
		return "invalid", "参数有误 Invalid request"
	case http.StatusUnauthorized, http.StatusForbidden:
		return "admins", "仅限管理员 For admins only"
	case http.StatusTooManyRequests:
		return "too-many", "请求太多 Too many requests"
	case http.StatusNotFound:
		return "not-found", "没有找到 Not found"
	case http.StatusMethodNotAllowed:
		return "method", "不支持的方法 Method not allowed"
	case http.StatusRequestTimeout:
		return "timeout", "请求超时 Request timeout"
	case http.StatusRequestEntityTooLarge, http.StatusRequestHeaderFieldsTooLarge:
		return "too-large", "请求太大 Request too large"
	case http.StatusUnsupportedMediaType:
		return "media-type", "不支持的内容类型 Unsupported media type"
	case http.StatusNotImplemented:
		return "method", "未知的方法 Unknown method"
	case http.StatusServiceUnavailable:
		return "unavailable", "暂时不可用 Temporarily unavailable"
	default:
		return "internal", "服务器出错 Internal error"
	}
}

// problemOf is what a caller may know of an error. Causes and hints are not part of it.
func problemOf(err error) Problem {
	status, detail := http.StatusInternalServerError, ""
	var fields []catalog.FieldError
	if known, ok := errors.AsType[*catalog.Error](err); ok {
		status, fields = statusOf(known.Code), known.Fields
		if known.Code != catalog.CodeInternal {
			detail = known.Message
		}
	} else if routed, ok := errors.AsType[*fiber.Error](err); ok {
		status, detail = routed.Code, routedDetail(routed)
		if status == http.StatusBadGateway {
			status = http.StatusBadRequest // Fiber's word for a client that hung up while it was sending
		}
	} else if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		status, detail = http.StatusServiceUnavailable, "the answer took too long"
	}
	slug, name := Title(status)
	if detail == "" {
		detail = "something went wrong on the server; its log has it under this request id"
	}
	return Problem{Type: "/docs#problem-" + slug, Title: name, Status: status, Detail: detail, Errors: fields}
}

// routedDetail explains what the router and the HTTP server refuse by themselves. Their
// own messages repeat what the caller sent.
func routedDetail(e *fiber.Error) string {
	switch e.Code {
	case http.StatusNotFound:
		return "there is nothing at this path; /docs lists what there is"
	case http.StatusMethodNotAllowed:
		return "this path does not take this method; the header Allow lists those that it takes"
	case http.StatusRequestEntityTooLarge:
		return "the body is larger than this call takes"
	case http.StatusRequestHeaderFieldsTooLarge:
		return "address and headers together are larger than 64 KB"
	case http.StatusInternalServerError:
		return ""
	case http.StatusUnsupportedMediaType, http.StatusNotImplemented, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return e.Message
	case http.StatusBadRequest, http.StatusBadGateway:
		return "the request is not valid HTTP"
	default:
		return http.StatusText(e.Code)
	}
}
