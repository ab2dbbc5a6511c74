package intake

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
)

func TestParseLine(t *testing.T) {
	item, problems := ParseLine([]byte(`{"type":"course","key":" c1 ","name":" C++ 程序设计 ","summary":"一句","description":"两行\n文字","org":"o1",
		"teachers":["曾雨桐","t2","曾雨桐"],"category":"编程语言","level":"advanced","tags":["C++"," C++ ","a\"b"],"language":"zh","minutes":90,
		"students":829563,"image":"/a.png","hidden":true,"created_at":"2020-01-31T08:00:00.1239+08:00"}`))
	if problems != nil {
		t.Fatal(problems)
	}
	want := &Course{
		Key: "c1", Name: "C++ 程序设计", Summary: "一句", Description: "两行\n文字", Org: Ref{Text: "o1"},
		Teachers: []Ref{{Text: "曾雨桐"}, {Text: "t2"}}, Category: "编程语言", Level: catalog.LevelAdvanced, Tags: []string{"C++", `a"b`},
		Language: "zh", Minutes: 90, Students: 829563, Image: "/a.png", Hidden: true,
		CreatedAt: time.Date(2020, 1, 31, 0, 0, 0, 123e6, time.UTC),
	}
	if !reflect.DeepEqual(item.Course, want) {
		t.Errorf("got  %+v\nwant %+v", item.Course, want)
	}

	item, problems = ParseLine([]byte(`{"type":"org","key":"o","name":"n","description":"d","category":"university","city":"重庆","image":"https://a.b/c"}`))
	if want := (&Org{Key: "o", Name: "n", Description: "d", Category: catalog.OrgUniversity, City: "重庆", Image: "https://a.b/c"}); problems != nil || !reflect.DeepEqual(item.Org, want) {
		t.Errorf("got %+v, %v", item.Org, problems)
	}
	item, problems = ParseLine([]byte(`{"type":"teacher","key":"t","name":"n","org":"o","title":"教授","bio":"b","image":""}`))
	if want := (&Teacher{Key: "t", Name: "n", Org: Ref{Text: "o"}, Title: "教授", Bio: "b"}); problems != nil || !reflect.DeepEqual(item.Teacher, want) {
		t.Errorf("got %+v, %v", item.Teacher, problems)
	}
	// null is absent, and a smallest line is enough.
	item, problems = ParseLine([]byte(` {"type":"course","key":"k","name":"n","org":null,"tags":null,"minutes":null,"hidden":null,"created_at":null,"level":""} `))
	if want := (&Course{Key: "k", Name: "n"}); problems != nil || !reflect.DeepEqual(item.Course, want) {
		t.Errorf("got %+v, %v", item.Course, problems)
	}
}

