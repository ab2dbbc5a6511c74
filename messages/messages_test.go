package messages_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/retry"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/messages"
	"github.com/xunke/xunke/outbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// people are learners on the real MySQL; number 1 reads English.
type people struct {
	*messages.Service
	t    *testing.T
	db   *sql.DB
	work *outbox.Worker
}

func newPeople(t *testing.T, learners int) *people {
	t.Helper()
	p := &people{t: t, db: testenv.MySQL(t, testenv.Config(t))}
	testenv.Exec(t, p.db, fmt.Sprintf(`INSERT INTO accounts (id, email, email_key, password, language, created_at)
		WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		SELECT /*+ SET_VAR(cte_max_recursion_depth = 200000) */ i, CONCAT(i, '@school.example'), CONCAT(i, '@school.example'), '', IF(i = 1, 'en', 'zh'), UTC_TIMESTAMP(6) FROM n`, learners))
	testenv.Exec(t, p.db, `INSERT INTO courses (id, name, hidden) VALUES (1, '数据结构', FALSE), (2, '隐藏', TRUE)`)
	log := slog.New(slog.DiscardHandler)
	p.Service = &messages.Service{Store: store.NewMessages(p.db), Log: log}
	p.work = outbox.NewWorker(store.NewOutbox(p.db), p.Handlers(), log).WithPauses(retry.Backoff{First: 1, Max: 1})
	return p
}

