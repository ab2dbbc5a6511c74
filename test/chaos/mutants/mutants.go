// Package mutants takes the safeguards of the program away, one at a time, and sees that
// the tests of package chaos notice. The changed sources exist only in a build (go build
// -overlay): nothing of this is in the program.
package mutants

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Mutant is the program without one of its safeguards.
type Mutant struct {
	Name  string
	Loses string // what is taken away
	Edits []Edit
	Test  string // of package chaos, that must notice: a pattern of go test -run
}

// Edit replaces a text that must be in a file exactly once.
type Edit struct{ File, From, To string }

// Tests of package chaos.
const (
	visibleLate       = `^TestDirected$/^commits_that_are_visible_late$`
	diesBeforeBatch   = `^TestDirected$/^an_indexer_that_dies_before_its_batch_is_written$`
	arrivesAfterwards = `^TestDirected$/^a_write_that_arrives_after_the_delete$`
	putOff            = `^TestDirected$/^documents_that_are_put_off$`
	leaves            = `^TestDirected$/^rows_that_leave_their_parents_and_ids$`
	newNames          = `^TestDirected$/^parents_with_new_names$`
	passedOver        = `^TestDirected$/^statements_that_canal_passes_over$`
	secondPhase       = `^TestDirected$/^rows_that_are_visible_when_their_second_phase_ends$`
	forgotten         = `^TestHistory$/^everything_forgotten_while_the_indexer_is_away$`
	events            = `^TestEvents$`
)

// All lists the mutants.
var All = []Mutant{
	{"nowait", "the wait for the transaction (GTID) before its rows are read", []Edit{
		{"internal/mysql/reader.go", "	if wait != \"\" {\n		var timedOut", "	if wait == \"never\" {\n		var timedOut"},
	}, visibleLate},
	{"nofanoutwait", "the same wait before a fan-out", []Edit{
		{"indexer/fanout.go", "l.apply.apply(ctx, state.Epoch, state.Acked, keys", `l.apply.apply(ctx, state.Epoch, "", keys`},
	}, visibleLate},
	{"ackfirst", "the order of writing and acknowledging", []Edit{
		{"indexer/drain.go", "		if err := l.drain(ctx, b, epoch, live); err != nil {\n			return err\n		}\n", ""},
		{"indexer/drain.go", "			l.drained, l.writing = time.Time{}, false\n		})\n",
			"			l.drained, l.writing = time.Time{}, false\n		})\n		if err := l.drain(ctx, b, epoch, live); err != nil {\n			return err\n		}\n"},
	}, diesBeforeBatch},
	{"harddelete", "tombstones: documents are deleted instead", []Edit{
		{"internal/elastic/bulk.go", "	for _, d := range documents {\n		fmt.Fprintf(&body, `{\"index\"",
			"	for _, d := range documents {\n		if bytes.Contains(d.Body, []byte(`\"deleted\":true`)) {\n" +
				"			fmt.Fprintf(&body, `{\"delete\":{\"_id\":\"%d\",\"version\":%d,\"version_type\":\"external_gte\"}}`+\"\\n\", d.ID, d.Version)\n" +
				"			continue\n		}\n		fmt.Fprintf(&body, `{\"index\""},
	}, arrivesAfterwards},
	{"noversion", "the versions of documents", []Edit{
		{"internal/elastic/bulk.go", `{"index":{"_id":"%d","version":%d,"version_type":"external_gte"}}` + "`+\"\\n\", d.ID, d.Version)",
			`{"index":{"_id":"%d"}}` + "`+\"\\n\", d.ID)"},
	}, arrivesAfterwards},
	{"dropitem", "the second try of a document that was put off", []Edit{
		{"indexer/apply.go", "			again = append(again, sent[i])\n", ""},
	}, putOff},
	{"nobefore", "the row as it was before", []Edit{
		{"indexer/binlog/rules.go", "	return slices.DeleteFunc([]*image{c.before, c.after}",
			"	if c.after != nil {\n		return []*image{c.after}\n	}\n	return slices.DeleteFunc([]*image{c.before, c.after}"},
	}, leaves},
	{"wrongside", "the side of a fan-out: children tell of their org, and it does not tell of itself", []Edit{
		{"indexer/binlog/rules.go", "			keys.fanOut(CoursesOfOrg, id)\n			keys.fanOut(TeachersOfOrg, id)\n", ""},
		{"indexer/binlog/rules.go", "		keys.direct(catalog.KindOrg, org)\n", "		keys.direct(catalog.KindOrg, org)\n		keys.fanOut(CoursesOfOrg, org)\n"},
	}, newNames},
	{"noskipped", "the statements that canal's parser does not understand", []Edit{
		{"indexer/skipped.go", "	if r.Message != skippedStatement {", "	if r.Message != \"\" || r.Message != skippedStatement {"},
	}, passedOver},
	{"noforget", "forgetting a table's definition after such a statement", []Edit{
		{"indexer/binlog/statement.go", "		if h.forget != nil {", "		if h.forget == nil {"},
	}, passedOver},
	{"onephase", "reading the rows of an XA transaction when its second phase ends", []Edit{
		{"indexer/binlog/xa.go", "		h.keys.Merge(keys)\n", "		_ = keys\n"},
	}, secondPhase},
	{"nohistory", "every check of the history", []Edit{
		{"indexer/history.go", "	switch {\n	case s.ServerUUID", "	if s.Epoch > 0 {\n		return nil, nil\n	}\n	switch {\n	case s.ServerUUID"},
		{"indexer/binlog/handler.go", " || !g.Committed.Equal(h.expect.Committed)", ""},
	}, forgotten},
	{"nocommittime", "the comparison of the last transaction's commit time: sets of GTIDs are compared", []Edit{
		{"indexer/binlog/handler.go", " || !g.Committed.Equal(h.expect.Committed)", ""},
	}, forgotten},
	{"nosweep", "reading everything again in a new epoch", []Edit{
		{"indexer/history.go", "	l.state.addTasks(everything())\n", "	_ = everything\n"},
	}, forgotten},
	{"ackuncounted", "the order of counting events and acknowledging them", []Edit{
		{"rankings/consumer.go", "		return c.Queue.Next(ctx, consumeMost)\n",
			"		events, err = c.Queue.Next(ctx, consumeMost)\n		if err != nil || len(events) == 0 {\n			return events, err\n		}\n" +
				"		ids := make([]QueueID, len(events))\n		for i, e := range events {\n			ids[i] = e.ID\n		}\n" +
				"		return events, c.Queue.Acknowledge(ctx, ids)\n"},
	}, events},
	{"noposition", "the place up to which events are counted", []Edit{
		{"internal/mysql/events.go", "		if e.ID.Compare(last) <= 0 {", "		if queue == \"\" && e.ID.Compare(last) <= 0 {"},
	}, events},
	{"nospill", "the file for events that Redis does not take", []Edit{
		{"internal/redis/events.go", "	if e.spill == nil || e.spillEvent(event) != nil {", "	if e.spill == nil || event.Type != \"\" || e.spillEvent(event) != nil {"},
	}, events},
}

