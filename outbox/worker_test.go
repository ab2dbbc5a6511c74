package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/retry"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/outbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// count is a handler that counts how often it did which job.
type count struct {
	mu   sync.Mutex
	done map[string]int
	fail func(payload string) error
}

func (c *count) handle(_ context.Context, payload json.RawMessage) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = map[string]int{}
	}
	c.done[string(payload)]++
	if c.fail != nil {
		return c.fail(string(payload))
	}
	return nil
}

// TestEachJobIsDoneOnce by workers of many processes at the same time.
func TestEachJobIsDoneOnce(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	s := store.NewOutbox(db)
	const jobs = 200
	for i := range jobs {
		testenv.Exec(t, db, fmt.Sprintf(`INSERT INTO outbox_jobs (kind, payload, created_at, due_at) VALUES ('count', '{"n": %d}', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`, i))
	}
	if b, err := s.Backlog(t.Context()); err != nil || b.Waiting != jobs || b.Dead != 0 || b.Overdue <= 0 {
		t.Errorf("%+v, %v", b, err)
	}
	c := &count{}
	var group sync.WaitGroup
	for range 8 {
		w := outbox.NewWorker(s, map[string]outbox.Handler{"count": c.handle}, slog.New(slog.DiscardHandler))
		group.Go(func() {
			for {
				n, err := w.Work(t.Context())
				if err != nil {
					t.Error(err)
				}
				if b, err := s.Backlog(t.Context()); err != nil || n == 0 && b.Waiting == 0 {
					return
				}
			}
		})
	}
	group.Wait()
	for payload, n := range c.done {
		if n != 1 {
			t.Errorf("%s was done %d times", payload, n)
		}
	}
	if b, err := s.Backlog(t.Context()); len(c.done) != jobs || err != nil || b != (outbox.Backlog{}) {
		t.Errorf("%d jobs were done, %+v is left, %v", len(c.done), b, err)
	}
}

// TestAJobOfACrashedWorkerIsDoneAgain once its lease has ended; the first one, if it was only
// slow, changes nothing any more.
func TestAJobOfACrashedWorkerIsDoneAgain(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	s := store.NewOutbox(db)
	testenv.Exec(t, db, `INSERT INTO outbox_jobs (kind, payload, created_at, due_at) VALUES ('count', '{}', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`)
	take := func(lease time.Duration) []outbox.Job {
		t.Helper()
		jobs, err := s.Take(t.Context(), 10, lease)
		if err != nil {
			t.Fatal(err)
		}
		return jobs
	}
	first := take(time.Hour)
	if len(first) != 1 || first[0].Attempts != 1 || len(take(time.Hour)) != 0 {
		t.Fatalf("taken: %+v, or twice", first)
	}
	testenv.Exec(t, db, `UPDATE outbox_jobs SET due_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND`) // the lease has ended
	second := take(time.Hour)
	if len(second) != 1 || second[0].Attempts != 2 {
		t.Fatalf("taken again: %+v", second)
	}
	for what, err := range map[string]error{
		"finish": s.Finish(t.Context(), first[0]), "retry": s.Retry(t.Context(), first[0], 0, "late"), "bury": s.Bury(t.Context(), first[0], "late"),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if row, err := s.Job(t.Context(), first[0].ID); err != nil || row.State != "waiting" || row.Reason != "" || !row.DueAt.After(time.Now().Add(time.Minute)) {
		t.Errorf("the slow one has changed it: %+v, %v", row, err)
	}
	if err := s.Finish(t.Context(), second[0]); err != nil {
		t.Error(err)
	}
	if _, err := s.Job(t.Context(), first[0].ID); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("it is still there: %v", err)
	}
}

func TestFailuresAreTriedAgainAndThenKept(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	s := store.NewOutbox(db)
	testenv.Exec(t, db,
		`INSERT INTO outbox_jobs (id, kind, payload, created_at, due_at) VALUES
		(1, 'count', '{"email": "somebody@school.example", "password": "$argon2id$x", "language": "zh", "account_id": 7}', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
		(2, 'count', '{"n": 2}', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)), (3, 'unknown', '{}', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`)
	failures := 0
	c := &count{fail: func(payload string) error {
		switch {
		case strings.Contains(payload, "somebody"):
			return outbox.Permanent(errors.New("550 no such user <somebody@school.example>"))
		case failures < 3:
			failures++
			if failures == 2 {
				panic("out of cheese")
			}
			return errors.New("the server is away")
		}
		return nil
	}}
	w := outbox.NewWorker(s, map[string]outbox.Handler{"count": c.handle}, slog.New(slog.DiscardHandler)).
		WithPauses(retry.Backoff{First: time.Millisecond, Max: time.Millisecond})
	testenv.Eventually(t, time.Minute, "one dead, one done, one unknown", func() (bool, string) {
		if _, err := w.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		b, err := s.Backlog(t.Context())
		row, _ := s.Job(t.Context(), 3)
		return err == nil && b.Waiting == 1 && b.Dead == 1 && row.Attempts > 0, fmt.Sprintf("%+v, %v", b, err)
	})
	if c.done[`{"n": 2}`] != 4 {
		t.Errorf("it was tried %v times, not 4", c.done)
	}
	dead, err := s.List(t.Context(), true, 10)
	if err != nil || len(dead) != 1 {
		t.Fatalf("%+v, %v", dead, err)
	}
	shown, err := json.Marshal(dead[0])
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"somebody": false, "argon2id": false, "s***@school.example": true, `"language":"zh"`: true, `"account_id":7`: true, "(an address)": true} {
		if strings.Contains(string(shown), text) != want {
			t.Errorf("%s in %s: want %v", text, shown, want)
		}
	}
	if n, err := s.Revive(t.Context(), 0); err != nil || n != 1 {
		t.Errorf("%d revived, %v", n, err)
	}
	if row, err := s.Job(t.Context(), 1); err != nil || row.State != "waiting" || row.Attempts != 0 {
		t.Errorf("%+v, %v", row, err)
	}
	if n, err := s.Drop(t.Context(), 1); err != nil || n != 1 {
		t.Errorf("%d dropped, %v", n, err)
	}
	for what, change := range map[string]func(context.Context, int64) (int64, error){"retry": s.Revive, "drop": s.Drop} {
		if _, err := change(t.Context(), 1); catalog.CodeOf(err) != catalog.CodeNotFound {
			t.Errorf("%s of what is not there: %v", what, err)
		}
	}
}
