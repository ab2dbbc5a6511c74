package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
)

// outlines are the queries of the tests' own comparison: for each visible row the id and
// a text that must be in the document. It is narrow on purpose, and shares nothing with
// `xunke verify`, which compares every field.
var outlines = map[catalog.Kind]string{
	catalog.KindCourse: `SELECT c.id, CONCAT_WS('|', c.name, c.minutes, c.starting_students + c.enrolments, IFNULL(o.name, '-'),
			(SELECT COUNT(*) FROM course_tags x WHERE x.course_id = c.id),
			(SELECT COUNT(*) FROM lessons x WHERE x.course_id = c.id))
		FROM courses c LEFT JOIN orgs o ON o.id = c.org_id AND o.hidden = 0 WHERE c.hidden = 0`,
	catalog.KindOrg: `SELECT o.id, CONCAT_WS('|', o.name, IFNULL((SELECT t.name FROM cities t WHERE t.id = o.city_id), '-'),
			(SELECT COUNT(*) FROM courses c WHERE c.org_id = o.id AND c.hidden = 0))
		FROM orgs o WHERE o.hidden = 0`,
	catalog.KindTeacher: `SELECT t.id, CONCAT_WS('|', t.name, IFNULL(o.name, '-'),
			(SELECT COUNT(*) FROM course_teachers x JOIN courses c ON c.id = x.course_id AND c.hidden = 0 WHERE x.teacher_id = t.id))
		FROM teachers t LEFT JOIN orgs o ON o.id = t.org_id AND o.hidden = 0 WHERE t.hidden = 0`,
}

// document is what the comparison reads of a document of any kind.
type document struct {
	ID       int64    `json:"id"`
	Name     string   `json:"name"`
	Minutes  int64    `json:"minutes"`
	Students int64    `json:"students"`
	Courses  int64    `json:"courses"`
	City     string   `json:"city"`
	Org      *named   `json:"org"`
	Tags     []string `json:"tags"`
	Lessons  []string `json:"lessons"`
}

func (d document) outline(k catalog.Kind) string {
	org, city := "-", "-"
	if d.Org != nil {
		org = d.Org.Name
	}
	if d.City != "" {
		city = d.City
	}
	switch k {
	case catalog.KindCourse:
		return fmt.Sprintf("%s|%d|%d|%s|%d|%d", d.Name, d.Minutes, d.Students, org, len(d.Tags), len(d.Lessons))
	case catalog.KindOrg:
		return fmt.Sprintf("%s|%s|%d", d.Name, city, d.Courses)
	default:
		return fmt.Sprintf("%s|%s|%d", d.Name, org, d.Courses)
	}
}

// mustBeEqual waits until the documents that searches see are those of the rows, and then
// has `xunke verify` compare everything, field by field.
func (w *world) mustBeEqual() {
	w.t.Helper()
	for _, k := range catalog.Kinds() {
		w.eventually(fmt.Sprintf("the %s are as in MySQL", k.Plural()), func() (bool, string) {
			difference, err := w.difference(w.t.Context(), k)
			if err != nil {
				return false, err.Error()
			}
			return difference == "", difference
		})
	}
	if r := w.run("verify"); r.status != 0 {
		w.t.Fatalf("verify: %s", r)
	}
}

// difference compares the outlines of one kind, "" when all are equal.
func (w *world) difference(ctx context.Context, k catalog.Kind) (string, error) {
	rows, err := w.rows(ctx, k)
	if err != nil {
		return "", err
	}
	documents, err := w.documents(ctx, k)
	if err != nil {
		return "", err
	}
	var wrong []string
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		if got, ok := documents[id]; !ok {
			wrong = append(wrong, fmt.Sprintf("%d is missing (%s)", id, rows[id]))
		} else if got != rows[id] {
			wrong = append(wrong, fmt.Sprintf("%d is %s and should be %s", id, got, rows[id]))
		}
		delete(documents, id)
	}
	for _, id := range slices.Sorted(maps.Keys(documents)) {
		wrong = append(wrong, fmt.Sprintf("%d has no visible row (%s)", id, documents[id]))
	}
	if len(wrong) == 0 {
		return "", nil
	}
	return fmt.Sprintf("%d differences, the first: %s", len(wrong), wrong[0]), nil
}

func (w *world) rows(ctx context.Context, k catalog.Kind) (map[int64]string, error) {
	rows, err := w.db.QueryContext(ctx, outlines[k])
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	outlines := map[int64]string{}
	for rows.Next() {
		var id int64
		var outline string
		if err := rows.Scan(&id, &outline); err != nil {
			return nil, err
		}
		outlines[id] = outline
	}
	return outlines, rows.Err()
}

