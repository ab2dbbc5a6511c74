package search_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/mappings"
)

// direction is a vector that lies between two axes, the nearer to the first the greater
// its share is.
func direction(axis int, share int8) []int8 {
	vector := make([]int8, mappings.VectorDimensions)
	vector[axis], vector[axis+1] = share, 127-share
	return vector
}

// meaningShelf has courses about raising children and about dogs.
func meaningShelf(t *testing.T) *shelf {
	t.Helper()
	s := newShelf(t)
	for _, c := range []mappings.Course{
		{Name: "家庭教育", Language: "zh", Level: "beginner", Vector: direction(0, 120)},
		{Name: "发展心理学", Language: "zh", Level: "advanced", Vector: direction(0, 100)},
		{Name: "亲子沟通", Vector: direction(0, 80)},                                          // in no language that is known
		{Name: "Parenting", Language: "zh", Level: "beginner", Vector: direction(0, 127)}, // in Latin letters, whatever it is taught in
		{Name: "旧模型", Language: "zh", Vector: direction(0, 127), VectorModel: "m@1"},
		{Name: "刚改过", Language: "zh"},
		{Name: "犬类行为", Language: "zh", Vector: direction(10, 127)},
	} {
		if c.Vector != nil && c.VectorModel == "" {
			c.VectorModel = "m@2"
		}
		s.course(t, c)
	}
	s.fillVectors(t, 120)
	s.flush(t)
	return s
}

// filler is the name of courses that are far from everything and have vectors.
const filler = "填充"

// fillVectors adds courses, so that nearly all have vectors.
func (s *shelf) fillVectors(t *testing.T, n int) {
	t.Helper()
	far := make([]int8, mappings.VectorDimensions)
	far[0] = -127
	for range n {
		s.course(t, mappings.Course{Name: filler, Language: "zh", Vector: far, VectorModel: "m@2"})
	}
}

// meantNames are nearNames without the fillers.
func meantNames(a catalog.Answer) []string {
	return slices.DeleteFunc(nearNames(a), func(n string) bool { return n == filler })
}

// means is a Meaning that knows some queries.
func means(known map[string][]int8) search.Meaning {
	return func(_ context.Context, text string) ([]int8, string) { return known[text], "m@2" }
}

// TestMeaning: courses that share no word with the query stand near it, the closest first,
// by the vectors of the one model, and the first of another language behind some of its own.
func TestMeaning(t *testing.T) {
	shelf := meaningShelf(t)
	children := direction(0, 125)
	s := shelf.searcher().WithMeaning(means(map[string][]int8{
		"娃娃顶嘴咋办": children, "kids talking back": children, "发展心理学": children, "心理学": children, "fazhanxinlixue": children, "no such words": nil,
	}))
	a := ask(t, s, "  娃娃顶嘴咋办 ")
	near := meantNames(a)
	if want := []string{"家庭教育", "发展心理学", "亲子沟通", "犬类行为"}; !slices.Equal(slices.DeleteFunc(slices.Clone(near), func(n string) bool { return n == "Parenting" }), want) {
		t.Errorf("near are %q", near)
	}
	if a.Total() != 0 || a.LeftOut != nil || len(a.Courses.Hits) != 0 || len(a.Courses.Facets[catalog.FacetLevel]) != 0 {
		t.Errorf("what is close in meaning counts: %+v", a)
	}
	if first := meantNames(ask(t, s, "kids talking back")); len(first) == 0 || first[0] != "Parenting" {
		t.Errorf("near an English query are %q", first)
	}
	if near := meantNames(ask(t, s, "娃娃顶嘴咋办", filter(catalog.FacetLevel, "beginner"))); !slices.Equal(near, []string{"家庭教育", "Parenting"}) {
		t.Errorf("of courses for beginners near are %q", near)
	}
	if near := meantNames(ask(t, s, "娃娃顶嘴咋办", func(q *catalog.Query) { q.Page = 2 })); len(near) > 0 {
		t.Errorf("the second page has near %q", near)
	}
	if near := meantNames(ask(t, s, "no such words")); len(near) > 0 {
		t.Errorf("without a vector near are %q", near)
	}
	// A rare topic keeps its hit, and has what is about it beside it, once.
	a = ask(t, s, "心理学")
	if got, near := courseNames(a), meantNames(a); !slices.Equal(got, []string{"发展心理学"}) || a.Courses.Total != 1 || len(near) == 0 || near[0] != "家庭教育" || slices.Contains(near, "发展心理学") {
		t.Errorf("hits %q, near %q", got, near)
	}
	// Who has found what is called so waits for nothing more.
	for _, named := range []string{"发展心理学", "fazhanxinlixue"} {
		a := ask(t, s, named)
		if got, near := courseNames(a), meantNames(a); !slices.Equal(got, []string{"发展心理学"}) || len(near) > 0 {
			t.Errorf("%q has hits %q, near %q", named, got, near)
		}
	}
}

