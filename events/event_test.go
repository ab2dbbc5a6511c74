package events_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/searchlog"
)

func TestValidate(t *testing.T) {
	course := catalog.Key{Kind: catalog.KindCourse, ID: 7}
	for _, c := range []struct {
		name  string
		event events.Event
		wrong string // fields at fault
	}{
		{"a view", events.Event{Type: events.View, Item: course}, ""},
		{"a click", events.Event{Type: events.Click, Item: course, SearchID: "0b9f-1", Position: 1}, ""},
		{"a search", events.Event{Type: events.Search, SearchID: "s", Search: &searchlog.Entry{}}, ""},
		{"nothing", events.Event{}, "kind id type"},
		{"another type", events.Event{Type: "buy", Item: course}, "type"},
		{"a plural", events.Event{Type: events.View, Item: catalog.Key{Kind: "courses", ID: 7}}, "kind"},
		{"no item", events.Event{Type: events.View}, "kind id"},
		{"a view with a position", events.Event{Type: events.View, Item: course, Position: 1}, "type"},
		{"a click without a search", events.Event{Type: events.Click, Item: course, Position: 1}, "search_id"},
		{"a click with signs", events.Event{Type: events.Click, Item: course, SearchID: "a b", Position: 1}, "search_id"},
		{"a click with a long id", events.Event{Type: events.Click, Item: course, SearchID: strings.Repeat("a", 65), Position: 1}, "search_id"},
		{"a click nowhere", events.Event{Type: events.Click, Item: course, SearchID: "a"}, "position"},
		{"a click too far down", events.Event{Type: events.Click, Item: course, SearchID: "a", Position: 1_000_001}, "position"},
		{"a search that a client invents", events.Event{Type: events.Search, Item: course, SearchID: "s"}, "type"},
		{"a search without an id", events.Event{Type: events.Search, Search: &searchlog.Entry{}}, "search_id"},
	} {
		var fields []string
		err := c.event.Validate()
		var e *catalog.Error
		if errors.As(err, &e) {
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
			}
		}
		if got := strings.Join(fields, " "); got != c.wrong || (err != nil && catalog.CodeOf(err) != catalog.CodeInvalid) {
			t.Errorf("%s: %v, want %q", c.name, err, c.wrong)
		}
	}
}
