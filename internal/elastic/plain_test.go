package elastic_test

import (
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/mappings"
)

// TestPlain checks that what the search is compared with is what it says: bigrams that
// find words, and no script, pinyin or deleted documents.
func TestPlain(t *testing.T) {
	s := newShelf(t)
	for key, name := range map[string]string{"k:1": "数据结构", "k:2": "音乐欣赏"} {
		s.course(t, mappings.Course{Key: &key, Name: name})
	}
	s.course(t, mappings.Course{Name: "数据结构", Deleted: true})
	s.flush(t)
	plain, err := elastic.NewPlain(t.Context(), s.client)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{"结构": {"k:1"}, "結構": nil, "yinyue": nil} {
		keys, err := plain.Keys(t.Context(), catalog.Kinds(), text, 10)
		if err != nil || !slices.Equal(keys[catalog.KindCourse], want) {
			t.Errorf("plain search for %q gives %v, %v; want %v", text, keys, err, want)
		}
		ours, err := s.searcher().Keys(t.Context(), catalog.Kinds(), text, 10)
		if err != nil || len(ours[catalog.KindCourse]) != 1 {
			t.Errorf("search for %q gives %v, %v", text, ours, err)
		}
	}
	if err := plain.Drop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := plain.Keys(t.Context(), catalog.Kinds(), "x", 1); err == nil {
		t.Error("dropped indices still answer")
	}
}