// TestMeaningObeysAdmins: what is hidden for a query is not near it either.
func TestMeaningObeysAdmins(t *testing.T) {
	shelf := meaningShelf(t)
	var hidden []catalog.Key
	for _, h := range ask(t, shelf.searcher(), "家庭教育").Courses.Hits {
		hidden = append(hidden, catalog.Key{Kind: catalog.KindCourse, ID: h.ID})
	}
	s := shelf.searcher().WithMeaning(means(map[string][]int8{"娃娃顶嘴": direction(0, 125)})).
		WithCurations(func(key string) *curation.Set { return &curation.Set{Query: key, Hidden: hidden} })
	if near := meantNames(ask(t, s, "娃娃顶嘴")); len(near) == 0 || slices.Contains(near, "家庭教育") {
		t.Errorf("near are %q, one of which is hidden", near)
	}
}

// TestMeaningOfAnOldIndex: an index from before there were vectors goes on by words.
func TestMeaningOfAnOldIndex(t *testing.T) {
	s := newShelf(t)
	old, err := mappings.Body(catalog.KindOrg, mappings.Options{Shards: 1}) // any without the field
	if err != nil {
		t.Fatal(err)
	}
	s.do(t, "DELETE", "/"+s.client.Index(catalog.KindCourse, 1, 1), nil)
	s.do(t, "PUT", "/"+s.client.Index(catalog.KindCourse, 1, 1), old)
	s.do(t, "PUT", "/"+s.client.Index(catalog.KindCourse, 1, 1)+"/_alias/"+s.client.Alias(catalog.KindCourse), nil)
	searcher := s.searcher().WithMeaning(means(map[string][]int8{"娃娃顶嘴": direction(0, 125)}))
	if a := ask(t, searcher, "娃娃顶嘴", only(catalog.KindCourse)); len(a.Courses.Near) > 0 {
		t.Errorf("near are %+v", a.Courses.Near)
	}
}

// TestFewVectorsDoNotLead: until nearly all courses have vectors, words lead, and what the few
// have to say comes after them or not at all.
func TestFewVectorsDoNotLead(t *testing.T) {
	const question = "孩子不听话怎么教育"
	shelf := newShelf(t)
	shelf.course(t, mappings.Course{Name: "声乐训练营", Language: "zh", Vector: direction(0, 127), VectorModel: "m@2"})
	for _, name := range []string{"家庭教育", "亲子沟通与教育", "教育学"} {
		shelf.course(t, mappings.Course{Name: name, Language: "zh"})
	}
	shelf.flush(t)
	now := time.Now()
	s := shelf.searcher().WithMeaning(means(map[string][]int8{question: direction(0, 127), "声乐": direction(0, 127)})).
		At(func() time.Time { return now })
	byWords := nearNames(ask(t, shelf.searcher(), question))
	if near := nearNames(ask(t, s, question)); len(byWords) == 0 || !slices.Equal(near, byWords) {
		t.Errorf("with one vector of 4 near are %q, by words %q", near, byWords)
	}
	shelf.fillVectors(t, 8) // 9 of 12
	shelf.flush(t)
	if near := nearNames(ask(t, s, question)); !slices.Equal(near, byWords) {
		t.Errorf("before it is time to count again near are %q", near)
	}
	ctx, passing := catalog.WithPassing(t.Context())
	_, err := s.Search(ctx, catalog.Query{Text: question, Kinds: catalog.Kinds(), Sort: catalog.SortRelevance, Page: 1, PerPage: 20})
	if until, limited := passing.Until(); err != nil || !limited || until.After(now.Add(time.Minute)) || !until.After(now) {
		t.Errorf("what goes by a count may be kept until %s (%t): %v", until, limited, err)
	}
	now = now.Add(time.Minute)
	near := nearNames(ask(t, s, question))
	if n := len(byWords); len(near) <= n || !slices.Equal(near[:n], byWords) || near[n] != "声乐训练营" {
		t.Errorf("with 9 of 12 near are %q, by words %q", near, byWords)
	}
	if near := nearNames(ask(t, s, "声乐")); len(near) > 0 {
		t.Errorf("beside a rare topic near are %q", near)
	}
	shelf.fillVectors(t, 60) // 69 of 72
	shelf.flush(t)
	now = now.Add(time.Minute)
	if near := nearNames(ask(t, s, question)); len(near) == 0 || near[0] != "声乐训练营" {
		t.Errorf("with nearly all near are %q", near)
	}
}

