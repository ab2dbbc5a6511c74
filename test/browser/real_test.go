package browser

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/mysql/imports"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
	"github.com/xunke/xunke/rankings"
	"github.com/xunke/xunke/related"
	"github.com/xunke/xunke/web/webtest"
)

const realCatalogue = `
{"type":"org","key":"o1","name":"青岚软件学院","category":"training","city":"杭州","description":"教人写程序。"}
{"type":"org","key":"o2","name":"海棠大学","category":"university","city":"青岛"}
{"type":"teacher","key":"t1","name":"苏映雪","org":"o1","title":"高级讲师","bio":"写了二十年程序。"}
{"type":"course","key":"c1","name":"C++ 面向对象程序设计","summary":"从零写起。","org":"o1","teachers":["t1"],"category":"编程语言","level":"beginner","tags":["C++"],"language":"zh","minutes":600,"students":12345}
{"type":"course","key":"c2","name":"C++ 模板元编程","org":"o1","teachers":["t1"],"category":"编程语言","level":"advanced","tags":["C++","模板"],"language":"zh","students":800}
{"type":"course","key":"c3","name":"数据结构","org":"o2","category":"计算机基础","level":"beginner","tags":["算法"],"language":"zh","students":30}
{"type":"course","key":"c4","name":"C# 桌面应用","org":"o2","category":"编程语言","level":"beginner","language":"zh"}
`

// realSite is a site on the real servers, with a small catalogue.
func realSite(t *testing.T) *webtest.Site {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	config := testenv.Config(t)
	db := testenv.MySQL(t, config)
	file := filepath.Join(t.TempDir(), "catalogue.jsonl")
	if err := os.WriteFile(file, []byte(realCatalogue), 0o600); err != nil {
		t.Fatal(err)
	}
	summary, err := intake.Import(ctx, imports.NewStore(db), []string{file}, intake.Options{})
	if err != nil || summary.Items() != 7 {
		t.Fatalf("import the catalogue: %d items, %v", summary.Items(), err)
	}

	client := testenv.Elasticsearch(t, config)
	indices, writer := index.NewIndices(client, mappings.Options{Shards: 1, Refresh: time.Second}), index.NewWriter(client)
	documents := everyDocument(ctx, t, source.NewReader(db, config.Elasticsearch.Prefix))
	serving := map[catalog.Kind]string{}
	for _, k := range catalog.Kinds() {
		generation, err := indices.Create(ctx, k, 1)
		if err != nil {
			t.Fatal(err)
		}
		outcomes, err := writer.Write(ctx, generation.Index, documents[k])
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range outcomes {
			if o.Status >= 300 {
				t.Fatalf("index a %s: %s", k, o.Reason)
			}
		}
		if err := client.Do(ctx, "POST", "/"+generation.Index+"/_refresh", nil, nil); err != nil {
			t.Fatal(err)
		}
		serving[k] = generation.Index
	}
	if err := indices.Swap(ctx, serving); err != nil {
		t.Fatal(err)
	}

	searcher, details := search.NewSearcher(client, nil), store.NewDetails(db)
	s := webtest.NewSite()
	s.Searcher = webtest.Searcher{OnSearch: searcher.Search, OnSuggest: searcher.Suggest}
	s.Relater.OnRelated = related.NewService(searcher, store.NewEnrolments(db), slog.New(slog.DiscardHandler)).Related
	s.Details = webtest.Details{OnCourse: details.Course, OnOrg: details.Org, OnTeacher: details.Teacher}
	s.Ranker.OnRanking = (&rankings.Service{Fallback: searcher}).Ranking
	return s.Start(t)
}

