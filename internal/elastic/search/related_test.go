package search_test

import (
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/mappings"
)

// TestRelatedByMeaning: courses that share no word with one are related to it by their
// vectors, those of its model alone, once nearly all courses have one.
func TestRelatedByMeaning(t *testing.T) {
	shelf := newShelf(t)
	child := func(name, model string, share int8, tags ...string) int64 {
		return shelf.course(t, mappings.Course{Name: name, Language: "zh", Tags: tags, Vector: direction(0, share), VectorModel: model})
	}
	id := child("家庭教育", "m@2", 127, "育儿")
	child("亲子沟通", "m@2", 110, "育儿")
	child("陪伴成长", "m@2", 120)
	child("旧模型", "m@1", 127)
	child("犬类行为", "m@2", 0)
	child("育儿日记", "", 127, "育儿")
	shelf.fillVectors(t, 1)
	shelf.flush(t)
	names := func(s *search.Searcher) (names []string, why map[string][]catalog.Because) {
		t.Helper()
		hits, err := s.Alike(t.Context(), id, 4)
		if err != nil {
			t.Fatal(err)
		}
		why = map[string][]catalog.Because{}
		for i, h := range hits {
			names, why[h.Name] = append(names, h.Name), h.Because
			if i > 0 && h.Score > hits[i-1].Score {
				t.Errorf("%s has a greater score than what is before it", h.Name)
			}
		}
		return names, why
	}
	if got, why := names(shelf.searcher()); len(got) != 2 || !slices.Equal(why["亲子沟通"], []catalog.Because{catalog.BecauseTags}) {
		t.Errorf("while two of 7 have no vector %q are related, because of %v", got, why)
	}
	shelf.fillVectors(t, 60)
	shelf.flush(t)
	got, why := names(shelf.searcher())
	if len(got) != 4 || got[0] != "亲子沟通" || !slices.Contains(got, "陪伴成长") || !slices.Contains(got, "育儿日记") || slices.Contains(got, "旧模型") {
		t.Errorf("related are %q", got)
	}
	if both := []catalog.Because{catalog.BecauseTags, catalog.BecauseMeaning}; !slices.Equal(why["亲子沟通"], both) ||
		!slices.Equal(why["陪伴成长"], both[1:]) || !slices.Equal(why["育儿日记"], both[:1]) {
		t.Errorf("because of %v", why)
	}
}
