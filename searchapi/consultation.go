package searchapi

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"

	"github.com/xunke/xunke/consultations"
)

// consultationBody is the body of POST /api/v1/consultations.
type consultationBody struct {
	Name     string      `json:"name" about:"how to address the visitor" pattern:"[\\p{L}\\p{N}]" maxLength:"40"`
	Mobile   string      `json:"mobile" about:"of mainland China as eleven digits, of other countries with + and the country" pattern:"^(1[3-9][0-9]{9}|\\+861[3-9][0-9]{9}|\\+([1-79][0-9]|8[0-57-9])[0-9]{5,13})$"`
	CourseID wholeNumber `json:"course_id,omitempty" about:"the course that it is about" minimum:"1" maximum:"9223372036854775807"`
	Course   string      `json:"course,omitempty" about:"without course_id: what it is about" maxLength:"120"`
}

// rules say that one of two fields names the course.
func (consultationBody) rules() map[string]any {
	return map[string]any{"anyOf": []any{
		require("course_id"),
		map[string]any{"required": []string{"course"}, "properties": map[string]any{"course": map[string]any{"pattern": `[\p{L}\p{N}]`}}},
	}}
}

// consult takes a request to be called back. Whether the same was asked before is not told.
func (s *Service) consult(c *fiber.Ctx, _ args) error {
	var body consultationBody
	if err := readBody(c, &body, "name, mobile and course_id or course"); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	err := s.consultations.Ask(c.UserContext(), httpserver.WideNetwork(c), consultations.Request{
		Name: body.Name, Mobile: body.Mobile, CourseID: int64(body.CourseID), Course: body.Course,
	})
	// A good request about a course that is not there (any more) is 404, as for its other calls.
	if e, ok := errors.AsType[*catalog.Error](err); ok && e.Code == catalog.CodeInvalid && body.CourseID > 0 && len(e.Fields) == 1 && e.Fields[0].Field == "course_id" {
		return &catalog.Error{Code: catalog.CodeNotFound, Message: "there is no such course", Fields: e.Fields}
	}
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(c, http.StatusAccepted, fiber.MIMEApplicationJSON, accepted{Status: "accepted"})
}