func TestParseLineSaysWhatIsWrong(t *testing.T) {
	course := func(field string) string { return `{"type":"course","key":"k","name":"n",` + field + `}` }
	long := strings.Repeat("长", 256)
	for line, want := range map[string]string{
		``:                                    "is not JSON: unexpected end of JSON input at byte 0",
		`{"type":`:                            "is not JSON: unexpected end of JSON input at byte 8",
		`{} {}`:                               "is not JSON: invalid character '{' after top-level value at byte 4",
		`[1]`:                                 `is not a JSON object ("[1]")`,
		`null`:                                `is not a JSON object ("null")`,
		"{\"a\xff\"":                          "is not valid UTF-8",
		`{}`:                                  "type: is missing",
		`{"type":""}`:                         "type: is missing",
		`{"type":null}`:                       "type: is missing",
		`{"type":7}`:                          "type: is not a text (7)",
		`{"type":"lesson"}`:                   `type: is not one of org, teacher, course ("lesson")`,
		`{"type":"org","key":"k"}`:            "name: is missing",
		`{"type":"org","name":"n"}`:           "key: is missing",
		`{"type":"org","key":"","name":" "}`:  "key: is missing\nname: is missing",
		`{"type":"org","key":1,"name":["n"]}`: "key: is not a text (1)\nname: is not a text ([\"n\"])",
		`{"type":"org","key":"k","name":"a\u0000b"}`:                                   `name: has a control character ("a\x00b")`,
		`{"type":"org","key":"k","name":"a\nb"}`:                                       `name: has a control character ("a\nb")`,
		`{"type":"org","key":"k","name":"\u0085"}`:                                     "name: is missing",
		`{"type":"org","key":"k","name":"a\u0085b"}`:                                   `name: has a control character ("a\u0085b")`,
		`{"type":"org","key":"k","name":"\ud800"}`:                                     `name: has half a surrogate pair (\ud800 to \udfff alone)`,
		`{"type":"org","key":"k","name":"` + long + `"}`:                               "name: is longer than 255 characters (256)",
		`{"type":"org","key":"` + long[:3*192] + `","name":"n"}`:                       "key: is longer than 191 characters (192)",
		`{"type":"org","key":"k","name":"n","category":"school"}`:                      `category: is not one of training, university, individual ("school")`,
		`{"type":"org","key":"k","name":"n","city":"` + long + `"}`:                    "city: is longer than 191 characters (256)",
		`{"type":"org","key":"k","name":"n","hidden":true}`:                            "hidden: is not a field of an org",
		`{"type":"org","key":"k","name":"n","Name":"m"}`:                               "Name: is not a field of an org",
		`{"type":"org","key":"k","name":"n","name":"m"}`:                               "name: is given twice",
		`{"type":"teacher","key":"k","name":"n","level":"x"}`:                          "level: is not a field of a teacher",
		`{"type":"teacher","key":"k","name":"n","":1}`:                                 `"": is not a field of a teacher`,
		`{"type":"teacher","key":"k","name":"n","bio":"\u0001"}`:                       `bio: has a control character other than tab and line end ("\x01")`,
		course(`"level":"expert"`):                                                     `level: is not one of beginner, intermediate, advanced ("expert")`,
		course(`"students":-1`):                                                        "students: is negative (-1)",
		course(`"students":-99999999999999999999`):                                     "students: is negative (-99999999999999999999)",
		course(`"students":4294967296`):                                                "students: is above 4294967295 (4294967296)",
		course(`"students":99999999999999999999`):                                      "students: is above 4294967295 (99999999999999999999)",
		course(`"minutes":1.5`):                                                        "minutes: is not a whole number (1.5)",
		course(`"minutes":1e3`):                                                        "minutes: is not a whole number (1e3)",
		course(`"minutes":"90"`):                                                       `minutes: is not a number ("90")`,
		course(`"minutes":true`):                                                       "minutes: is not a number (true)",
		course(`"hidden":"yes"`):                                                       `hidden: is not true or false ("yes")`,
		course(`"hidden":1`):                                                           "hidden: is not true or false (1)",
		course(`"created_at":"2020-02-31T00:00:00Z"`):                                  `created_at: is not a time such as 2020-01-31T00:00:00Z ("2020-02-31T00:00:00Z")`,
		course(`"created_at":"2020-01-31"`):                                            `created_at: is not a time such as 2020-01-31T00:00:00Z ("2020-01-31")`,
		course(`"created_at":"0001-01-01T00:00:00Z"`):                                  `created_at: is not between the years 1900 and 2999 ("0001-01-01T00:00:00Z")`,
		course(`"created_at":1580428800`):                                              "created_at: is not a text (1580428800)",
		course(`"teachers":"曾雨桐"`):                                                     `teachers: is not a list of texts ("曾雨桐")`,
		course(`"teachers":[1]`):                                                       "teachers: is not a list of texts (1)",
		course(`"teachers":["a",null]`):                                                "teachers: is not a list of texts (null)",
		"{\"type\":\"course\",\"key\":\"k\",\"name\":\"\u200b\u200b\"}":                `name: has no visible character ("\u200b\u200b")`,
		course(`"tags":["a",""]`):                                                      "tags: has an empty entry",
		course(`"tags":["` + long + `"]`):                                              "tags: is longer than 191 characters (256)",
		course(`"language":"zh-Hant-HK-x-private"`):                                    "language: is longer than 16 characters (20)",
		course(`"image":"javascript:alert(1)"`):                                        `image: is neither a path nor an http or https address ("javascript:alert(1)")`,
		course(`"image":"http://a b"`):                                                 `image: is neither a path nor an http or https address ("http://a b")`,
		course(`"summary":"` + strings.Repeat("x", 65_536) + `"`):                      "summary: is longer than 65535 bytes (65536)",
		course(`"description":"` + strings.Repeat("x", MaxText+1) + `"`):               "description: is longer than 2097152 bytes (2097153)",
		course(`"org":"` + long + `"`):                                                 "org: is longer than 255 characters (256)",
		course(`"level":"` + strings.Repeat("极", 100) + `"`):                           `level: is not one of beginner, intermediate, advanced ("` + strings.Repeat("极", 40) + `…")`,
		course(`"a":1,"b":2`):                                                          "a: is not a field of a course\nb: is not a field of a course",
		course(strings.Repeat(`"z":1,`, 70) + `"y":1`):                                 "z: is given twice\nhas too many fields",
		course(`"tags":[` + strings.Join(strings.Split(numbers(201), " "), ",") + `]`): "tags: has more than 200 entries",
	} {
		_, problems := ParseLine([]byte(line))
		var got []string
		for _, p := range problems {
			got = append(got, strings.TrimPrefix(p.String(), ":0: "))
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%.80s\n got %q\nwant %q", line, got, want)
		}
	}
}

