package ops

import (
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/indexer/touch"
	"github.com/xunke/xunke/verify"
)

func TestTouchedLine(t *testing.T) {
	at := time.Now().Add(-3 * time.Minute)
	mark := indexer.Mark{UUID: "6526ad6a-e714-11f1-8848-02fc00000001", Number: 7, Committed: at}
	for want, last := range map[string]touch.Touch{
		"its own row or a row of it":             {How: touch.ByRow},
		"course 9, which counts in its figures":  {How: touch.ByCourse, Of: 9},
		"tag 4, which it shows something of":     {How: touch.How(binlog.CoursesOfTag), Of: 4},
		"all courses, by a table that was alter": {How: touch.How(binlog.EveryCourse)},
	} {
		last.Mark = mark
		e := verify.Explanation{Kind: catalog.KindCourse, Touched: &verify.Touched{Touch: last, Indexed: true}}
		if got := touchedLine(e); !strings.HasPrefix(got, mark.UUID+":7, committed 3m") || !strings.Contains(got, " ago: "+want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
