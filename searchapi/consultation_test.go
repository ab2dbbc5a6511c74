package searchapi

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
)

func TestConsultationsAreTaken(t *testing.T) {
	var got []consultations.Request
	f := &fixture{consultations: fakeConsultations{ask: func(_ context.Context, from string, r consultations.Request) error {
		if from == "" {
			t.Error("nobody knows where it comes from")
		}
		got = append(got, r)
		return nil
	}}}
	s := f.server(t)
	for _, body := range []string{`{"name":"陈","mobile":"13800138000","course_id":7}`, `{"name":"王","mobile":"+85251234567","course":"数据库"}`} {
		a := post(t, s, "/api/v1/consultations", jsonType, body)
		if a.status != http.StatusAccepted || a.header.Get("Cache-Control") != "no-store" || strings.Contains(a.body, "138") {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	want := []consultations.Request{{Name: "陈", Mobile: "13800138000", CourseID: 7}, {Name: "王", Mobile: "+85251234567", Course: "数据库"}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("taken: %+v", got)
	}
	// Whole numbers: the log has request ids at random, and three digits may be part of one.
	for _, personal := range []string{"13800138000", "85251234567", "陈", "王"} {
		if strings.Contains(f.log.String(), personal) {
			t.Errorf("the log repeats %s: %s", personal, f.log.String())
		}
	}
}

func TestConsultationsThatAreNotTaken(t *testing.T) {
	outcome := error(catalog.Invalidf("mobile", "is not a mobile number"))
	f := &fixture{consultations: fakeConsultations{ask: func(context.Context, string, consultations.Request) error { return outcome }}}
	s := f.server(t)
	const body = `{"name":"陈","mobile":"1","course":"x"}`
	if p := post(t, s, "/api/v1/consultations", jsonType, body).problem(t, http.StatusBadRequest); fields(p) != "mobile" {
		t.Errorf("fields %s", fields(p))
	}
	outcome = catalog.Invalidf("course_id", "there is no course 9")
	if p := post(t, s, "/api/v1/consultations", jsonType, `{"name":"陈","mobile":"13800138000","course_id":9}`).problem(t, http.StatusNotFound); fields(p) != "course_id" {
		t.Errorf("fields %s", fields(p))
	}
	outcome = catalog.TooMany(6 * time.Minute)
	a := post(t, s, "/api/v1/consultations", jsonType, body)
	if a.problem(t, http.StatusTooManyRequests); a.header.Get("Retry-After") != "360" {
		t.Errorf("wait %q", a.header.Get("Retry-After"))
	}
	for body, field := range map[string]string{
		``: "body", `{"name":1}`: "name", `{"phone":"1"}`: "phone", `{"name":"x"}{}`: "body",
	} {
		if p := post(t, s, "/api/v1/consultations", jsonType, body).problem(t, http.StatusBadRequest); fields(p) != field {
			t.Errorf("%q: %s, want %s", body, fields(p), field)
		}
	}
	post(t, s, "/api/v1/consultations", "text/plain", body).problem(t, http.StatusUnsupportedMediaType)
	post(t, new(fixture).server(t), "/api/v1/consultations", jsonType, body).problem(t, http.StatusNotFound)
}