// documents reads what a search behind the alias of a kind sees.
func (w *world) documents(ctx context.Context, k catalog.Kind) (map[int64]string, error) {
	const page = 2000
	outlines := map[int64]string{}
	for after := int64(0); ; {
		body := map[string]any{
			"size": page, "query": map[string]any{"term": map[string]any{"deleted": false}},
			"sort": []any{map[string]any{"id": "asc"}}, "search_after": []any{after}, "track_total_hits": false,
		}
		var found struct {
			Hits struct {
				Hits []struct {
					Source document `json:"_source"`
				} `json:"hits"`
			} `json:"hits"`
		}
		if err := w.client.Do(ctx, "POST", "/"+w.client.Alias(k)+"/_search", body, &found); err != nil {
			return nil, err
		}
		for _, h := range found.Hits.Hits {
			after = h.Source.ID
			outlines[after] = h.Source.outline(k)
		}
		if len(found.Hits.Hits) < page {
			return outlines, nil
		}
	}
}

// state is what the indexers of this installation have written down; nobody may have yet.
// The index that it is in may have been made this moment and not answer yet.
func (w *world) state() (s indexer.State) {
	w.t.Helper()
	w.eventually("the indexers' state can be read", func() (ok bool, why string) {
		var err error
		s, err = elastic.NewStateStore(w.client).LoadState(w.t.Context())
		return err == nil, fmt.Sprint(err)
	})
	return s
}

// serving waits until every kind is served for the first time.
func (w *world) serving() {
	w.t.Helper()
	w.eventually("the first indices serve", func() (bool, string) {
		s := w.state()
		for _, k := range catalog.Kinds() {
			if s.Serving(k) == nil {
				return false, fmt.Sprintf("no index of %s serves; the last error is %q", k.Plural(), s.LastError)
			}
		}
		return true, ""
	})
}

// leads waits until a process is the leader by its own account in the shared state.
func (w *world) leads(p *process) {
	w.t.Helper()
	w.eventually(p.name+" leads", func() (bool, string) {
		select {
		case <-p.ended:
			w.t.Fatalf("%s ended: %s\n%s", p.name, p.outcome(), p.stderr.tail(tailLines))
		default:
		}
		return equals(w.state().PID, p.cmd.Process.Pid)
	})
}

// tidy checks that no process has left an index behind that is not a generation, that
// nothing is being built, and that each alias points at the one index that serves.
func (w *world) tidy() {
	w.t.Helper()
	w.eventually("only generations are left", func() (bool, string) {
		s := w.state()
		want := []string{w.client.State()}
		for _, g := range s.Live {
			want = append(want, g.Index)
			if g.Stage == indexer.StageBuilding {
				return false, g.Index + " is still being built"
			}
		}
		slices.Sort(want)
		var indices map[string]struct {
			Aliases map[string]any `json:"aliases"`
		}
		if err := w.client.Do(w.t.Context(), "GET", "/"+w.client.Prefix+"-*?filter_path=*.aliases", nil, &indices); err != nil {
			return false, err.Error()
		}
		have := slices.Sorted(maps.Keys(indices))
		have = slices.DeleteFunc(have, func(name string) bool { return name == w.client.DeadLetters() })
		if !slices.Equal(have, want) {
			return false, fmt.Sprintf("there are indices %v and the generations are %v", have, want)
		}
		for _, k := range catalog.Kinds() {
			for name, index := range indices {
				_, served := index.Aliases[w.client.Alias(k)]
				if serving := s.Serving(k); served != (serving != nil && serving.Index == name) {
					return false, fmt.Sprintf("the alias of %s and the state do not agree about %s", k.Plural(), name)
				}
			}
		}
		return true, ""
	})
	w.noDeadLetters()
}

// noDeadLetters checks that Elasticsearch refused nothing.
func (w *world) noDeadLetters() {
	w.t.Helper()
	var letters json.RawMessage
	err := w.client.Do(w.t.Context(), "GET", "/"+w.client.DeadLetters()+"/_search?filter_path=hits.hits._source", nil, &letters)
	if status, ok := errors.AsType[*elastic.StatusError](err); ok && status.Status == 404 {
		return
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if string(letters) != "{}" {
		w.t.Errorf("Elasticsearch refused documents: %s", letters)
	}
}
