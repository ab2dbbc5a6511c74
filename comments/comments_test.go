package comments_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/comments"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParseText(t *testing.T) {
	for typed, want := range map[string]string{
		"讲得很清楚":                               "讲得很清楚",
		"  第一行  \r\n\r\n\r\n第二 \t 行\n":        "第一行\n\n第二 行",
		"a\u202eb\u0000c\u200bd":              "abcd",
		"好👨\u200d👩\u200d👧":                    "好👨\u200d👩\u200d👧",
		"<script>alert(1)</script>":           "<script>alert(1)</script>", // plain text: who shows it escapes it
		"e\u0301te":                           "éte",
		strings.Repeat("字", comments.MaxText): strings.Repeat("字", comments.MaxText),
	} {
		if got, why := comments.ParseText(typed); got != want || why != "" {
			t.Errorf("%q: %q, %s; want %q", typed, got, why, want)
		}
	}
	for _, typed := range []string{"", "a", " \n\t ", "\u200b\u200b\u200b", "\u200d\u200d\u200d", strings.Repeat("字", comments.MaxText+1), strings.Repeat("a ", 1<<20), "a\xffb"} {
		if got, why := comments.ParseText(typed); why == "" {
			t.Errorf("%.20q is taken: %.20q", typed, got)
		}
	}
}

// FuzzParseText: what is taken is taken again as it is, and has nothing that cannot be seen.
func FuzzParseText(f *testing.F) {
	for _, seed := range []string{"讲得很清楚", "a\r\nb\u202e", "👨\u200d👩", "\n\n\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		text, why := comments.ParseText(typed)
		if why != "" {
			return
		}
		if again, why := comments.ParseText(text); again != text || why != "" {
			t.Errorf("%q becomes %q, and that %q, %s", typed, text, again, why)
		}
		if strings.ContainsAny(text, "\x00\u202e\r") || len([]rune(text)) > comments.MaxText {
			t.Errorf("%q becomes %q", typed, text)
		}
	})
}

type room struct {
	*comments.Service
	store.Comments
	t  *testing.T
	db *sql.DB
}

func newRoom(t *testing.T) *room {
	t.Helper()
	db := testenv.MySQL(t, testenv.Config(t))
	for i := 1; i <= 3; i++ {
		testenv.Exec(t, db, fmt.Sprintf(`INSERT INTO accounts (id, email, email_key, nickname, password, created_at) VALUES (%d, '%d@school.example', '%d@school.example', '小%d', '', UTC_TIMESTAMP(6))`, i, i, i, i))
		testenv.Exec(t, db, fmt.Sprintf(`INSERT INTO courses (id, name, hidden) VALUES (%d, '课程%d', %t)`, i, i, i == 3))
	}
	s := store.NewComments(db)
	return &room{&comments.Service{Store: s, Log: slog.New(slog.DiscardHandler)}, s, t, db}
}

func (r *room) count(query string) (n int) {
	r.t.Helper()
	if err := r.db.QueryRowContext(r.t.Context(), query).Scan(&n); err != nil {
		r.t.Fatal(err)
	}
	return n
}

