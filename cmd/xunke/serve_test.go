package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/searchlog"
)

// servedRows is the catalogue of these tests.
var servedRows = []string{
	`INSERT INTO cities (id, name) VALUES (1, '北京'), (2, '上海')`,
	`INSERT INTO categories (id, name) VALUES (1, '计算机'), (2, '数学')`,
	`INSERT INTO tags (id, name) VALUES (1, '编程'), (2, '算法')`,
	`INSERT INTO orgs (id, name, category, city_id) VALUES (1, '清华大学', 'university', 1), (2, '寻课学堂', 'training', 2)`,
	`INSERT INTO teachers (id, name, org_id) VALUES (1, '凌若溪', 1), (2, '曾老师', 2)`,
	`INSERT INTO courses (id, name, org_id, category_id, level, language, starting_students, hidden) VALUES
		(1, '数据结构', 1, 1, 'intermediate', 'zh', 900, FALSE),
		(2, 'C++ 程序设计', 1, 1, 'beginner', 'zh', 500, FALSE),
		(3, 'C# 入门', 2, 1, 'beginner', 'zh', 100, FALSE),
		(4, '微积分', 2, 2, NULL, '', 0, FALSE),
		(5, '藏起来的数据结构', 1, 1, NULL, 'zh', 9999, TRUE)`,
	`INSERT INTO course_teachers (course_id, teacher_id, position) VALUES (1, 1, 0), (2, 1, 0), (3, 2, 0)`,
	`INSERT INTO course_tags (course_id, tag_id) VALUES (1, 2), (2, 1), (3, 1)`,
}

// site is the whole product on the real servers: indexer and API in this process. The API
// reaches each server through a gate.
type site struct {
	t    *testing.T
	base string
	doc  *openapi3.T

	elasticsearch, mysql, redis *testenv.Gate
}

func newSite(t *testing.T) *site {
	t.Helper()
	a := &app{config: testenv.Config(t), log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	a.config.API.CursorSecret = "a secret of the tests"
	a.config.Indexer.SentinelEvery = time.Second
	db := testenv.MySQL(t, a.config)
	for _, statement := range servedRows {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, base: "http://" + listener.Addr().String()}
	api := &app{config: s.behindGates(a.config), log: a.log}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- a.index(ctx) }()
	go func() { ended <- api.serveOn(ctx, listener, true) }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("ended with: %v", err)
				}
			case <-time.After(time.Minute):
				t.Fatal("indexer or API did not end")
			}
		}
		http.DefaultClient.CloseIdleConnections()
	})
	testenv.Eventually(t, 5*time.Minute, "the site is ready and the catalogue indexed", func() (bool, string) {
		select {
		case err := <-ended:
			ended <- nil
			t.Fatalf("ended early: %v", err)
		default:
		}
		if status, body := s.get("/readyz"); status != http.StatusOK || strings.Contains(body, `"degraded"`) {
			return false, body
		}
		var list catalog.Section[catalog.CourseHit]
		_, body := s.get("/api/v1/courses")
		return json.Unmarshal([]byte(body), &list) == nil && list.Total == 4, body
	})
	_, description := s.get("/openapi.json")
	if s.doc, err = openapi3.NewLoader().LoadFromData([]byte(description)); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) get(target string) (status int, body string) {
	s.t.Helper()
	res, err := http.Get(s.base + target)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// call asks, checks the answer against its description (path is the pattern), and
// decodes it.
func (s *site) call(path, target string, status int, into any) {
	s.t.Helper()
	got, body := s.get(target)
	if got != status {
		s.t.Errorf("%s: %d %s, want %d", target, got, body, status)
		return
	}
	var value any
	dec := json.NewDecoder(bytes.NewReader([]byte(body)))
	dec.UseNumber()
	if err := dec.Decode(&value); err != nil {
		s.t.Fatalf("%s: %v", target, err)
	}
	for _, content := range s.doc.Paths.Value(path).Get.Responses.Status(status).Value.Content {
		if err := content.Schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
			s.t.Errorf("%s: %s\nis not as described: %v", target, body, err)
		}
	}
	if into != nil {
		if err := json.Unmarshal([]byte(body), into); err != nil {
			s.t.Fatal(err)
		}
	}
}

