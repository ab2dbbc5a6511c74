package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/mail/mailtest"
	"github.com/xunke/xunke/internal/testenv"
)

const (
	learnerEmail    = "learner+1@school.example"
	learnerPassword = "thirteen lanterns drift"
)

// learnerSite is an API with accounts on real servers behind gates.
type learnerSite struct {
	*site
	db  *sql.DB
	log *lockedText
}

type lockedText struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newLearnerSite(t *testing.T, set func(*config.Config)) *learnerSite {
	t.Helper()
	c := testenv.Config(t)
	db := testenv.MySQL(t, c)
	set(&c)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &learnerSite{site: &site{t: t, base: "http://" + listener.Addr().String()}, db: db, log: &lockedText{}}
	a := &app{config: s.behindGates(c), log: slog.New(slog.NewTextHandler(s.log, nil))}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.serveOn(ctx, listener, false) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ended with: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

// device is somebody's browser.
type device struct {
	s      *learnerSite
	client *http.Client
}

func (s *learnerSite) device() *device {
	jar, _ := cookiejar.New(nil)
	return &device{s, &http.Client{Jar: jar}}
}

func (d *device) call(method, path, body string) (status int, answer string, header http.Header) {
	d.s.t.Helper()
	r, err := http.NewRequestWithContext(d.s.t.Context(), method, d.s.base+path, strings.NewReader(body))
	if err != nil {
		d.s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := d.client.Do(r)
	if err != nil {
		d.s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	defer d.client.CloseIdleConnections()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		d.s.t.Fatal(err)
	}
	return res.StatusCode, string(raw), res.Header
}

// expect makes a call and checks its status.
func (d *device) expect(status int, method, path, body string) string {
	d.s.t.Helper()
	got, answer, _ := d.call(method, path, body)
	if got != status {
		d.s.t.Errorf("%s %s: %d %s, want %d", method, path, got, answer, status)
	}
	return answer
}

func credentials(password string) string {
	return fmt.Sprintf(`{"email":%q,"password":%q}`, learnerEmail, password)
}

// TestALearnersWay goes over HTTP with a real mail server: register, activate, log in,
// recover, old sessions out; with the servers away at each step that needs them.
func TestALearnersWay(t *testing.T) {
	authority := testenv.NewAuthority(t)
	mails := mailtest.Start(t, authority.Server(time.Hour, "127.0.0.1"))
	s := newLearnerSite(t, func(c *config.Config) {
		c.Mail = config.Mail{
			Sender: config.SenderSMTP, Host: mails.Host, Port: mails.Port, TLS: "starttls", CA: authority.File,
			Username: "mailer", Password: "a password of the tests", From: "寻课 <no-reply@school.example>",
		}
	})
	phone, desk := s.device(), s.device()

	mails.Stop() // the mail server is away: the mail goes once it is back
	phone.expect(http.StatusAccepted, "POST", "/api/v1/auth/register", credentials(learnerPassword))
	testenv.Eventually(t, time.Minute, "the mail is tried", func() (bool, string) {
		out, err := runCommand(t, "jobs", "list", "--json")
		return err == nil && strings.Contains(out, "connection refused"), out
	})
	if out, err := runCommand(t, "jobs", "list"); err != nil || !strings.Contains(out, "account.register") || strings.Contains(out, "learner+1") {
		t.Errorf("jobs: %s, %v", out, err)
	}
	mails.Resume()
	code := mails.Await(learnerEmail, 0).Code()
	phone.expect(http.StatusUnauthorized, "POST", "/api/v1/auth/login", credentials(learnerPassword))

	s.mysql.Close() // and MySQL: nothing is lost, and the answer says when to come again
	for path, body := range map[string]string{
		"/api/v1/auth/activate": `{"code":"` + code + `"}`, "/api/v1/auth/login": credentials(learnerPassword), "/api/v1/auth/recover": `{"email":"` + learnerEmail + `"}`,
	} {
		if status, answer, header := phone.call("POST", path, body); status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
			t.Errorf("%s without MySQL: %d %s", path, status, answer)
		}
	}
	s.mysql.Open()
	testenv.Eventually(t, time.Minute, "MySQL is asked again", func() (bool, string) {
		status, answer, _ := phone.call("POST", "/api/v1/auth/activate", `{"code":"`+code+`"}`)
		return status == http.StatusOK, answer
	})
	phone.expect(http.StatusNotFound, "POST", "/api/v1/auth/activate", `{"code":"`+code+`"}`)

	testenv.Exec(t, s.db, `INSERT INTO courses (id, name) VALUES (1, '数据结构')`)
	s.redis.Close() // limits are each process's own then
	phone.expect(http.StatusOK, "POST", "/api/v1/auth/login", credentials(learnerPassword))
	phone.expect(http.StatusOK, "PUT", "/api/v1/me/favorites/course/1", "")
	phone.expect(http.StatusAccepted, "POST", "/api/v1/courses/1/comments", `{"text":"讲得很清楚"}`)
	s.redis.Open()
	s.mysql.Close() // what cannot be done now is not half done, and says when to come again
	for _, action := range [][3]string{
		{"DELETE", "/api/v1/me/favorites/course/1", ""}, {"PUT", "/api/v1/me/courses/1", ""}, {"PUT", "/api/v1/me/ratings/1", `{"stars":5}`},
		{"POST", "/api/v1/courses/1/comments", `{"text":"还有一句"}`}, {"GET", "/api/v1/courses/1/comments", ""}, {"GET", "/api/v1/me/messages", ""}, {"GET", "/api/v1/me/export", ""},
	} {
		if status, answer, header := phone.call(action[0], action[1], action[2]); status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
			t.Errorf("%v without MySQL: %d %s", action, status, answer)
		}
	}
	s.mysql.Open()
	testenv.Eventually(t, time.Minute, "MySQL is asked again", func() (bool, string) {
		status, answer, _ := phone.call("GET", "/api/v1/me", "")
		return status == http.StatusOK, answer
	})
	desk.expect(http.StatusOK, "POST", "/api/v1/auth/login", credentials(learnerPassword))
	var list struct {
		Sessions []struct {
			ID      int64
			Current bool
		}
	}
	if err := json.Unmarshal([]byte(desk.expect(http.StatusOK, "GET", "/api/v1/me/sessions", "")), &list); err != nil || len(list.Sessions) != 2 || !list.Sessions[0].Current {
		t.Fatalf("sessions %+v, %v", list, err)
	}
	s.device().expect(http.StatusUnauthorized, "GET", "/api/v1/me/sessions", "")
	desk.expect(http.StatusNoContent, "DELETE", fmt.Sprint("/api/v1/me/sessions/", list.Sessions[1].ID), "")
	desk.expect(http.StatusNotFound, "DELETE", fmt.Sprint("/api/v1/me/sessions/", list.Sessions[1].ID), "")
	phone.expect(http.StatusUnauthorized, "GET", "/api/v1/me/sessions", "")

	phone.expect(http.StatusAccepted, "POST", "/api/v1/auth/recover", `{"email":"`+learnerEmail+`"}`)
	const next = "seven paper boats sail"
	reset := mails.Await(learnerEmail, 1).Code()
	phone.expect(http.StatusOK, "POST", "/api/v1/auth/reset", `{"code":"`+reset+`","password":"`+next+`"}`)
	desk.expect(http.StatusUnauthorized, "GET", "/api/v1/me/sessions", "")
	phone.expect(http.StatusUnauthorized, "POST", "/api/v1/auth/login", credentials(learnerPassword))
	phone.expect(http.StatusOK, "POST", "/api/v1/auth/login", credentials(next))
	phone.expect(http.StatusOK, "POST", "/api/v1/me/password", `{"password":"`+next+`","new_password":"nine copper kettles sing"}`)
	phone.expect(http.StatusOK, "GET", "/api/v1/me/sessions", "")
	phone.expect(http.StatusNoContent, "POST", "/api/v1/auth/logout-all", "")
	phone.expect(http.StatusUnauthorized, "GET", "/api/v1/me/sessions", "")
	phone.expect(http.StatusOK, "POST", "/api/v1/auth/login", credentials("nine copper kettles sing"))
	phone.expect(http.StatusOK, "PATCH", "/api/v1/me", `{"nickname":"小明"}`)
	if out, err := runCommand(t, "comments", "show", "1"); err != nil {
		t.Errorf("comments show: %s, %v", out, err)
	}
	if shown := s.device().expect(http.StatusOK, "GET", "/api/v1/courses/1/comments", ""); !strings.Contains(shown, "讲得很清楚") || strings.Contains(shown, "还有一句") {
		t.Errorf("the comments are %s", shown)
	}
	if told := phone.expect(http.StatusOK, "GET", "/api/v1/me/messages", ""); !strings.Contains(told, `"unread":1`) || !strings.Contains(told, "你对《数据结构》的评论已展示") {
		t.Errorf("the messages are %s", told)
	}
	phone.expect(http.StatusConflict, "PUT", "/api/v1/me/ratings/1", `{"stars":5}`)
	phone.expect(http.StatusOK, "PUT", "/api/v1/me/courses/1", "")
	phone.expect(http.StatusOK, "PUT", "/api/v1/me/ratings/1", `{"stars":5}`)
	if state := phone.expect(http.StatusOK, "GET", "/api/v1/me/courses/1", ""); !strings.Contains(state, `"enrolled":true,"favorite":true,"stars":5`) {
		t.Errorf("the course is %s", state)
	}
	export := phone.expect(http.StatusOK, "GET", "/api/v1/me/export", "")
	for _, part := range []string{"小明", learnerEmail, `"favorites":[{"type":"course","id":1,"name":"数据结构"`, `"stars":5`, "讲得很清楚", "comment_shown"} {
		if !strings.Contains(export, part) {
			t.Errorf("the export lacks %s: %s", part, export)
		}
	}
	phone.expect(http.StatusConflict, "DELETE", "/api/v1/me", `{"password":"`+next+`"}`)
	phone.expect(http.StatusOK, "DELETE", "/api/v1/me", `{"password":"nine copper kettles sing"}`)
	phone.expect(http.StatusUnauthorized, "GET", "/api/v1/me", "")
	testenv.Eventually(t, time.Minute, "the learner counts for nothing any more", func() (bool, string) {
		var left int
		err := s.db.QueryRowContext(t.Context(), `SELECT favorites + enrolments + ratings + (SELECT COUNT(*) FROM comments) + (SELECT COUNT(*) FROM message_recipients) FROM courses`).Scan(&left)
		return err == nil && left == 0, fmt.Sprint(left, err)
	})

	for _, path := range []string{"/dev/inbox", "/dev/inbox.json"} {
		phone.expect(http.StatusNotFound, "GET", path, "") // mails are sent, and shown to nobody
	}
	for _, secret := range []string{code, reset, learnerPassword, next, learnerEmail, "school.example", "xunke-session"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log has %q:\n%s", secret, s.log)
		}
	}
	for _, figure := range []string{`xunke_jobs_total{outcome="done"} `, `xunke_jobs_total{outcome="failed"} `, "xunke_jobs_dead 0"} {
		if metrics := phone.expect(http.StatusOK, "GET", "/metrics", ""); !strings.Contains(metrics, figure) {
			t.Errorf("the metrics lack %s", figure)
		}
	}
}

