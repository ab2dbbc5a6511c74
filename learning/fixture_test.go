package learning_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/learning"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// class is learners on the real MySQL: accounts 1 to 9, courses 1 to 9 of org 1 with teacher 1,
// of which 9 is hidden; course 1 has the lessons 1 to 3 of 10, 20 and an unknown number of minutes.
type class struct {
	*learning.Service
	t  *testing.T
	db *sql.DB

	mu  sync.Mutex
	now time.Time
}

func newClass(t *testing.T) *class {
	t.Helper()
	c := &class{t: t, db: testenv.MySQL(t, testenv.Config(t)), now: time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC)}
	c.Service = &learning.Service{
		Store: store.NewLearning(c.db), Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.now
		},
	}
	c.exec(`INSERT INTO orgs (id, name) VALUES (1, '清华大学')`)
	c.exec(`INSERT INTO teachers (id, name, org_id) VALUES (1, '凌若溪', 1)`)
	for i := 1; i <= 9; i++ {
		c.exec(`INSERT INTO accounts (id, email, email_key, password, created_at) VALUES (?, ?, ?, '', UTC_TIMESTAMP(6))`,
			i, fmt.Sprintf("%d@school.example", i), fmt.Sprintf("%d@school.example", i))
		c.exec(`INSERT INTO courses (id, name, org_id, starting_students, hidden) VALUES (?, ?, 1, 100, ?)`, i, fmt.Sprintf("课程%d", i), i == 9)
	}
	for i, minutes := range []int{10, 20, 0} {
		c.exec(`INSERT INTO lessons (id, course_id, name, position) VALUES (?, 1, ?, ?)`, i+1, fmt.Sprintf("第%d课", i+1), i)
		c.exec(`INSERT INTO videos (lesson_id, name, minutes) VALUES (?, '上', ?), (?, '下', ?)`, i+1, minutes/2, i+1, minutes-minutes/2)
	}
	return c
}

// pass lets time go on.
func (c *class) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// exec changes rows.
func (c *class) exec(statement string, args ...any) {
	c.t.Helper()
	if _, err := c.db.ExecContext(c.t.Context(), statement, args...); err != nil {
		c.t.Fatal(err)
	}
}

// number is the one number that a query answers.
func (c *class) number(query string, args ...any) (n int64) {
	c.t.Helper()
	if err := c.db.QueryRowContext(c.t.Context(), query, args...).Scan(&n); err != nil {
		c.t.Fatal(err)
	}
	return n
}

// text is the one text that a query answers.
func (c *class) text(query string, args ...any) (s string) {
	c.t.Helper()
	if err := c.db.QueryRowContext(c.t.Context(), query, args...).Scan(&s); err != nil {
		c.t.Fatal(err)
	}
	return s
}

// is checks an answer and that there was no error.
func is[T comparable](t *testing.T, want T) func(got T, err error) {
	t.Helper()
	return func(got T, err error) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
}

// refused checks the code of an error.
func refused(t *testing.T, want catalog.Code) func(answer any, err error) {
	t.Helper()
	return func(_ any, err error) {
		t.Helper()
		if err == nil || catalog.CodeOf(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func course(id int64) catalog.Key { return catalog.Key{Kind: catalog.KindCourse, ID: id} }
