package main

import (
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/testenv"
)

func TestCommentsAndMessagesCommands(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	testenv.Exec(t, db, `INSERT INTO accounts (id, email, email_key, password, created_at) VALUES (1, 'a@school.example', 'a@school.example', '', UTC_TIMESTAMP(6))`)
	testenv.Exec(t, db, `INSERT INTO courses (id, name) VALUES (1, '数据结构')`)
	testenv.Exec(t, db, `INSERT INTO comments (id, course_id, account_id, text, text_hash, created_at) VALUES
		(1, 1, 1, '讲得很清楚', UNHEX(SHA2('1', 256)), UTC_TIMESTAMP(3)), (2, 1, 1, '太\n快', UNHEX(SHA2('2', 256)), UTC_TIMESTAMP(3))`)
	run := func(want string, args ...string) {
		t.Helper()
		if out, err := runCommand(t, args...); err != nil || !strings.Contains(out, want) {
			t.Errorf("%v: %q, %v; want %q", args, out, err, want)
		}
	}
	run("2 in all", "comments", "list")
	run("太 快", "comments", "show", "1")
	run(`"state": "shown"`, "comments", "list", "--state", "shown", "--json")
	run("", "comments", "reply", "1", "谢谢")
	run("谢谢", "comments", "list", "--state", "shown")
	run("None is waiting.", "comments", "hide", "2")
	run("Queued", "messages", "send", "--to", "A@school.example", "--subject", "你好", "--text", "欢迎。")
	run(`"queued"`, "messages", "send", "--all", "--subject", "你好", "--text", "欢迎。", "--json")
	run("messages.fan_out", "jobs", "list")
	for _, args := range [][]string{
		{"comments", "show", "9"}, {"comments", "show", "x"}, {"comments", "list", "--state", "new"}, {"comments", "reply", "1", "x"}, {"comments", "list", "--limit", "0"},
		{"messages", "send", "--subject", "a", "--text", "b"}, {"messages", "send", "--all", "--course", "1", "--subject", "a", "--text", "b"},
		{"messages", "send", "--to", "nobody@school.example", "--subject", "a", "--text", "b"}, {"messages", "send", "--all", "--text", "b"}, {"messages", "send", "--to", "x", "--subject", "a", "--text", "b"},
	} {
		if out, err := runCommand(t, args...); err == nil {
			t.Errorf("%v is taken: %s", args, out)
		}
	}
}
