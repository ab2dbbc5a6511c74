package curation_test

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/synonym"
	"github.com/xunke/xunke/internal/testenv"
)

// TestCurator: what admins do on the page stands where the commands keep it.
func TestCurator(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	_, err := db.Exec(`INSERT INTO courses (id, name, hidden) VALUES
		(1, '数据结构', FALSE), (2, 'C++ 程序设计', FALSE), (5, '藏起来的数据结构', TRUE)`)
	if err != nil {
		t.Fatal(err)
	}
	synonyms := store.NewSynonyms(db)
	live := synonym.NewLive(synonyms, slog.New(slog.DiscardHandler))
	curations := store.NewCurations(db)
	c, ctx := &curation.Curator{Curations: curations, Rules: synonyms, Lookup: live.Lookup}, t.Context()
	if err := c.AddSynonym(ctx, "量子, 烹饪 => x", "分子料理"); err != nil {
		t.Fatal(err)
	}
	if err := c.AddSynonym(ctx, "Pyhton", "python"); err != nil {
		t.Fatal(err)
	}
	rules, err := synonyms.List(ctx)
	if err != nil || len(rules) != 2 || rules[0].Rule != "量子 烹饪 x, 分子料理" || rules[1].Rule != "Pyhton, python" {
		t.Errorf("rules %+v, %v", rules, err)
	}
	if err := live.Load(ctx); err != nil || fmt.Sprint(c.Synonyms("PYHTON")) != "[python]" {
		t.Errorf("synonyms %q, %v", c.Synonyms("PYHTON"), err)
	}
	for _, wrong := range [][2]string{{"python", "Python"}, {"python", ""}, {"python", " ,, "}} {
		if err := c.AddSynonym(ctx, wrong[0], wrong[1]); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	// The newest pin comes first, the others stay.
	for _, id := range []int64{1, 2, 1} {
		if err := c.Pin(ctx, "量子烹饪", catalog.Key{Kind: catalog.KindCourse, ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	pins, err := curations.List(ctx, "量子 烹飪")
	if err != nil || len(pins) != 2 || pins[0].ItemID != 1 || pins[1].ItemID != 2 {
		t.Errorf("pins %+v, %v", pins, err)
	}
	if pinned, err := c.CountPins(ctx, []string{"量子烹飪", "other", "?"}); err != nil || pinned["量子烹飪"] != 2 || pinned["other"] != 0 {
		t.Errorf("pinned %v, %v", pinned, err)
	}
	for _, hidden := range []catalog.Key{{Kind: catalog.KindCourse, ID: 5}, {Kind: catalog.KindOrg, ID: 99}} {
		if err := c.Pin(ctx, "量子烹饪", hidden); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%s: %v", hidden, err)
		}
	}
}
