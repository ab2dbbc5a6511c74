package doctor_test

import (
	"context"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/doctor"
	mysqldoctor "github.com/xunke/xunke/internal/mysql/doctor"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv"
)

// TestExamineFindsRowsThatAreNotLogged: neither shows in the history.
func TestExamineFindsRowsThatAreNotLogged(t *testing.T) {
	pool := testenv.Pool(t, testenv.Config(t))
	if _, err := pool.Write.Exec(`INSERT INTO courses (name) VALUES ('一'), ('二')`); err != nil {
		t.Fatal(err)
	}
	documents := map[catalog.Kind]int64{catalog.KindCourse: 2}
	p := installation(t, pool)
	var err error
	if p.TablesCreated, err = source.TablesCreated(t.Context(), pool.Write); err != nil {
		t.Fatal(err)
	}
	if len(p.TablesCreated) != len(binlog.Tables()) {
		t.Errorf("it is known of %d tables when they were made: %v", len(p.TablesCreated), p.TablesCreated)
	}
	p.Documents = func(_ context.Context, k catalog.Kind) (int64, error) { return documents[k], nil }
	findings := mysqldoctor.Examine(t.Context(), p)
	for _, check := range []string{"tables made anew", "rows and documents"} {
		if f := finding(t, findings, check); f.Status != doctor.OK {
			t.Errorf("%+v", f)
		}
	}

	p.TablesCreated["lessons"]--
	documents[catalog.KindCourse], documents[catalog.KindOrg] = 1, 3
	findings = mysqldoctor.Examine(t.Context(), p)
	if f := finding(t, findings, "tables made anew"); f.Status != doctor.Warning || !strings.HasPrefix(f.Found, "lessons,") {
		t.Errorf("%+v", f)
	}
	if f := finding(t, findings, "rows and documents"); f.Status != doctor.Warning || !strings.HasPrefix(f.Found, "2 courses and 1 documents, 0 orgs and 3 documents;") {
		t.Errorf("%+v", f)
	}
}

func TestExamineAtAPlace(t *testing.T) {
	c := testenv.Config(t)
	executed := installation(t, testenv.Pool(t, c)).Acked
	place := mysqldoctor.Place{DSN: c.MySQL.DSN, ReplicationDSN: c.MySQL.DSN, Prefix: c.Elasticsearch.Prefix}
	examine := func(p mysqldoctor.Place) doctor.Findings {
		return mysqldoctor.ExamineAt(t.Context(), p, mysqldoctor.Installation{ServerID: 4_000_000_001, Tables: binlog.Tables(), Acked: executed})
	}
	if findings := examine(place); len(findings) < 20 || findings.Worst() == doctor.Failure {
		t.Errorf("%+v", findings)
	}
	place.ReplicationDSN = strings.Replace(c.MySQL.DSN, "@", "nobody@", 1)
	if findings := examine(place); len(findings) != 1 || findings[0].Check != "connection" || findings[0].Status != doctor.Failure {
		t.Errorf("a user that is refused: %+v", findings)
	}
}
