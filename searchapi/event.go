package searchapi

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// What an event may be.
const (
	eventView  = "view"
	eventClick = "click"
)

const maxSearchID = 64 // bytes

// eventBody is the body of POST /api/v1/events.
type eventBody struct {
	Type     string       `json:"type" about:"view or click" enum:"view,click"`
	Kind     catalog.Kind `json:"kind"`
	ID       int64        `json:"id" minimum:"1"`
	SearchID string       `json:"search_id,omitempty" about:"of a click: the search_id of the answer that was clicked in"`
	Position int64        `json:"position,omitempty" about:"of a click: the place of the hit, from 1" minimum:"1"`
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
	if err := body.check(); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	taken := func() error {
		return httpserver.WriteJSON(c, http.StatusAccepted, fiber.MIMEApplicationJSON, accepted{Status: "accepted"})
	}
	if httpserver.FromBot(c) {
		return taken()
	}
	if err := httpserver.TakeTurn(c, s.eventLimit); err != nil {
		return err
	}
	now := s.now()
	err := s.events.Record(c.UserContext(), Event{
		Type: body.Type, Item: catalog.Key{Kind: body.Kind, ID: body.ID}, Visitor: httpserver.Visitor(c, now),
		SearchID: body.SearchID, Position: int(body.Position), At: now,
	})
	if err != nil {
		return err
	}
	return taken()
}

func (b *eventBody) check() error {
	var wrong problems
	if k, err := catalog.ParseKind(string(b.Kind)); err != nil || k != b.Kind {
		wrong.add("kind", "%s is not one of course, org, teacher", shownQuoted(string(b.Kind)))
	}
	if b.ID < 1 {
		wrong.add("id", "%d is not an id: ids begin at 1", b.ID)
	}
	switch b.Type {
	case eventView:
		if b.SearchID != "" || b.Position != 0 {
			wrong.add("type", "a view has neither search_id nor position; those belong to a click")
		}
	case eventClick:
		if b.SearchID == "" || len(b.SearchID) > maxSearchID || !httpserver.ValidID(b.SearchID) {
			wrong.add("search_id", "%s is not the search_id of an answer", shownQuoted(b.SearchID))
		}
		if b.Position < 1 || b.Position > 1_000_000 {
			wrong.add("position", "%d is not a place in a list, from 1", b.Position)
		}
	default:
		wrong.add("type", "%s is not one of view, click", shownQuoted(b.Type))
	}
	return wrong.err()
}
