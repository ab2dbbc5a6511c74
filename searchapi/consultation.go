package searchapi

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/internal/httpserver"

	"github.com/xunke/xunke/consultations"
)

// consultationBody is the body of POST /api/v1/consultations.
type consultationBody struct {
	Name     string `json:"name" about:"how to address the visitor, at most 40 characters"`
	Mobile   string `json:"mobile" about:"of mainland China as eleven digits, of other countries with + and the country"`
	CourseID int64  `json:"course_id,omitempty" about:"the course that it is about" minimum:"1"`
	Course   string `json:"course,omitempty" about:"without course_id: what it is about, at most 120 characters"`
}

// consult takes a request to be called back. Whether the same was asked before is not told.
func (s *Service) consult(c *fiber.Ctx, _ args) error {
	var body consultationBody
	if err := readBody(c, &body, "name, mobile and course_id or course"); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	err := s.consultations.Ask(c.UserContext(), httpserver.WideNetwork(c), consultations.Request{
		Name: body.Name, Mobile: body.Mobile, CourseID: body.CourseID, Course: body.Course,
	})
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(c, http.StatusAccepted, fiber.MIMEApplicationJSON, accepted{Status: "accepted"})
}
