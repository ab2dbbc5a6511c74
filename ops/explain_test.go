package ops

import (
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/verify"
)

func TestTouchedLine(t *testing.T) {
	at := time.Now().Add(-3 * time.Minute)
	mark := indexer.Mark{UUID: "6526ad6a-e714-11f1-8848-02fc00000001", Number: 7, Committed: at}
	for want, touch := range map[string]indexer.Touch{
		"its own row or a row of it":             {How: indexer.ByRow},
		"course 9, which counts in its figures":  {How: indexer.ByCourse, Of: 9},
		"tag 4, which it shows something of":     {How: indexer.How(binlog.CoursesOfTag), Of: 4},
		"all courses, by a table that was alter": {How: indexer.How(binlog.EveryCourse)},
	} {
		touch.Mark = mark
		e := verify.Explanation{Kind: catalog.KindCourse, Touched: &verify.Touched{Touch: touch, Indexed: true}}
		if got := touchedLine(e); !strings.HasPrefix(got, mark.UUID+":7, committed 3m") || !strings.Contains(got, " ago: "+want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
