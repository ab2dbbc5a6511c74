package accounts

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestAddresses(t *testing.T) {
	for typed, want := range map[string]string{
		"a@b.example":                          "a@b.example",
		" A.b+c@B.Example ":                    "A.b+c@b.example",
		"ａ＠ｂ．ｅｘａｍｐｌｅ":                          "a@b.example",
		"a@例子.中国":                              "a@xn--fsqu00a.xn--fiqs8s",
		"o'neil!#$%&*/=?^_`{|}~-@b.example":    "o'neil!#$%&*/=?^_`{|}~-@b.example",
		"":                                     "",
		"a":                                    "",
		"@b.example":                           "",
		"a@":                                   "",
		"a@b":                                  "",
		"a@@b.example":                         "",
		"a b@c.example":                        "",
		"a..b@c.example":                       "",
		".a@c.example":                         "",
		`"a b"@c.example`:                      "",
		"a@[192.0.2.1]":                        "",
		"a@192.0.2.1":                          "",
		"a@-b.example":                         "",
		"a@b..example":                         "",
		"a@b_c.example":                        "",
		"学生@例子.中国":                             "",
		"a\x00@b.example":                      "",
		"a@b.example\r\nBcc: c@d.org":          "",
		"a@b.exa\u202emple":                    "",
		"<a@b.example>":                        "",
		"😀@b.example":                          "",
		strings.Repeat("a", 65) + "@b.example": "",
		"a@" + strings.Repeat("b.", 200) + "example":   "",
		strings.Repeat("a", 1<<20) + "@b.example":      "",
		"a@" + strings.Repeat("例", 1<<18) + ".example": "",
	} {
		e, why := ParseEmail(typed)
		if e.Address != want || (why == "") != (want != "") {
			t.Errorf("%.60q: %q (%s), want %q", typed, e.Address, why, want)
		}
	}
	if _, why := ParseEmail("学生@例子.中国"); !strings.Contains(why, "before the @") {
		t.Errorf("why it is not taken: %s", why)
	}
}

func TestNicknames(t *testing.T) {
	for typed, want := range map[string]string{
		"":                         "",
		"  小 \n 明 ":                "小 明",
		"\u202e小\u200b明\x00\ufeff": "小明",
		"👨‍👩‍👧 家":                  "👨‍👩‍👧 家",
		"a\u200db":                 "ab",
		"<b>&":                     "<b>&",
		strings.Repeat("长", 40):    strings.Repeat("长", 40),
		strings.Repeat("长", 41):    "-",
		strings.Repeat("a", 1<<20): "-",
		"\xff":                     "-",
	} {
		got, why := parseNickname(typed)
		if why != "" {
			got = "-"
		}
		if got != want {
			t.Errorf("%.40q: %q, want %q", typed, got, want)
		}
	}
}

func TestCommonPasswords(t *testing.T) {
	for _, p := range []string{
		"5201314520", "woaini1314520", "Woaini5201314", "a123456789", "password123", "Password1234!", "P@ssw0rd2024", "qwertyuiop", "1qaz2wsx3edc",
		"aaaaaaaaaaaa", "abcabcabcabc", "1234567890", "0987654321", "zhangwei1990", "zhangwei19900101", "wangxiaoming1", "iloveyou520", "admin12345678",
		"mima123456", "nihao123456", "xunke123456", "learner2024", "19900101199001", "13800138000", "我爱你我爱你我爱你我爱", "我爱你1314520", "letmeinnow1",
		"Beijing2008!", "qq123456789", "taobao123456", "１２３４５６７８９０", "woaixuexi2024", "haohaoxuexi1", "short", "",
	} {
		if why := checkPassword(p); why == "" && refuseCommon("password", p, "learner@school.example", "小明") == nil {
			t.Errorf("%q is taken", p)
		}
	}
	for _, p := range []string{
		"thirteen lanterns drift", "correct horse battery staple", "x7#kq9!vbz2", "雨后竹林里的旧茶馆很安静", "gF4$kd9Lm2Qp", "seven paper boats sail", "春风又绿江南岸", "tianqi buhao jiu bie chumen le",
	} {
		why := checkPassword(p)
		if utf8.RuneCountInString(p) < MinPassword {
			continue
		}
		if err := refuseCommon("password", p, "learner@school.example", "小明"); why != "" || err != nil {
			t.Errorf("%q is refused: %s, %v", p, why, err)
		}
	}
	for p, word := range map[string]string{
		"thirteen\x00lanterns": "control", "thirteen lanterns\xff": "UTF-8", strings.Repeat("长 a", 60): "more than",
		strings.Repeat("a7!k", 1<<18): "more than",
	} {
		if why := checkPassword(p); !strings.Contains(why, word) {
			t.Errorf("%.30q: %s", p, why)
		}
	}
}

func TestDevices(t *testing.T) {
	for agent, want := range map[string]string{
		"": "unknown", "curl/8.5.0": "curl", strings.Repeat("x", 1<<16): "unknown",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1":    "Safari, iPhone",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0":              "Edge, Windows",
		"Mozilla/5.0 (Linux; Android 14; HUAWEI) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50": "WeChat, Android",
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("%.60q: %s, want %s", agent, got, want)
		}
	}
}

// FuzzFields: whatever is typed, what is kept fits its column and has nothing in it that
// could be a line of a mail's head or be read in another direction.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{"a@b.example", "学生@例子.中国", "a\x00b", "\u202ex", "👨‍👩‍👧", "a@b.example\r\nBcc: x@y.org", "woaini1314520", "\xff\xfe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if e, why := ParseEmail(typed); why == "" {
			if len(e.Address) > MaxEmail || e.Key != strings.ToLower(e.Address) || strings.ContainsFunc(e.Address, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Errorf("%q became %q", typed, e)
			}
			if again, why := ParseEmail(e.Address); why != "" || again != e {
				t.Errorf("%q became %q, and that %q", typed, e, again)
			}
		}
		if name, why := parseNickname(typed); why == "" {
			bad := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
			if utf8.RuneCountInString(name) > MaxNickname || !utf8.ValidString(name) || strings.ContainsFunc(name, bad) {
				t.Errorf("%q became %q", typed, name)
			}
		}
		_, _ = checkPassword(typed), refuseCommon("password", typed, typed)
		deviceOf(typed)
	})
}