// everyDocument reads the documents of a catalogue whose ids begin at 1.
func everyDocument(ctx context.Context, t *testing.T, reader *source.Reader) map[catalog.Kind][]indexer.Document {
	t.Helper()
	var keys []catalog.Key
	for _, k := range catalog.Kinds() {
		n, err := reader.Count(ctx, k)
		if err != nil {
			t.Fatal(err)
		}
		for id := range n {
			keys = append(keys, catalog.Key{Kind: k, ID: id + 1})
		}
	}
	snapshot, err := reader.Read(ctx, "", keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	documents := map[catalog.Kind][]indexer.Document{}
	add := func(k catalog.Kind, id int64, document any) {
		body, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		documents[k] = append(documents[k], indexer.Document{ID: id, Version: 1, Body: body})
	}
	// What can be computed from a row's own name is not in a snapshot.
	for id, d := range snapshot.Courses {
		d.NameTerms = mappings.TermsOf(d.Name)
		add(catalog.KindCourse, id, d)
	}
	for id, d := range snapshot.Orgs {
		d.NameTerms = mappings.TermsOf(d.Name)
		add(catalog.KindOrg, id, d)
	}
	for id, d := range snapshot.Teachers {
		d.NameTerms = mappings.TermsOfPerson(d.Name)
		add(catalog.KindTeacher, id, d)
	}
	return documents
}

func TestTheSiteOnRealServers(t *testing.T) {
	s := realSite(t)
	b := open(startChromium(t), t, s, "/?lang=zh")
	names := func() string {
		return value[string](b, `[...document.querySelectorAll(".row-name")].map(e => e.textContent).sort().join("|")`)
	}

	// Pinyin that is being composed finds Hanzi, which are marked.
	b.click("#q")
	b.compose("shu'ju")
	b.until("a suggestion for pinyin", `document.querySelector("#suggestions em")?.textContent === "数据"`)
	b.insert("C++")
	b.until("suggestions for what was settled", `[...document.querySelectorAll("#suggestions .option-name")].some(e => e.textContent === "C++ 模板元编程")`)
	b.press("Enter")
	b.at("/?q=C%2B%2B&lang=zh")
	if got := names(); got != "C++ 模板元编程|C++ 面向对象程序设计" {
		t.Fatalf("C++ finds %q", got)
	}
	if got := value[string](b, `document.querySelector(".row-name em").textContent`); got != "C++" {
		t.Errorf("marked is %q", got)
	}

	// A filter gives what its count promised, and keeps the keyword.
	filter := `document.querySelector('.value[href*="level=advanced"]')`
	if got := value[string](b, filter+`.querySelector(".value-count").textContent`); got != "1" {
		t.Errorf("the count of advanced courses is %s", got)
	}
	b.click(`.value[href*="level=advanced"]`)
	b.at("/?q=C%2B%2B&type=course&level=advanced&lang=zh")
	if got := names(); got != "C++ 模板元编程" {
		t.Errorf("advanced C++ finds %q", got)
	}

	// From the course to its org, its courses, its teacher.
	b.click(".row-name a")
	b.until("the course", `document.querySelector("h1").textContent === "C++ 模板元编程"`)
	b.until("its related course", `document.querySelector(".related .card-name")?.textContent === "C++ 面向对象程序设计"`)
	b.click(`.rail a[href^="/orgs/"]`)
	b.until("the org", `document.querySelector("h1").textContent === "青岚软件学院" && document.querySelectorAll(".card").length === 2`)
	b.click(`.rail a[href^="/teachers/"]`)
	b.until("the teacher", `document.querySelector("h1").textContent === "苏映雪" && document.querySelectorAll(".card").length === 2`)

	// An exact name is on top.
	b.visit("/?lang=zh&q=%E6%B5%B7%E6%A3%A0%E5%A4%A7%E5%AD%A6")
	if got := value[string](b, `document.querySelector(".best .person-name")?.textContent`); got != "海棠大学" {
		t.Errorf("on top is %q", got)
	}
	p := s.Get(t, "/?lang=zh")
	webtest.Contains(t, p, "4 门课程 · 2 家机构 · 1 位教师", "编程语言", "数据结构")
}