// numbers is "0" "1" … as n JSON texts.
func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(`"` + strings.Repeat("i", i+1)[:i+1] + `"`)
	}
	return b.String()
}

func TestProblemShowsWhere(t *testing.T) {
	p := Problem{Position: Position{Source: "courses.jsonl", Line: 12}, Field: "level", Reason: "is odd", Value: `"x"`}
	if got, want := p.String(), `courses.jsonl:12: level: is odd ("x")`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if b, err := json.Marshal(p); err != nil || string(b) != `"courses.jsonl:12: level: is odd (\"x\")"` {
		t.Errorf("as JSON %s, %v", b, err)
	}
}

func FuzzParseLine(f *testing.F) {
	for _, line := range []string{
		`{"type":"org","key":"o","name":"北京","category":"university"}`,
		`{"type":"teacher","key":"t","name":"García","org":"o"}`,
		`{"type":"course","key":"c","name":"C++ \"x\"","teachers":["a","\u66fe"],"tags":[],"minutes":5,"hidden":false,"created_at":"2020-01-31T00:00:00Z"}`,
		`{"type":"course","key":"c","name":"n","tags":[[{"a":"]"}]]}`,
		`{ "a" : { "b" : [ 1 , "}" ] } , "type" : "org" }`,
		`{"\u0074ype":"org","key":"\ud83d\ude00","name":"\\"}`,
		`{"a":-1.5e+10,"b":null,"c":true}`, `[]`, `"`, `{`, "\xef\xbb\xbf{}", `{"a":1}}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		item, problems := ParseLine(line)
		if problems == nil && (item.Kind() == "" || item.Key() == "") {
			t.Fatalf("no problem and no item: %q", line)
		}
		for _, p := range problems {
			if text := p.String(); !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r\x00") {
				t.Fatalf("a message that breaks a terminal: %q", text)
			}
		}
		// Cutting a line into fields must agree with encoding/json.
		var want map[string]json.RawMessage
		if !utf8.Valid(line) || json.Unmarshal(line, &want) != nil || want == nil {
			return
		}
		got := map[string]json.RawMessage{}
		fields, ok := members(line)
		if !ok {
			t.Fatalf("%q was taken for no object", line)
		}
		for _, m := range fields {
			got[m.name] = m.raw
		}
		if len(got) != len(want) {
			t.Fatalf("%d fields, encoding/json finds %d: %q", len(got), len(want), line)
		}
		for name, raw := range want {
			if string(raw) != string(got[name]) {
				t.Fatalf("field %q is %q, encoding/json has %q", name, got[name], raw)
			}
		}
	})
}
