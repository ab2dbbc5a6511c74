package searchapi

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/httpserver"
)

// eventBody is the body of POST /api/v1/events.
type eventBody struct {
	Type     events.Type  `json:"type" about:"view or click" enum:"view,click"`
	Kind     catalog.Kind `json:"kind"`
	ID       wholeNumber  `json:"id" minimum:"1" maximum:"9223372036854775807"`
	SearchID string       `json:"search_id,omitempty" about:"of a click: the search_id of the answer that was clicked in" pattern:"^[A-Za-z0-9_.-]{1,64}$"`
	Position wholeNumber  `json:"position,omitempty" about:"of a click: the place of the hit, from 1" minimum:"1" maximum:"1000000"`
}

// rules say which fields belong to a view and which to a click.
func (eventBody) rules() map[string]any {
	is := func(t events.Type) map[string]any { return map[string]any{"type": map[string]any{"const": t}} }
	return map[string]any{"oneOf": []any{
		map[string]any{"properties": is(events.View), "not": map[string]any{"anyOf": []any{require("search_id"), require("position")}}},
		map[string]any{"properties": is(events.Click), "required": []string{"search_id", "position"}},
	}}
}

// accepted is the answer to what is done later.
type accepted struct {
	Status string `json:"status"`
}

func (s *Service) recordEvent(c *fiber.Ctx, _ args) error {
	var body eventBody
	if err := readBody(c, &body, "type, kind, id (and search_id, position of a click)"); err != nil {
		return err
	}
	event := body.event()
	if err := event.Validate(); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	accept := func() error {
		return httpserver.WriteJSON(c, http.StatusAccepted, fiber.MIMEApplicationJSON, accepted{Status: "accepted"})
	}
	if httpserver.FromBot(c) {
		return accept()
	}
	if err := httpserver.TakeTurn(c, s.eventLimit); err != nil {
		return err
	}
	event.At = s.now()
	event.Visitor, event.Network = httpserver.Visitor(c, event.At), httpserver.VisitorNetwork(c, event.At)
	if err := s.events.Record(c.UserContext(), event); err != nil {
		return err
	}
	return accept()
}

// event is what the body says.
func (b *eventBody) event() events.Event {
	return events.Event{
		Type: b.Type, Item: catalog.Key{Kind: b.Kind, ID: int64(b.ID)}, SearchID: b.SearchID, Position: int(b.Position),
	}
}
