package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/testenv"
)

// TestMeaning goes all the way with the real model: a row is inserted, its vector becomes part
// of its document, and a question that shares no word with it finds it, apart from hits. The
// same question finds nothing by words.
func TestMeaning(t *testing.T) {
	w := newWorld(t)
	model := []string{"MEANING_MODEL", testenv.Variable(t, "XUNKE_TEST_MODEL"), "MEANING_SHARE", "1", "MEANING_TIMEOUT", "2s"}
	w.Start("indexer", model, "index").Line("swapped")
	for _, name := range []string{"西方经济学", "机械制图", "大学物理", "英国文学", "有机化学", "犬类行为与训练"} {
		w.Exec(`INSERT INTO courses (name) VALUES (?)`, name)
	}
	w.Eventually("every course has a vector", func() (bool, string) {
		n := one[int64](w, `SELECT COUNT(*) FROM course_vectors`)
		return n == 6, fmt.Sprint(n)
	})
	w.WaitUntilIndexed()
	w.MustBeEqual()
	const question = "小狗总拆东西"
	a := w.startAPI(model...)
	w.Eventually("the question finds it once the API has opened the model", func() (bool, string) {
		found := a.search("q", question).of("course")
		if found.Total != 0 || len(found.Hits) != 0 {
			t.Fatalf("%q has %d hits: %v", question, found.Total, found.Hits)
		}
		return len(found.Near) > 0 && found.Near[0].Name == "犬类行为与训练", fmt.Sprint(found.Near)
	})
	if words := w.startAPI().search("q", question).of("course"); len(words.Hits)+len(words.Near) != 0 {
		t.Errorf("by words %q finds %v, near %v", question, words.Hits, words.Near)
	}
	proposesSynonym(t, w, model)
}

// proposesSynonym asks for synonyms of what found nothing, and does not want the one there is.
func proposesSynonym(t *testing.T, w *world, model []string) {
	t.Helper()
	w.Exec(`INSERT INTO search_daily_counts (day, query, spelling, searches, visitors, zero_hits, last_total)
		VALUES (UTC_DATE(), '训狗师', '训狗师', 7, 5, 7, 0)`)
	suggested := func() string {
		t.Helper()
		r := w.Start("suggest", model, "synonyms", "suggest", "--json").Result()
		if r.Status != 0 {
			t.Fatalf("suggest: %s", r)
		}
		return r.Stdout
	}
	if out := suggested(); !strings.Contains(out, `"word": "犬类行为与训练"`) || !strings.Contains(out, `"times": 7`) {
		t.Errorf("suggested: %s", out)
	}
	w.Must("synonyms", "dismiss", "训狗师, 犬类行为与训练")
	if out := suggested(); strings.Contains(out, "训狗师") {
		t.Errorf("after it was dismissed: %s", out)
	}
}

// TestVectorsOutliveAKill: an indexer that is killed while it makes vectors leaves documents as their
// rows say, and the next one makes the rest. So does one that finds vectors of another model, and a
// reindex takes all of them over.
func TestVectorsOutliveAKill(t *testing.T) {
	const courses = 90
	w := newWorld(t)
	settings := func(share string) []string {
		return []string{"MEANING_MODEL", testenv.Variable(t, "XUNKE_TEST_MODEL"), "MEANING_SHARE", share}
	}
	for n := range courses {
		w.Exec(`INSERT INTO courses (name) VALUES (?)`, fmt.Sprintf("地质学第 %d 讲", n))
	}
	count := func() int64 {
		return one[int64](w, `SELECT COUNT(*) FROM course_vectors WHERE model LIKE 'multilingual%'`)
	}
	await := func(what string, ok func(n int64) bool) {
		t.Helper()
		w.Eventually(what, func() (bool, string) { n := count(); return ok(n), fmt.Sprint(n) })
	}
	slow := w.Start("slow", settings("0.1"), "index")
	await("a first vector", func(n int64) bool { return n > 0 })
	slow.Kill()
	if n := count(); n >= courses {
		t.Fatalf("all %d vectors were there before the kill", n)
	}
	w.Start("next", settings("1"), "index")
	await("the rest", func(n int64) bool { return n == courses })
	w.WaitUntilIndexed()
	w.MustBeEqual()

	w.Exec(`UPDATE course_vectors SET model = 'another@1' WHERE course_id % 5 = 0`)
	await("vectors of the model in use", func(n int64) bool { return n == courses })
	w.WaitUntilIndexed()
	w.MustBeEqual()

	const sum = `SELECT SUM(CRC32(CONCAT(course_id, text_hash, HEX(vector)))) FROM course_vectors`
	before := one[string](w, sum)
	w.Must("reindex", "--kind", "course")
	w.MustBeEqual()
	if after := one[string](w, sum); after != before {
		t.Error("a reindex made vectors anew")
	}
}
