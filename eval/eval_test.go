package eval_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/eval"
)

func courses(keys ...string) []eval.Item {
	items := make([]eval.Item, len(keys))
	for i, k := range keys {
		items[i] = eval.Item{Type: catalog.KindCourse, Key: k}
	}
	return items
}

func relevant(grades map[string]int) []eval.Relevant {
	var out []eval.Relevant
	for _, key := range []string{"a", "b", "c"} {
		if g := grades[key]; g > 0 {
			out = append(out, eval.Relevant{Type: catalog.KindCourse, Key: key, Grade: g})
		}
	}
	return out
}

func TestMeasure(t *testing.T) {
	// The second best first: (1 + 3/log2 3) of (3 + 1/log2 3).
	swapped := (1 + 3/math.Log2(3)) / (3 + 1/math.Log2(3))
	tests := []struct {
		name     string
		relevant map[string]int
		found    []eval.Item
		want     eval.Figures
	}{
		{"best", map[string]int{"a": 2}, courses("a"), eval.Figures{NDCG: 1, MRR: 1, Recall: 1, Success1: 1, Success3: 1}},
		{"third", map[string]int{"a": 2}, courses("x", "y", "a"), eval.Figures{NDCG: 0.5, MRR: 1.0 / 3, Recall: 1, Success3: 1}},
		{"swapped", map[string]int{"a": 2, "b": 1}, courses("b", "a"), eval.Figures{NDCG: swapped, MRR: 1, Recall: 1, Success1: 1, Success3: 1}},
		{"half", map[string]int{"a": 1, "b": 1}, courses("x", "x", "x", "a"), eval.Figures{NDCG: 1 / math.Log2(5) / (1 + 1/math.Log2(3)), MRR: 0.25, Recall: 0.5}},
		{"nothing", map[string]int{"a": 2}, nil, eval.Figures{Zero: 1}},
		{"must be empty and is", nil, nil, eval.Figures{}},
		{"must be empty and is not", nil, courses("x"), eval.Figures{False: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := eval.Measure(eval.Judged{Relevant: relevant(tt.relevant)}, tt.found)
			if !same(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
	graded := eval.Judged{Catalogues: []string{"x"}, Relevant: relevant(map[string]int{"a": 3, "b": 1})}
	want := eval.Figures{NDCG: (1 + 7/math.Log2(5)) / (7 + 1/math.Log2(3)), MRR: 0.25, Recall: 1}
	if got := eval.Measure(graded, courses("b", "x", "y", "a")); !same(got, want) {
		t.Errorf("of a graded set what is only related counts as good: %+v, want %+v", got, want)
	}
	deep := make([]string, 60)
	for i := range deep {
		deep[i] = "x"
	}
	deep[50] = "a"
	if got := eval.Measure(eval.Judged{Relevant: relevant(map[string]int{"a": 1})}, courses(deep...)); got.Recall != 0 {
		t.Errorf("recall@50 counts the 51st hit")
	}
}

func same(a, b eval.Figures) bool {
	for _, pair := range [][2]float64{
		{a.NDCG, b.NDCG}, {a.MRR, b.MRR}, {a.Recall, b.Recall}, {a.Success1, b.Success1},
		{a.Success3, b.Success3}, {a.Zero, b.Zero}, {a.False, b.False},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-9 {
			return false
		}
	}
	return true
}

func TestRead(t *testing.T) {
	judged, err := eval.Read(strings.NewReader("# by hand\n\n" +
		`{"query":"数","class":"one","catalogue":"x","relevant":[{"type":"org","key":"x:1","grade":2},{"type":"course","key":"x:2","grade":1}]}` + "\n"))
	if err != nil || len(judged) != 1 || judged[0].Relevant[0].Grade != 2 {
		t.Fatalf("read %+v, %v", judged, err)
	}
	if kinds := judged[0].Kinds(); !slices.Equal(kinds, []catalog.Kind{catalog.KindOrg, catalog.KindCourse}) {
		t.Errorf("kinds are %v", kinds)
	}
	fused := judged[0].Fuse(map[catalog.Kind][]string{catalog.KindOrg: {"y:9", "x:1", "x:3"}, catalog.KindCourse: {"x:2"}, catalog.KindTeacher: {"x:7"}})
	want := []eval.Item{{Type: catalog.KindOrg, Key: "x:1"}, {Type: catalog.KindCourse, Key: "x:2"}, {Type: catalog.KindOrg, Key: "x:3"}}
	if !slices.Equal(fused, want) {
		t.Errorf("fused is %v, want %v", fused, want)
	}
	for _, bad := range []string{
		"{", `{"query":"x"}`, `{"query":"x","class":"a","catalogue":"b","catalogues":["c"]}`,
		`{"query":"x","class":"must_be_empty","relevant":[{"type":"org","key":"x:1","grade":2}]}`,
	} {
		if _, err := eval.Read(strings.NewReader("\n" + bad)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: error is %v", bad, err)
		}
	}
	if kinds := (eval.Judged{}).Kinds(); len(kinds) != 3 {
		t.Errorf("a query that must find nothing is put to %v", kinds)
	}
	if kinds := (eval.Judged{Kind: catalog.KindOrg}).Kinds(); !slices.Equal(kinds, []catalog.Kind{catalog.KindOrg}) {
		t.Errorf("a query for one kind is put to %v", kinds)
	}
}

// TestNearIsReadAfterTheHits: what stands apart counts as a visitor reads it, if it is of the
// catalogues that count, and is no hit where there must be none.
func TestNearIsReadAfterTheHits(t *testing.T) {
	judged, err := eval.Read(strings.NewReader(
		`{"query":"a","class":"one","catalogues":["x","y"],"relevant":[{"type":"course","key":"y:2","grade":3}]}` + "\n" +
			`{"query":"b","class":"must_be_empty","catalogues":["x"],"relevant":[]}` + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	apart := apart{
		Hits: map[catalog.Kind][]string{},
		Near: map[catalog.Kind][]string{catalog.KindCourse: {"z:1", "xy:3", "x:1", "y:2"}},
	}
	r, err := eval.Run(t.Context(), "apart", apart, judged, func(int) {})
	if err != nil || r.All.Mean.MRR != 0.5 || r.All.Mean.False != 0 || len(r.Misses) != 0 {
		t.Errorf("%+v, %v", r.All.Mean, err)
	}
	apart.Hits[catalog.KindCourse] = []string{"x:9", "x:8", "x:7"}
	if r, err = eval.Run(t.Context(), "apart", apart, judged, func(int) {}); err != nil || r.All.Mean.MRR != 0.2 || r.All.Mean.False != 1 || len(r.Misses) != 2 {
		t.Errorf("%+v, %v", r.All.Mean, err)
	}
}

// apart finds the same for every query.
type apart eval.Results

func (a apart) Keys(context.Context, []catalog.Kind, string, int) (eval.Results, error) {
	return eval.Results(a), nil
}

// fake answers from a table.
type fake func(text string) ([]string, error)

func (f fake) Keys(_ context.Context, _ []catalog.Kind, text string, _ int) (eval.Results, error) {
	keys, err := f(text)
	return eval.Results{Hits: map[catalog.Kind][]string{catalog.KindCourse: keys}}, err
}

func TestRunAndCompare(t *testing.T) {
	judged := []eval.Judged{
		{Query: "a", Class: "names", Relevant: relevant(map[string]int{"a": 2})},
		{Query: "b", Class: "names", Relevant: relevant(map[string]int{"b": 2})},
		{Query: "c", Class: "names", Relevant: relevant(map[string]int{"c": 2})},
		{Query: "none", Class: "empty"},
	}
	run := func(f fake) eval.Report {
		t.Helper()
		done := 0
		r, err := eval.Run(t.Context(), "fake", f, judged, func(n int) { done = n })
		if err != nil || done != len(judged) {
			t.Fatalf("run: %v after %d", err, done)
		}
		return r
	}
	good := run(func(text string) ([]string, error) {
		if text == "none" {
			return nil, nil
		}
		return []string{text}, nil
	})
	bad := run(func(text string) ([]string, error) { return []string{"a"}, nil })
	if len(good.Misses) != 0 || !slices.Equal(bad.Misses, []string{"names: b", "names: c", "empty: none"}) {
		t.Errorf("misses are %q and %q", good.Misses, bad.Misses)
	}
	names := bad.Classes[1]
	if names.Name != "names" || names.Queries != 3 || math.Abs(names.Mean.Success3-1.0/3) > 1e-9 || names.Low.Success3 != 0 || names.High.Success3 != 1 {
		t.Errorf("class is %+v", names)
	}
	if worse := eval.Worse(good, bad); len(worse) != 3 {
		t.Errorf("worse are %+v", worse)
	}
	if worse := eval.Worse(bad, good); worse != nil {
		t.Errorf("better is called worse: %+v", worse)
	}
	if worse := eval.Worse(good, eval.Report{}); len(worse) != 2 {
		t.Errorf("classes that are gone are %+v", worse)
	}
	broken := errors.New("broken")
	if _, err := eval.Run(t.Context(), "fake", fake(func(string) ([]string, error) { return nil, broken }), judged, func(int) {}); !errors.Is(err, broken) {
		t.Errorf("error is %v", err)
	}
}
