package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/test/harness"
)

// TestRenamedAgainDuringFanOut renames an org while the courses are being written under
// the name before: the second name has to reach every course, although nothing that was
// read for the first one has it.
func TestRenamedAgainDuringFanOut(t *testing.T) {
	w := newWorld(t)
	w.Seed()
	l := w.NewLink()
	indexing := w.StartIndexer("the indexer", l)
	w.Serving()
	w.MustBeEqual()

	courses := func(r *http.Request) bool {
		return harness.Bulk(r) && strings.Contains(r.URL.Path, "-"+catalog.KindCourse.Plural()+"-")
	}
	held, release := make(chan struct{}), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	t.Cleanup(letGo)
	l.At(harness.Before("the courses are written", courses), 1, false, func() {
		close(held)
		<-release
	})
	w.Exec(`UPDATE orgs SET name = '第一个新名' WHERE id = 1`)
	harness.WaitFor(t, held, "the courses are written under the first name")
	w.Exec(`UPDATE orgs SET name = '第二个新名' WHERE id = 1`)
	w.Eventually("the second name is acknowledged", func() (bool, string) {
		acked := one[bool](w, `SELECT GTID_SUBSET(?, ?)`, one[string](w, `SELECT @@GLOBAL.gtid_executed`), w.State().Acked)
		return acked, fmt.Sprintf("the fan-outs are %v", w.State().FanOut)
	})
	letGo()
	w.MustBeEqual()
	indexing.Stop()
}