// overlay writes the changed sources of a mutant to a folder and returns the path of the
// file that go build -overlay takes. A text that is not there, or there twice, is an error:
// the mutant would be none.
func (m Mutant) overlay(root, dir string) (string, error) {
	sources := map[string]string{}
	for _, e := range m.Edits {
		path := filepath.Join(root, filepath.FromSlash(e.File))
		if _, read := sources[path]; !read {
			raw, err := os.ReadFile(path)
			if err != nil {
				return "", fmt.Errorf("read what %s changes: %w", m.Name, err)
			}
			sources[path] = string(raw)
		}
		if n := strings.Count(sources[path], e.From); n != 1 {
			return "", fmt.Errorf("mutant %s: the text that it changes is %d times in %s, and must be there once: %q", m.Name, n, e.File, e.From)
		}
		sources[path] = strings.Replace(sources[path], e.From, e.To, 1)
	}
	replace := map[string]string{}
	for path, source := range sources {
		changed := filepath.Join(dir, fmt.Sprintf("%d-%s", len(replace), filepath.Base(path)))
		if err := os.WriteFile(changed, []byte(source), 0o600); err != nil {
			return "", fmt.Errorf("write what %s changes: %w", m.Name, err)
		}
		replace[path] = changed
	}
	raw, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", fmt.Errorf("write the overlay of %s: %w", m.Name, err)
	}
	path := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return "", fmt.Errorf("write the overlay of %s: %w", m.Name, err)
	}
	return path, nil
}