// TestInboxForDevelopment: what would be sent is shown to operators and to nobody else.
func TestInboxForDevelopment(t *testing.T) {
	s := newLearnerSite(t, func(c *config.Config) { c.Mail.Sender = config.SenderInbox })
	d := s.device()
	d.expect(http.StatusAccepted, "POST", "/api/v1/auth/register", credentials(learnerPassword))
	testenv.Eventually(t, time.Minute, "the mail is shown", func() (bool, string) {
		page := d.expect(http.StatusOK, "GET", "/dev/inbox", "")
		return strings.Contains(page, learnerEmail) || strings.Contains(page, "learner&#43;1@"), page
	})
	var mails []struct {
		To, Subject, Text, HTML string
		SentAt                  time.Time `json:"sent_at"`
	}
	if err := json.Unmarshal([]byte(d.expect(http.StatusOK, "GET", "/dev/inbox.json", "")), &mails); err != nil || len(mails) != 1 || mails[0].To != learnerEmail || mails[0].Subject != "激活你的寻课账号" || mails[0].HTML == "" {
		t.Errorf("%+v, %v", mails, err)
	}
	r, err := http.NewRequest(http.MethodGet, s.base+"/dev/inbox.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", "203.0.113.7")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("somebody behind a proxy sees the inbox: %d", res.StatusCode)
	}
}