// TestServeWithoutTheOthers: with neither Elasticsearch nor Redis the API says what is
// missing, answers what MySQL alone can answer, and loses no event.
func TestServeWithoutTheOthers(t *testing.T) {
	a := &app{config: testenv.Config(t), log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	db := testenv.MySQL(t, a.config)
	for _, statement := range servedRows {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	// Nothing listens on the first port.
	a.config.Elasticsearch.Addresses = []string{"http://127.0.0.1:1"}
	a.config.Redis.Addresses = []string{"127.0.0.1:1"}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.serveOn(ctx, listener, false) }()
	s := &site{t: t, base: "http://" + listener.Addr().String()}
	for target, want := range map[string]int{
		"/healthz": http.StatusOK, "/readyz": http.StatusOK, "/metrics": http.StatusOK, "/docs": http.StatusOK,
		"/api/v1/search?q=a": http.StatusOK, "/api/v1/courses": http.StatusOK, "/": http.StatusOK, "/?q=a": http.StatusOK,
		"/api/v1/suggest?q=a": http.StatusOK, "/api/v1/rankings/courses": http.StatusOK,
		"/api/v1/rankings/courses?window=all": http.StatusOK, "/widgets/ranking?kind=courses": http.StatusOK,
		"/api/v1/courses/1": http.StatusOK, "/api/v1/orgs/1": http.StatusOK, "/api/v1/teachers/1": http.StatusOK,
		"/api/v1/courses/1/related": http.StatusOK, "/api/v1/courses/99/related": http.StatusNotFound, "/api/v1/courses/99": http.StatusNotFound,
		"/courses/1": http.StatusOK, "/api/v1/search?page=0": http.StatusBadRequest,
	} {
		status, body := s.get(target)
		if status != want {
			t.Errorf("%s: %d %s, want %d", target, status, body, want)
		}
		if strings.Contains(body, "127.0.0.1:1") {
			t.Errorf("%s shows internals: %s", target, body)
		}
	}
	if _, body := s.get("/readyz"); !strings.Contains(body, `"ready":true,"degraded":true,"not_ready":["elasticsearch","redis"]`) {
		t.Errorf("/readyz: %s", body)
	}
	res, err := http.Post(s.base+"/api/v1/events", "application/json", strings.NewReader(`{"type":"view","kind":"course","id":4}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		t.Errorf("the event: %s", res.Status)
	}
	testenv.Eventually(t, time.Minute, "the event and both searches are kept", func() (bool, string) {
		_, figures := s.get("/metrics")
		return strings.Contains(figures, `xunke_events_total{outcome="spilled"} 3`), figures
	})
	// A second server on the same port says so before it asks for anything else.
	a.config.API.Listen = listener.Addr().String()
	if err := a.serve(t.Context(), false); err == nil || !strings.Contains(err.Error(), "the port is taken") {
		t.Errorf("a second server: %v", err)
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with: %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("did not end")
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestServe(t *testing.T) {
	s := newSite(t)
	t.Run("freshness", s.freshness) // first: what measures it is in the index of all that follows
	t.Run("searches", s.searches)
	t.Run("odd queries", s.oddQueries)
	t.Run("lists", s.lists)
	t.Run("details", s.details)
	t.Run("rankings and events", s.rankings)
	t.Run("the report on searches", s.report)
	t.Run("pages", s.pages)
	t.Run("pins", s.pins)
	t.Run("servers that are away", s.away)
}

func (s *site) searches(t *testing.T) {
	s.t = t
	const path = "/api/v1/search"
	for q, want := range map[string]string{"数据结构": "数据结构", "C++": "C++ 程序设计", "C#": "C# 入门", "數據結構": "数据结构", "微积分": "微积分"} {
		var a catalog.Answer
		s.call(path, path+"?type=course&q="+url.QueryEscape(q), http.StatusOK, &a)
		if a.Courses == nil || len(a.Courses.Hits) == 0 || a.Courses.Hits[0].Name != want || a.Orgs != nil || a.Query != q {
			t.Errorf("%s finds %+v", q, a.Courses)
		}
	}
	var all catalog.Answer
	s.call(path, path+"?q="+url.QueryEscape("清华大学"), http.StatusOK, &all)
	if all.SearchID == "" || all.Orgs == nil || len(all.Orgs.Hits) == 0 || all.Orgs.Hits[0].ID != 1 || all.Orgs.NextCursor != nil {
		t.Errorf("an org's name finds %+v", all.Orgs)
	}
	// A filter leaves out the kinds that do not have it.
	var filtered catalog.Answer
	s.call(path, path+"?level=beginner", http.StatusOK, &filtered)
	if filtered.Courses == nil || filtered.Courses.Total != 2 || filtered.Orgs != nil || filtered.Teachers != nil {
		t.Errorf("level=beginner: %+v", filtered)
	}
	var suggested struct {
		Suggestions []catalog.Suggestion `json:"suggestions"`
	}
	s.call("/api/v1/suggest", "/api/v1/suggest?q="+url.QueryEscape("数据"), http.StatusOK, &suggested)
	if len(suggested.Suggestions) == 0 || !strings.Contains(suggested.Suggestions[0].Text, "数据") {
		t.Errorf("suggestions %+v", suggested)
	}
}

// oddQueries: whatever is typed, the index is asked for text and never fails.
func (s *site) oddQueries(t *testing.T) {
	s.t = t
	for _, q := range []string{
		"", " ", "'", `"`, `\`, "*", "?", "~", "+", "-", "&&", "||", "!", "(", ")", "[* TO *]", "{", "}", "^", ":", "/", "name:*", "_exists_:name",
		"数据 AND", "NOT", "OR OR", "((((((", `{"match_all":{}}`, "<script>alert(1)</script>", "'; DROP TABLE courses; --", "${jndi:ldap://x}",
		"👩‍💻", "🇨🇳", "\u202e结构", "\u0000\u0007\n", "e\u0301", "ﬁ", "Ｃ＋＋", "ㄅㄆㄇ", "ཀ", "\U0010ffff", "\ufeff数据",
		strings.Repeat("数", 300), strings.Repeat("a ", 200), strings.Repeat("(", 256), strings.Repeat("\"", 5000), strings.Repeat("x", 10<<10),
	} {
		for _, path := range []string{"/api/v1/search", "/api/v1/suggest"} {
			s.call(path, path+"?q="+url.QueryEscape(q), http.StatusOK, nil)
		}
		s.call("/api/v1/search", "/api/v1/search?type=teacher&sort=hot&exact=true&explain=true&q="+url.QueryEscape(q), http.StatusOK, nil)
		s.call("/api/v1/courses", "/api/v1/courses?city=%00&tag="+url.QueryEscape(string([]rune(q)[:min(len([]rune(q)), 255)])), http.StatusOK, nil)
	}
	for _, target := range []string{"?q=%ff", "?page=0", "?per_page=1000", "?sort=price", "?colour=red", "?page=1001", "?type=course&cursor=x", "?org_id=9223372036854775808"} {
		s.call("/api/v1/search", "/api/v1/search"+target, http.StatusBadRequest, nil)
	}
	s.call("/api/v1/search", "/api/v1/search?page=100&per_page=100&q=a", http.StatusOK, nil)
	s.call("/api/v1/search", "/api/v1/search?type=course&org_id=9223372036854775807", http.StatusOK, nil)
}

func (s *site) lists(t *testing.T) {
	s.t = t
	var seen []int64
	cursor := ""
	for range 10 {
		var page catalog.Section[catalog.CourseHit]
		s.call("/api/v1/courses", "/api/v1/courses?sort=students&per_page=1"+cursor, http.StatusOK, &page)
		if page.Total != 4 {
			t.Errorf("total %d", page.Total)
		}
		for _, hit := range page.Hits {
			seen = append(seen, hit.ID)
		}
		if page.NextCursor == nil {
			break
		}
		cursor = "&cursor=" + *page.NextCursor
	}
	if len(seen) != 4 || seen[0] != 1 || seen[1] != 2 || seen[2] != 3 || seen[3] != 4 {
		t.Errorf("by students: %v", seen)
	}
	var orgs catalog.Section[catalog.OrgHit]
	s.call("/api/v1/orgs", "/api/v1/orgs?category=university&city="+url.QueryEscape("北京"), http.StatusOK, &orgs)
	if orgs.Total != 1 || orgs.Hits[0].Name != "清华大学" || orgs.Hits[0].Courses != 2 || orgs.Hits[0].Students != 1400 {
		t.Errorf("universities in 北京: %+v", orgs)
	}
	var teachers catalog.Section[catalog.TeacherHit]
	s.call("/api/v1/teachers", "/api/v1/teachers?org_id=2", http.StatusOK, &teachers)
	if teachers.Total != 1 || teachers.Hits[0].Name != "曾老师" {
		t.Errorf("teachers of 2: %+v", teachers)
	}
}

func (s *site) details(t *testing.T) {
	s.t = t
	var course catalog.Course
	s.call("/api/v1/courses/{id}", "/api/v1/courses/2", http.StatusOK, &course)
	if course.Name != "C++ 程序设计" || course.Org == nil || len(course.Teachers) != 1 || len(course.Tags) != 1 {
		t.Errorf("course %+v", course)
	}
	s.call("/api/v1/orgs/{id}", "/api/v1/orgs/1", http.StatusOK, nil)
	s.call("/api/v1/teachers/{id}", "/api/v1/teachers/1", http.StatusOK, nil)
	var related struct{ Hits []catalog.CourseHit }
	s.call("/api/v1/courses/{id}/related", "/api/v1/courses/2/related", http.StatusOK, &related)
	if len(related.Hits) == 0 || related.Hits[0].ID != 3 {
		t.Errorf("related to C++: %+v", related)
	}
	s.call("/api/v1/orgs/{id}/related", "/api/v1/orgs/1/related?limit=1", http.StatusOK, &related)
	if len(related.Hits) != 1 {
		t.Errorf("courses of an org: %+v", related)
	}
	s.call("/api/v1/teachers/{id}/related", "/api/v1/teachers/2/related", http.StatusOK, &related)
	if len(related.Hits) != 1 || related.Hits[0].ID != 3 {
		t.Errorf("courses of a teacher: %+v", related)
	}
	for _, k := range catalog.Kinds() {
		base := "/api/v1/" + k.Plural() + "/"
		s.call(base+"{id}", base+"99", http.StatusNotFound, nil)
		s.call(base+"{id}", base+"x", http.StatusBadRequest, nil)
		s.call(base+"{id}/related", base+"99/related", http.StatusNotFound, nil)
	}
	s.call("/api/v1/courses/{id}", "/api/v1/courses/5", http.StatusNotFound, nil)
	s.call("/api/v1/courses/{id}/related", "/api/v1/courses/5/related", http.StatusNotFound, nil)
}

// rankings: a view that is accepted comes to be the top of the day.
func (s *site) rankings(t *testing.T) {
	s.t = t
	res, err := http.Post(s.base+"/api/v1/events", "application/json", strings.NewReader(`{"type":"view","kind":"course","id":4}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		t.Fatalf("the event: %s", res.Status)
	}
	testenv.Eventually(t, time.Minute, "the view is ranked", func() (bool, string) {
		var ranking catalog.Ranking
		s.call("/api/v1/rankings/courses", "/api/v1/rankings/courses?window=day", http.StatusOK, &ranking)
		_, figures := s.get("/metrics")
		taken := strings.Contains(figures, `xunke_events_taken_total{type="view"} 1`)
		return taken && !ranking.Degraded && len(ranking.Items) == 1 && ranking.Items[0].ID == 4, "not yet"
	})
	for _, target := range []string{"orgs?category=training", "teachers?org_id=2&window=all", "courses?level=beginner&window=month&limit=100"} {
		path, _, _ := strings.Cut("/api/v1/rankings/"+target, "?")
		s.call(path, "/api/v1/rankings/"+target, http.StatusOK, nil)
	}
}

// report: what is searched for, and the hit that is opened, are in the report soon after.
func (s *site) report(t *testing.T) {
	s.t = t
	var a catalog.Answer
	s.call("/api/v1/search", "/api/v1/search?q="+url.QueryEscape("ＱＵＡＮＴＵＭ  Cooking"), http.StatusOK, &a)
	res, err := http.Post(s.base+"/api/v1/events", "application/json",
		strings.NewReader(`{"type":"click","kind":"course","id":4,"position":2,"search_id":"`+a.SearchID+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	s.get("/?q=" + url.QueryEscape("Quantum Cooking")) // the same on a page
	testenv.Eventually(t, time.Minute, "the search is reported", func() (bool, string) {
		out, err := runCommand(t, "report", "searches", "--limit", "1000", "--json")
		var r searchlog.Report
		if err == nil {
			err = json.Unmarshal([]byte(out), &r)
		}
		for _, q := range r.Top {
			if q.Query == "quantum cooking" {
				return q.Searches == 2 && q.Visitors == 1 && q.Clicks == 1 && q.Clicked == 1 && q.ZeroHits == 2, fmt.Sprintf("%+v", q)
			}
		}
		return false, fmt.Sprint(err, out)
	})
}

func (s *site) pages(t *testing.T) {
	s.t = t
	for target, part := range map[string]string{
		"/":                              "寻课",
		"/?q=" + url.QueryEscape("数据结构"): "数据结构",
		"/courses/1":                     "数据结构",
		"/orgs/1":                        "清华大学",
		"/teachers/1":                    "凌若溪",
		"/docs":                          "/api/v1/search",
		"/metrics":                       "xunke_http_requests_total",
		"/healthz":                       `"ok"`,
		"/readyz":                        `"redis"`,
	} {
		if status, body := s.get(target); status != http.StatusOK || !strings.Contains(body, part) {
			t.Errorf("%s: %d without %s", target, status, part)
		}
	}
}
