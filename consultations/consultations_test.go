package consultations

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
)

func TestMobileNumbers(t *testing.T) {
	for typed, want := range map[string]string{
		"13800138000":         "+8613800138000",
		"16612345678":         "+8616612345678",
		"17012345678":         "+8617012345678",
		"19912345678":         "+8619912345678",
		" 138 0013-8000 ":     "+8613800138000",
		"１３８００１３８０００":         "+8613800138000",
		"+86 138-0013-8000":   "+8613800138000",
		"008613800138000":     "+8613800138000",
		"8613800138000":       "+8613800138000",
		"+852 5123 4567":      "+85251234567",
		"+1 (202) 555-0142":   "+12025550142",
		"00 44 7911 123456":   "+447911123456",
		"":                    "",
		"12800138000":         "",
		"1380013800":          "",
		"138001380001":        "",
		"+86 1380013800":      "",
		"+86 12800138000":     "",
		"+123456":             "",
		"+1234567890123456":   "",
		"+0123456789":         "",
		"51234567":            "",
		"1380013800x":         "",
		"'; DROP TABLE x; --": "",
	} {
		got, ok := ParseMobile(typed)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

// fakeStore stands in where only what reaches it matters.
type fakeStore struct {
	names map[int64]string
	kept  []Consultation
	fails error
}

func (f *fakeStore) CourseName(_ context.Context, id int64) (string, error) {
	if name, ok := f.names[id]; ok {
		return name, nil
	}
	return "", catalog.NotFound(catalog.KindCourse, id)
}

func (f *fakeStore) Add(_ context.Context, c Consultation) error {
	f.kept = append(f.kept, c)
	return f.fails
}

type fakeLimit struct{ left int }

func (f *fakeLimit) Take(context.Context, string) time.Duration {
	if f.left == 0 {
		return time.Minute
	}
	f.left--
	return 0
}

func TestAsk(t *testing.T) {
	store, limit := &fakeStore{names: map[int64]string{7: "数据结构"}}, &fakeLimit{left: 2}
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	desk := &Desk{Store: store, Limit: limit, Now: func() time.Time { return now }}
	for what, c := range map[string]struct {
		request Request
		fields  string
	}{
		"nothing":       {Request{}, "name mobile course"},
		"blanks":        {Request{Name: " \u200b\n", Mobile: "\t", Course: "　"}, "name mobile course"},
		"a long name":   {Request{Name: strings.Repeat("长", MaxName+1), Mobile: "13800138000", Course: "x"}, "name"},
		"a long course": {Request{Name: "陈", Mobile: "13800138000", Course: strings.Repeat("课", MaxCourse+1)}, "course"},
		"a negative id": {Request{Name: "陈", Mobile: "13800138000", CourseID: -1}, "course_id"},
	} {
		err := desk.Ask(t.Context(), "here", c.request)
		e, ok := errors.AsType[*catalog.Error](err)
		if !ok || e.Code != catalog.CodeInvalid {
			t.Errorf("%s: %v", what, err)
			continue
		}
		var fields []string
		for _, f := range e.Fields {
			fields = append(fields, f.Field)
		}
		if got := strings.Join(fields, " "); got != c.fields {
			t.Errorf("%s: %s, want %s", what, got, c.fields)
		}
	}
	if limit.left != 2 || len(store.kept) != 0 {
		t.Errorf("what cannot be taken counts: %d left, %d kept", limit.left, len(store.kept))
	}
	if err := desk.Ask(t.Context(), "here", Request{Name: " 陈\n小明 ", Mobile: "138 0013 8000", CourseID: 7, Course: "anything"}); err != nil {
		t.Fatal(err)
	}
	want := Consultation{Name: "陈 小明", Mobile: "+8613800138000", CourseID: 7, Course: "数据结构", AskedAt: now}
	if len(store.kept) != 1 || store.kept[0] != want {
		t.Errorf("kept %+v, want %+v", store.kept, want)
	}
	if err := desk.Ask(t.Context(), "here", Request{Name: "陈", Mobile: "13800138000", CourseID: 8}); catalog.CodeOf(err) != catalog.CodeInvalid {
		t.Errorf("a course that is not there: %v", err)
	}
	err := desk.Ask(t.Context(), "here", Request{Name: "陈", Mobile: "13800138000", Course: "数据库"})
	if e, ok := errors.AsType[*catalog.Error](err); !ok || e.Code != catalog.CodeTooMany || e.Wait != time.Minute {
		t.Errorf("the third: %v", err)
	}
	limit.left, store.fails = 1, catalog.Unavailable("MySQL", nil)
	if err := desk.Ask(t.Context(), "here", Request{Name: "陈", Mobile: "13800138000", Course: "数据库"}); catalog.CodeOf(err) != catalog.CodeUnavailable {
		t.Errorf("without MySQL: %v", err)
	}
}