func (r *room) shown(course int64) comments.CommentList {
	r.t.Helper()
	list, err := r.Service.Shown(r.t.Context(), course, catalog.Page{Limit: 10})
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

func code(err error) catalog.Code {
	if err == nil {
		return ""
	}
	return catalog.CodeOf(err)
}

// TestAComment goes its way: written, waiting, shown, replied to, hidden, deleted.
func TestAComment(t *testing.T) {
	r, ctx, now := newRoom(t), t.Context(), time.Now().UTC()
	for _, tc := range []struct {
		account, course int64
		text            string
		want            catalog.Code
	}{
		{1, 1, "讲得很清楚", ""}, {1, 1, " 讲得很清楚 ", ""}, {2, 1, "讲得很清楚", ""},
		{1, 3, "隐藏的课程", catalog.CodeNotFound}, {1, 9, "没有的课程", catalog.CodeNotFound}, {9, 1, "没有的账号", catalog.CodeLogin}, {1, 1, "", catalog.CodeInvalid},
	} {
		if err := r.Write(ctx, tc.account, tc.course, tc.text); code(err) != tc.want {
			t.Errorf("%+v: %v", tc, err)
		}
	}
	if list := r.shown(1); list.Total != 0 || len(list.Hits) != 0 {
		t.Errorf("shown before anybody has looked at it: %+v", list)
	}
	waiting, err := r.In(ctx, comments.Waiting, catalog.Page{Limit: 10})
	if err != nil || waiting.Total != 2 || waiting.Hits[0].Course.Name != "课程1" {
		t.Fatalf("%+v, %v", waiting, err)
	}
	id := waiting.Hits[0].ID
	for range 2 { // shown twice, told once
		if err := r.Decide(ctx, id, comments.Shown, now); err != nil {
			t.Fatal(err)
		}
	}
	testenv.Exec(t, r.db, `INSERT INTO course_ratings (course_id, learner_id, stars) VALUES (1, 1, 4)`)
	if list := r.shown(1); list.Total != 1 || list.Hits[0].Nickname != "小1" || list.Hits[0].Text != "讲得很清楚" || list.Hits[0].Stars == nil || *list.Hits[0].Stars != 4 || list.Hits[0].Reply != nil {
		t.Errorf("shown: %+v", list)
	}
	if err := r.Reply(ctx, id, "谢谢", now); err != nil {
		t.Fatal(err)
	}
	if list := r.shown(1); list.Hits[0].Reply == nil || list.Hits[0].Reply.Text != "谢谢" {
		t.Errorf("replied to: %+v", list)
	}
	if n := r.count(`SELECT COUNT(*) FROM message_recipients WHERE account_id = 1`); n != 2 {
		t.Errorf("told %d times", n)
	}
	own, err := r.Service.Own(ctx, 1, catalog.Page{Limit: 10})
	if err != nil || own.Total != 1 || own.Hits[0].State != comments.Shown {
		t.Errorf("%+v, %v", own, err)
	}
	if err := r.Decide(ctx, id, comments.Hidden, now); err != nil || r.shown(1).Total != 0 {
		t.Errorf("hidden: %v", err)
	}
	if err := r.Service.Delete(ctx, 2, id); code(err) != catalog.CodeNotFound {
		t.Errorf("somebody else deletes it: %v", err)
	}
	if err := r.Service.Delete(ctx, 1, id); err != nil {
		t.Error(err)
	}
	for _, err := range []error{r.Service.Delete(ctx, 1, id), r.Decide(ctx, id, comments.Shown, now), r.Reply(ctx, id, "x", now)} {
		if code(err) != catalog.CodeNotFound {
			t.Errorf("it is still there: %v", err)
		}
	}
	if record, err := r.Export(ctx, 2); err != nil || len(record.Comments) != 1 {
		t.Errorf("%+v, %v", record, err)
	}
	if err := r.Service.Erase(ctx, 2); err != nil || r.count(`SELECT COUNT(*) FROM comments`) != 0 {
		t.Errorf("erased: %v", err)
	}
}

// TestNobodyFloods: the same at the same time is one, and no more wait than may.
func TestNobodyFloods(t *testing.T) {
	r := newRoom(t)
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			err := r.Write(t.Context(), 1, 1, fmt.Sprintf("第%d条评论", i/2))
			if c := code(err); c != "" && c != catalog.CodeConflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n, texts := r.count(`SELECT COUNT(*) FROM comments`), r.count(`SELECT COUNT(DISTINCT text) FROM comments`); n != comments.MaxWaiting || texts != n {
		t.Errorf("%d comments wait, %d texts", n, texts)
	}
	r.Limit = limit{}
	if err := r.Write(t.Context(), 2, 1, "太快了"); code(err) != catalog.CodeTooMany {
		t.Errorf("%v", err)
	}
}

type limit struct{}

func (limit) Take(context.Context, string) time.Duration { return time.Minute }
