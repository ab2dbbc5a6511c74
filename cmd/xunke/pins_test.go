package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/testenv"
)

func TestPinsCommands(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	for _, statement := range servedRows {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	for _, tt := range []struct {
		args string // separated by |
		want string
	}{
		{"list", "no pins yet; xunke pins set QUERY KIND:ID pins an item\n"},
		{"set|Ｐython|course:3|orgs:2", "" +
			"query    what   item      name\n" +
			"Ｐython  pin 1  course:3  C# 入门\n" +
			"Ｐython  pin 2  org:2     寻课学堂\n" +
			"searches know within seconds\n"},
		{"hide|python|courses:1", "" +
			"query   what   item      name\n" +
			"python  pin 1  course:3  C# 入门\n" +
			"python  pin 2  org:2     寻课学堂\n" +
			"python  hide   course:1  数据结构\n" +
			"searches know within seconds\n"},
		{"boost|数据结构|course:2", "" +
			"query     what      item      name\n" +
			"数据结构  boost ×2  course:2  C++ 程序设计\n" +
			"searches know within seconds\n"},
		{"boost|數據結構|course:2|--by|0.5", "" +
			"query     what        item      name\n" +
			"數據結構  boost ×0.5  course:2  C++ 程序设计\n" +
			"searches know within seconds\n"},
		{"remove|python|org:2|course:1", "" +
			"query   what   item      name\n" +
			"python  pin 1  course:3  C# 入门\n" +
			"searches know within seconds\n"},
		{"list|PYTHON", "" +
			"query   what   item      name\n" +
			"python  pin 1  course:3  C# 入门\n"},
		{"remove|python", "no pins are left for \"python\"; searches know within seconds\n"},
	} {
		out, err := runCommand(t, append([]string{"pins"}, strings.Split(tt.args, "|")...)...)
		if err != nil || out != tt.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", tt.args, err, out, tt.want)
		}
	}
	var rows []curation.Row
	out, err := runCommand(t, "pins", "list", "--json")
	if err == nil {
		err = json.Unmarshal([]byte(out), &rows)
	}
	if err != nil || len(rows) != 1 || rows[0].Action != curation.Boost || rows[0].Factor != 0.5 || rows[0].QueryKey != "数据结构" || rows[0].State != curation.ItemVisible {
		t.Errorf("list as JSON: %v\n%s", err, out)
	}
	for args, says := range map[string]string{
		"set|python|course:99":           "course:99 does not exist",
		"set|python|course:5":            "course:5 is hidden",
		"set|python|lesson:1":            `"lesson:1" is not KIND:ID`,
		"hide|python|course:x":           `"course:x" is not KIND:ID`,
		"hide|python|course:0":           `"course:0" is not KIND:ID`,
		"set|python|course:1|course:1":   "course:1 is given twice",
		"boost|python|course:1|--by|100": "by: 100 is not between 0.1 and 10",
		"set| |course:1":                 `query: " " has nothing to search for`,
		"list|":                          `query: "" has nothing to search for`,
	} {
		_, err := runCommand(t, append([]string{"pins"}, strings.Split(args, "|")...)...)
		if catalog.CodeOf(err) != catalog.CodeInvalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want %s", args, err, says)
		}
	}
	if _, err := runCommand(t, "pins", "remove", "python"); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("remove what is not curated: %v", err)
	}
}

// pins: what the command line curates, the API and the pages show within seconds, in the
// form that is described.
func (s *site) pins(t *testing.T) {
	s.t = t
	const path = "/api/v1/search"
	target := path + "?type=course&q=" + url.QueryEscape("数据结构")
	shows := func(what string, is func(*catalog.Section[catalog.CourseHit]) bool) {
		t.Helper()
		testenv.Eventually(t, time.Minute, what, func() (bool, string) {
			var a catalog.Answer
			s.call(path, target, http.StatusOK, &a)
			raw, err := json.Marshal(a.Courses.Hits)
			if err != nil {
				t.Fatal(err)
			}
			return is(a.Courses), string(raw)
		})
	}
	run := func(args ...string) {
		t.Helper()
		if out, err := runCommand(t, append([]string{"pins"}, args...)...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	run("set", "數據結構", "course:4", "org:2")
	shows("the pin is first", func(c *catalog.Section[catalog.CourseHit]) bool {
		return c.Total == 2 && c.Hits[0].ID == 4 && c.Hits[0].Pinned && c.Hits[1].ID == 1 && !c.Hits[1].Pinned
	})
	if _, body := s.get(target); strings.Count(body, `"pinned":true`) != 1 || strings.Contains(body, `"pinned":false`) {
		t.Errorf("pinned is told otherwise: %s", body)
	}
	if _, body := s.get(target + "&explain=true"); !strings.Contains(body, `"pinned":["course:4","org:2"]`) {
		t.Errorf("the plan lacks the pins: %s", body)
	}
	for lang, badge := range map[string]string{"zh": "置顶", "en": "Pinned"} {
		if _, body := s.get("/?lang=" + lang + "&q=" + url.QueryEscape("数据结构")); strings.Count(body, `<span class="pinned">`+badge) != 2 {
			t.Errorf("the page in %s does not show what is pinned", lang)
		}
	}
	run("hide", "数据结构", "course:1")
	shows("what is hidden is gone", func(c *catalog.Section[catalog.CourseHit]) bool { return c.Total == 1 && c.Hits[0].ID == 4 })
	run("remove", "数据结构")
	shows("all is as before", func(c *catalog.Section[catalog.CourseHit]) bool {
		return c.Total == 1 && c.Hits[0].ID == 1 && !c.Hits[0].Pinned
	})
}
