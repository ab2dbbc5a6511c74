package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/testenv"
)

// TestConsultationsAreTakenAndLimited goes the whole way: HTTP, limit in Redis, MySQL.
func TestConsultationsAreTakenAndLimited(t *testing.T) {
	s := newSite(t)
	ask := func(body string) int {
		t.Helper()
		res, err := http.Post(s.base+"/api/v1/consultations", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	for body, want := range map[string]int{
		`{"name":"陈","mobile":"138 0013 8000","course_id":2}`: http.StatusAccepted,
		`{"name":"陈","mobile":"13800138000","course_id":5}`:   http.StatusNotFound, // hidden
		`{"name":"陈","mobile":"1380013800","course_id":2}`:    http.StatusBadRequest,
	} {
		if got := ask(body); got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
	}
	limited := 0
	for range 12 {
		if ask(`{"name":"王","mobile":"+85251234567","course":"别的"}`) == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 {
		t.Error("one address may ask without end")
	}
	if status, page := s.get("/courses/2"); status != http.StatusOK || !bytes.Contains([]byte(page), []byte("/consultations?course=2")) {
		t.Errorf("the page of a course leads to no consultation: %d", status)
	}
}

func TestConsultationsCommands(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	run := func(args ...string) string {
		t.Helper()
		out, err := runCommand(t, append([]string{"consultations"}, args...)...)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out
	}
	if out := run("list"); out != "There are none.\n" {
		t.Errorf("at first: %q", out)
	}
	_, err := db.Exec(`INSERT INTO consultations (id, day, name, mobile, course, asked_at) VALUES
		(1, '2026-11-22', '陈', '+8613800138000', '数据结构', '2026-11-22 08:00:00'), (2, '2026-11-23', '王', '+85251234567', '别的', '2026-11-23 09:30:00')`)
	if err != nil {
		t.Fatal(err)
	}
	want := "id  name  mobile          course    asked\n" +
		" 1  陈    +8613800138000  数据结构  2026-11-22 08:00:00\n" +
		" 2  王    +85251234567    别的      2026-11-23 09:30:00\n" +
		"2 in all; times are UTC. After a call: xunke consultations done ID\n"
	if out := run("list"); out != want {
		t.Errorf("list:\n%s\nwant\n%s", out, want)
	}
	if out := run("done", "1"); strings.Contains(out, "陈") || !strings.Contains(out, "王") {
		t.Errorf("after a call:\n%s", out)
	}
	var listed listedConsultations
	if err := json.Unmarshal([]byte(run("list", "--done", "--json")), &listed); err != nil || listed.Total != 1 || listed.Consultations[0].DoneAt == nil {
		t.Errorf("done: %+v, %v", listed, err)
	}
	if out := run("export", "138 0013 8000"); !strings.Contains(out, `"name": "陈"`) || strings.Contains(out, "王") {
		t.Errorf("exported:\n%s", out)
	}
	run("erase", "+85251234567")
	if out := run("list"); out != "There are none.\n" {
		t.Errorf("after an erasure:\n%s", out)
	}
	if out := run("audit", "--limit", "3"); strings.Contains(out, "8525") || !strings.Contains(out, "command, user ") || !strings.Contains(out, "erase") || !strings.Contains(out, "export") {
		t.Errorf("audit:\n%s", out)
	}
	for _, wrong := range [][]string{{"export", "12"}, {"erase"}, {"clean", "now"}, {"done", "9"}, {"done", "x"}, {"list", "--limit", "0"}} {
		if _, err := runCommand(t, append([]string{"consultations"}, wrong...)...); err == nil {
			t.Errorf("%v: no error", wrong)
		}
	}
}