func TestJobsCommands(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	run := func(want string, args ...string) {
		t.Helper()
		out, err := runCommand(t, append([]string{"jobs"}, args...)...)
		if err != nil || !strings.Contains(out, want) || strings.Contains(out, "somebody") {
			t.Errorf("%v: %q, %v; want %q", args, out, err, want)
		}
	}
	run("There are none.", "list")
	testenv.Exec(t, db, `INSERT INTO outbox_jobs (id, kind, payload, state, attempts, reason, created_at, due_at) VALUES
		(7, 'account.recover', '{"email": "somebody@school.example"}', 'dead', 14, 'the server is away', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`)
	run("There are none.", "list")
	run("the server is away", "list", "--dead")
	run("s***@school.example", "show", "7")
	run(`"attempts": 14`, "show", "7", "--json")
	run("1 jobs to be tried now", "retry", "--all")
	run("account.recover", "list")
	run(`"jobs": 1`, "drop", "7", "--json")
	for _, args := range [][]string{{"drop", "7"}, {"show", "x"}, {"retry"}, {"retry", "1", "--all"}, {"list", "--limit", "0"}} {
		if out, err := runCommand(t, append([]string{"jobs"}, args...)...); err == nil {
			t.Errorf("%v is taken: %s", args, out)
		}
	}
}
