package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/ops"
)

// TestDeadLetters has Elasticsearch itself refuse a document, by an ingest pipeline, and
// follows the letter until its row is mended.
func TestDeadLetters(t *testing.T) {
	c := testenv.Config(t)
	db := testenv.MySQL(t, c)
	client := testenv.Elasticsearch(t, c)
	exec := func(statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO courses (id, name) VALUES (1, '数据结构')`)
	startIndexer(t)
	testenv.Eventually(t, 2*time.Minute, "the first index", func() (bool, string) {
		s, err := runJSON[ops.Status](t, "status")
		return err == nil && s.Reindex != nil && s.Reindex.Phase == indexer.PhaseDone, fmt.Sprint(err)
	})
	if out, err := runCommand(t, "deadletters", "list"); err != nil || !strings.Contains(out, "There are none") {
		t.Errorf("list without any: %v\n%s", err, out)
	}

	pipeline := c.Elasticsearch.Prefix + "-refuses"
	always := context.WithoutCancel(t.Context())
	put := func(path string, body any) {
		t.Helper()
		if err := client.Do(always, "PUT", path, body, nil); err != nil {
			t.Fatal(err)
		}
	}
	put("/_ingest/pipeline/"+pipeline, map[string]any{"processors": []any{
		map[string]any{"convert": map[string]any{"if": "ctx.name == '毒'", "field": "name", "type": "integer"}},
	}})
	index := client.Alias(catalog.KindCourse)
	put("/"+index+"/_settings", map[string]any{"index.final_pipeline": pipeline})
	t.Cleanup(func() {
		// The index goes first: a pipeline in use cannot be deleted.
		put("/"+index+"/_settings", map[string]any{"index.final_pipeline": nil})
		if err := client.Do(always, "DELETE", "/_ingest/pipeline/"+pipeline, nil, nil); err != nil {
			t.Error(err)
		}
	})

	exec(`INSERT INTO courses (id, name) VALUES (2, '毒'), (3, '好')`)
	testenv.Eventually(t, time.Minute, "the dead letter", func() (bool, string) {
		out, err := runCommand(t, "deadletters", "list", "--kind", "course")
		return err == nil && strings.Contains(out, "course 2") && strings.Contains(out, "\n1 in all"), fmt.Sprint(out, err)
	})
	letters, err := runJSON[[]indexer.DeadLetter](t, "deadletters", "show", "course", "2")
	if err != nil || len(letters) != 1 || letters[0].ID != 2 || letters[0].Kind != catalog.KindCourse ||
		!strings.Contains(letters[0].Reason, "毒") || letters[0].GTID == "" {
		t.Errorf("show: %v, %+v", err, letters)
	}
	if list, err := runJSON[ops.DeadLetterList](t, "deadletters", "list", "--kind", "org"); err != nil || list.Total != 0 || list.Oldest != nil {
		t.Errorf("list of another kind: %v, %+v", err, list)
	}
	if s, err := runJSON[ops.Status](t, "status"); err != nil || s.OldestLetter == nil || time.Since(*s.OldestLetter) > time.Hour {
		t.Errorf("status does not tell since when: %v, %v", err, s.OldestLetter)
	}
	if s, err := runJSON[ops.Status](t, "status"); err != nil || !strings.Contains(strings.Join(s.Problems, "\n"), "xunke deadletters list") {
		t.Errorf("status with a dead letter: %v, %+v", err, s.Problems)
	}
	if r, err := runJSON[ops.RetryResult](t, "deadletters", "retry", "--all"); !hasFailed(err) || r.Items != 1 || r.Refused != 1 || r.Settled != 0 {
		t.Errorf("retry of a row that is as it was: %v, %+v", err, r)
	}
	exec(`UPDATE courses SET name = '解药' WHERE id = 2`)
	if r, err := runJSON[ops.RetryResult](t, "deadletters", "retry", "course", "2"); err != nil || r.Items != 1 || r.Settled != 1 || r.Refused != 0 {
		t.Errorf("retry of a mended row: %v, %+v", err, r)
	}
	if out, err := runCommand(t, "verify"); err != nil {
		t.Errorf("verify after the retry: %v\n%s", err, out)
	}
	if list, err := runJSON[ops.DeadLetterList](t, "deadletters", "list"); err != nil || list.Total != 0 {
		t.Errorf("after the retry: %v, %+v", err, list)
	}

	exec(`UPDATE courses SET name = '毒' WHERE id = 3`)
	testenv.Eventually(t, time.Minute, "the next dead letter", func() (bool, string) {
		out, err := runCommand(t, "deadletters", "list")
		return err == nil && strings.Contains(out, "course 3"), out
	})
	if out, err := runCommand(t, "deadletters", "drop", "course", "3"); err != nil || !strings.Contains(out, "1 dead letters dropped") {
		t.Errorf("drop: %v\n%s", err, out)
	}
	for _, wrong := range [][]string{{"retry"}, {"drop", "course"}, {"retry", "planet", "1"}, {"show", "course", "x"}, {"retry", "course", "1", "--all"}} {
		if _, err := runCommand(t, append([]string{"deadletters"}, wrong...)...); err == nil {
			t.Errorf("%v succeeded", wrong)
		}
	}
}