// TestNoVectorForNothing: while so few courses have vectors that they would change nothing, no
// vector of a query is worked out, until they are counted again.
func TestNoVectorForNothing(t *testing.T) {
	shelf := newShelf(t)
	shelf.course(t, mappings.Course{Name: "声乐训练营", Language: "zh", Vector: direction(0, 127), VectorModel: "m@2"})
	for _, name := range []string{"家庭教育", "亲子沟通与教育", "教育学"} {
		shelf.course(t, mappings.Course{Name: name, Language: "zh"})
	}
	shelf.flush(t)
	now, made := time.Now(), 0
	s := shelf.searcher().At(func() time.Time { return now }).WithMeaning(func(context.Context, string) ([]int8, string) {
		made++
		return direction(0, 127), "m@2"
	})
	for _, question := range []string{"孩子不听话怎么教育", "孩子总是顶嘴怎么办", "娃娃不爱学习怎么办"} {
		ask(t, s, question)
	}
	if made != 1 {
		t.Errorf("%d vectors were made for three questions", made)
	}
	now = now.Add(time.Minute)
	if ask(t, s, "孩子不听话怎么教育"); made != 2 {
		t.Errorf("%d vectors were made, the last a minute later", made)
	}
}

// TestMeaningOfASentence: courses that have most of a sentence's words by the way do not
// stand before those that are close to what it means.
func TestMeaningOfASentence(t *testing.T) {
	shelf := meaningShelf(t)
	for _, name := range []string{"Building Websites on Shelves", "Websites Building Own Shelves", "Own Websites of Shelves"} {
		shelf.course(t, mappings.Course{Name: name, Language: "en"})
	}
	shelf.flush(t)
	const sentence = "how do I get my own shelves for quarrelling websites"
	if a := ask(t, shelf.searcher(), sentence); len(a.Courses.Hits) == 0 {
		t.Errorf("by words there are %q", courseNames(a))
	}
	s := shelf.searcher().WithMeaning(means(map[string][]int8{sentence: direction(0, 127)}))
	if a := ask(t, s, sentence); a.Total() != 0 || len(meantNames(a)) == 0 || meantNames(a)[0] != "Parenting" {
		t.Errorf("hits %q, near %q", courseNames(a), meantNames(a))
	}
	for what, edit := range map[string]func(*catalog.Query){
		"the second page": func(q *catalog.Query) { q.Page = 2 },
		"another order":   func(q *catalog.Query) { q.Sort = catalog.SortNewest },
	} {
		if a := ask(t, s, sentence, edit); a.Total() != 0 || len(meantNames(a)) > 0 {
			t.Errorf("%s has %d hits in all, and near %q", what, a.Total(), meantNames(a))
		}
	}
}

// TestMeaningBesideRelaxedHits: where words had to be left out, what is close in meaning stands
// beside however many hits.
func TestMeaningBesideRelaxedHits(t *testing.T) {
	shelf := meaningShelf(t)
	for _, name := range []string{"Wooden Shelves", "Wooden Shelves at Home", "Wooden Shelves and Tables", "More Wooden Shelves"} {
		shelf.course(t, mappings.Course{Name: name, Language: "en"})
	}
	shelf.course(t, mappings.Course{Name: "Quarrelling", Language: "en", VectorOther: direction(40, 127), VectorModel: "m@2"})
	shelf.flush(t)
	const text = "wooden shelves quarrelling"
	if a := ask(t, shelf.searcher(), text); a.Courses.Total != 4 || len(meantNames(a)) > 0 {
		t.Errorf("by words hits %q, near %q", courseNames(a), meantNames(a))
	}
	s := shelf.searcher().WithMeaning(means(map[string][]int8{text: direction(0, 127)}))
	if a := ask(t, s, text); a.Courses.Total != 4 || len(meantNames(a)) == 0 || meantNames(a)[0] != "Parenting" {
		t.Errorf("hits %q, near %q", courseNames(a), meantNames(a))
	}
}

// TestWordsThatRulesKnow: what rules say stands for a word of the query comes before what a model
// finds close to it, also beside the hits of a rare topic; other words do not.
func TestWordsThatRulesKnow(t *testing.T) {
	shelf := meaningShelf(t)
	for _, name := range []string{"TOEFL Preparation", "Thoughts of Confucius", "论语导读", "考试心理", "考试制度"} {
		shelf.course(t, mappings.Course{Name: name, Language: "zh", Vector: direction(20, 127), VectorModel: "m@2"})
	}
	for range 8 { // closer to the queries than these
		shelf.course(t, mappings.Course{Name: "陪伴", Language: "zh", Vector: direction(0, 60), VectorModel: "m@2"})
	}
	shelf.flush(t)
	far := direction(0, 125)
	known := func(key string) []string {
		return map[string][]string{"托福": {"toefl"}, "confucius": {"论语"}}[key]
	}
	s := search.NewSearcher(shelf.client, nil).WithNearWords(known).WithMeaning(means(map[string][]int8{"准备托福考试": far, "Confucius": far}))
	for query, want := range map[string]string{"准备托福考试": "TOEFL Preparation", "Confucius": "论语导读"} {
		near := meantNames(ask(t, s, query))
		if len(near) == 0 || near[0] != want {
			t.Errorf("near %q are %q, want %q first", query, near, want)
		}
	}
	s = shelf.searcher().WithMeaning(means(map[string][]int8{"准备托福考试": far}))
	if near := meantNames(ask(t, s, "准备托福考试")); len(near) == 0 || near[0] != "家庭教育" {
		t.Errorf("without rules near are %q", near)
	}
}