// deliver does all jobs that there are.
func (p *people) deliver() {
	p.t.Helper()
	for {
		n, err := p.work.Work(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func (p *people) of(account int64) messages.MessageList {
	p.t.Helper()
	list, err := p.List(p.t.Context(), account, catalog.Page{Limit: 10})
	if err != nil {
		p.t.Fatal(err)
	}
	return list
}

func (p *people) count(query string) (n int) {
	p.t.Helper()
	if err := p.db.QueryRowContext(p.t.Context(), query).Scan(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}

func TestMessagesOfAdmins(t *testing.T) {
	p, ctx := newPeople(t, 5), t.Context()
	testenv.Exec(t, p.db, `INSERT INTO enrolments (learner_id, course_id) VALUES (1, 1), (3, 1), (4611686018427387904, 1)`)
	for _, tc := range []struct {
		subject, text string
		to            messages.Audience
		want          catalog.Code
	}{
		{" 停机  维护 ", "今晚十点。", messages.Audience{All: true}, ""},
		{"作业", "周五截止。", messages.Audience{Course: 1}, ""},
		{"你好", "有空回复。", messages.Audience{Account: 2}, ""},
		{"没有", "这门课程。", messages.Audience{Course: 2}, catalog.CodeNotFound},
		{"没有", "这个账号。", messages.Audience{Account: 99}, catalog.CodeNotFound},
		{"", "", messages.Audience{All: true}, catalog.CodeInvalid},
		{strings.Repeat("长", messages.MaxSubject+1), "x", messages.Audience{All: true}, catalog.CodeInvalid},
	} {
		if err := p.Send(ctx, tc.subject, tc.text, tc.to); (err != nil) != (tc.want != "") || err != nil && catalog.CodeOf(err) != tc.want {
			t.Errorf("%+v: %v", tc, err)
		}
	}
	p.deliver()
	for account, subjects := range map[int64]string{1: "作业 停机 维护", 2: "你好 停机 维护", 3: "作业 停机 维护", 4: "停机 维护"} {
		list := p.of(account)
		var got []string
		for _, m := range list.Hits {
			got = append(got, m.Subject)
		}
		if strings.Join(got, " ") != subjects || list.Unread != list.Total || list.Total != int64(len(got)) {
			t.Errorf("%d was told %v, %d unread", account, got, list.Unread)
		}
	}
	if n := p.count(`SELECT COUNT(*) FROM message_recipients`); n != 8 {
		t.Errorf("%d rows", n)
	}

	list := p.of(1)
	first := list.Hits[0]
	if first.URL != "/courses/1" || first.Read {
		t.Errorf("%+v", first)
	}
	for range 2 {
		if err := p.Read(ctx, 1, first.ID); err != nil {
			t.Error(err)
		}
	}
	if list = p.of(1); list.Unread != 1 || !list.Hits[0].Read {
		t.Errorf("%+v", list)
	}
	if err := p.Read(ctx, 4, first.ID); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("somebody else's: %v", err)
	}
	if err := p.Read(ctx, 1, 0); err != nil || p.of(1).Unread != 0 || p.of(2).Unread != 2 {
		t.Errorf("all: %v", err)
	}
	if err := p.Delete(ctx, 1, first.ID); err != nil || p.of(1).Total != 1 {
		t.Error(err)
	}
	if err := p.Delete(ctx, 1, first.ID); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("again: %v", err)
	}
	if record, err := p.Export(ctx, 3); err != nil || len(record.Messages) != 2 {
		t.Errorf("%+v, %v", record, err)
	}
	if err := p.Erase(ctx, 3); err != nil || p.of(3).Total != 0 {
		t.Errorf("erased: %v", err)
	}
}

// TestAMessageToMany: to more than one step and one job give, each gets it once, also where a step is
// made again after a crash.
func TestAMessageToMany(t *testing.T) {
	const learners = 101_000
	p := newPeople(t, learners)
	if err := p.Send(t.Context(), "大家好", "欢迎。", messages.Audience{All: true}); err != nil {
		t.Fatal(err)
	}
	var jobs int
	testenv.Exec(t, p.db, `INSERT INTO outbox_jobs (kind, payload, created_at, due_at) SELECT kind, payload, created_at, due_at FROM outbox_jobs`) // done twice
	for ; ; jobs++ {
		n, err := p.work.Work(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if n := p.count(`SELECT COUNT(*) FROM message_recipients`); n != learners || jobs < 2 {
		t.Errorf("%d were told in %d turns, want %d in several", n, jobs, learners)
	}
}

// TestNewLessons: who likes a course is told of its new lessons, once, in their language.
func TestNewLessons(t *testing.T) {
	p, ctx := newPeople(t, 3), t.Context()
	testenv.Exec(t, p.db, `INSERT INTO favorites (account_id, kind, item_id, created_at) VALUES (1, 'course', 1, NOW(3)), (2, 'course', 1, NOW(3)), (3, 'course', 2, NOW(3)), (3, 'org', 1, NOW(3))`)
	lesson := func(course int) {
		testenv.Exec(t, p.db, fmt.Sprintf(`INSERT INTO lessons (course_id, name) VALUES (%d, '新')`, course))
	}
	announce := func(want int) {
		t.Helper()
		if err := p.Announce(ctx); err != nil {
			t.Fatal(err)
		}
		p.deliver()
		if n := p.count(`SELECT COUNT(*) FROM message_recipients`); n != want {
			t.Errorf("%d were told, want %d", n, want)
		}
	}
	later := func() {
		testenv.Exec(t, p.db, `UPDATE announced_lessons SET seen_at = seen_at - INTERVAL 1 MINUTE`)
	}
	lesson(1)
	lesson(1)
	lesson(2) // hidden
	later()
	announce(0) // seen, and an earlier one may not be committed yet
	lesson(1)
	announce(0) // somebody has just looked
	later()
	announce(2)
	if m := p.of(2).Hits[0]; m.Kind != messages.NewLessons || m.Subject != "你收藏的《数据结构》有了新课时" || m.URL != "/courses/1" {
		t.Errorf("%+v", m)
	}
	later()
	announce(4)
	later()
	announce(4)
	testenv.Exec(t, p.db, `UPDATE courses SET hidden = TRUE`)
	if m := p.of(1).Hits[0]; m.Subject != "a course that is gone, one of your favourites, has new lessons" || m.URL != "" {
		t.Errorf("of a course that is hidden: %+v", m)
	}
}
