package page

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestCount(t *testing.T) {
	zh, en := Locale{Language: Chinese}, Locale{Language: English}
	for n, want := range map[int64][2]string{
		0:             {"0", "0"},
		999:           {"999", "999"},
		1_000:         {"1,000", "1,000"},
		9_999:         {"9,999", "9,999"},
		10_000:        {"1万", "10,000"},
		12_345:        {"1.2万", "12,345"},
		19_999:        {"1.9万", "19,999"},
		829_563:       {"82.9万", "829,563"},
		10_000_000:    {"1,000万", "10,000,000"},
		99_999_999:    {"9,999万", "99,999,999"},
		123_456_789:   {"1.2亿", "123,456,789"},
		1_000_000_000: {"10亿", "1,000,000,000"},
		-12_345:       {"-12,345", "-12,345"},
	} {
		if got := [2]string{zh.Count(n), en.Count(n)}; got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestCountedInWords(t *testing.T) {
	zh, en := Locale{Language: Chinese}, Locale{Language: English}
	for _, c := range []struct {
		l    Locale
		n    int64
		want string
	}{
		{zh, 5, "5 门课程"}, {zh, 12_345, "1.2万门课程"}, {en, 1, "1 course"}, {en, 2, "2 courses"}, {en, 0, "0 courses"},
	} {
		if got := c.l.CountOf("courses", c.l.Count(c.n), c.n); got != c.want {
			t.Errorf("%d courses in %s: %q, want %q", c.n, c.l.Language, got, c.want)
		}
	}
}

func TestDateAndDuration(t *testing.T) {
	zh, en := Locale{Language: Chinese}, Locale{Language: English}
	day := time.Date(2024, 2, 5, 23, 0, 0, 0, time.UTC)
	if got := zh.Date(day) + "|" + en.Date(day) + "|" + zh.Date(time.Time{}); got != "2024年2月5日|5 Feb 2024|" {
		t.Errorf("dates: %q", got)
	}
	for minutes, want := range map[int]string{0: "", -1: "", 5: "5 分钟", 60: "1 小时", 75: "1 小时 15 分钟", 601: "10 小时"} {
		if got := zh.duration(minutes); got != want {
			t.Errorf("duration(%d) = %q, want %q", minutes, got, want)
		}
	}
}

func TestAcceptedLanguage(t *testing.T) {
	for header, want := range map[string]Language{
		"":                                    Chinese,
		"*":                                   Chinese,
		"fr-FR,fr":                            Chinese,
		"en":                                  English,
		"en-US,en;q=0.9":                      English,
		"zh-TW,zh;q=0.9,en;q=0.8":             Chinese,
		"fr,en;q=0.5,zh;q=0.4":                English,
		"en;q=0.5, zh-CN;q=0.9":               Chinese,
		"en;q=nonsense":                       Chinese,
		"en;q=0":                              Chinese,
		strings.Repeat("x,", 1000) + "en;q=1": English,
	} {
		if got := acceptedLanguage(header); got != want {
			t.Errorf("acceptedLanguage(%.40q) = %s, want %s", header, got, want)
		}
	}
}

func TestMessagesAreWholeAndUsed(t *testing.T) {
	verbs := regexp.MustCompile(`%(\[\d+\])?[sd]`)
	for key, m := range messages {
		if m.zh == "" || m.en == "" {
			t.Errorf("%s lacks a language", key)
		}
		if a, b := len(verbs.FindAllString(m.zh, -1)), len(verbs.FindAllString(m.en, -1)); a != b {
			t.Errorf("%s takes %d values in Chinese, %d in English", key, a, b)
		}
	}
	named := regexp.MustCompile(`\{\{-?\s*t "([^"]+)"|\(t "([^"]+)"`)
	rooms, read := os.DirFS(".."), 0
	err := fs.WalkDir(rooms, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".html" {
			return err
		}
		read++
		content, err := fs.ReadFile(rooms, name)
		if err != nil {
			return err
		}
		for _, found := range named.FindAllStringSubmatch(string(content), -1) {
			if _, ok := messages[found[1]+found[2]]; !ok {
				t.Errorf("%s names the message %q, which does not exist", name, found[1]+found[2])
			}
		}
		return nil
	})
	if err != nil || read < 15 {
		t.Fatalf("%d templates, %v", read, err)
	}
}
