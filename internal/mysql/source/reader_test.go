package source_test

import (
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv"
)

func TestSizeCountsWhatPageLists(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	for _, statement := range []string{
		`INSERT INTO cities (id, name) VALUES (1, '北京')`,
		`INSERT INTO orgs (id, name, city_id) VALUES (1, '清华大学', 1), (2, '湖畔学堂', NULL)`,
		`INSERT INTO courses (id, name, org_id, hidden) VALUES (1, '一', 1, FALSE), (2, '二', 1, TRUE), (3, '三', 2, FALSE)`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	r := source.NewReader(db, "a")
	for f, want := range map[binlog.FanOut]int64{
		{Relation: binlog.CoursesOfOrg, ID: 1}:  2,
		{Relation: binlog.CoursesOfCity, ID: 1}: 2,
		{Relation: binlog.CoursesOfTag, ID: 1}:  0,
		{Relation: binlog.EveryCourse}:          3,
	} {
		if n, err := r.Size(t.Context(), f); err != nil || n != want {
			t.Errorf("%v: %d, %v, want %d", f, n, err, want)
		}
	}
	if _, err := r.Size(t.Context(), binlog.FanOut{Relation: "courses_of_planet"}); err == nil {
		t.Error("a relation that is none has a size")
	}
}

func TestASentinelIsItsInstallationsOwn(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	first := time.Date(2026, 11, 23, 12, 0, 0, 123_000_000, time.UTC)
	read := func(installation string) time.Time {
		t.Helper()
		s, err := source.NewReader(db, installation).Read(t.Context(), "", []catalog.Key{binlog.Sentinel(), {Kind: catalog.KindCourse, ID: 1}}, nil)
		if err != nil || len(s.Courses) > 0 {
			t.Fatalf("%v, %+v", err, s)
		}
		return s.Sentinel
	}
	if got := read("a"); !got.IsZero() {
		t.Errorf("before it was written: %s", got)
	}
	for installation, at := range map[string]time.Time{"a": first, "b": first.Add(time.Minute)} {
		s := source.NewSentinel(db, installation)
		for _, when := range []time.Time{first.Add(-time.Hour), at} {
			if err := s.Write(t.Context(), when); err != nil {
				t.Fatal(err)
			}
		}
	}
	if a, b := read("a"), read("b"); !a.Equal(first) || !b.Equal(first.Add(time.Minute)) {
		t.Errorf("they were written at %s and %s", a, b)
	}
}
