package curation_test

import (
	"context"
	"log/slog"
	"math"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/plan"
	"github.com/xunke/xunke/searchapi"
)

func TestParseQuery(t *testing.T) {
	for _, same := range [][]string{
		{"python", "Python", " ＰＹＴＨＯＮ ", "py thon", "python!", "PYTHON\x00"},
		{"数据结构", "數據結構", "数据\u3000结构", "《数据结构》"},
		{"c++", "Ｃ＋＋", "C++ "},
		{"?!", "？！"},
	} {
		for _, text := range same {
			q, err := curation.ParseQuery(text)
			if err != nil || q.Key != same[0] {
				t.Errorf("the key of %q is %q, %v; want %q", text, q.Key, err, same[0])
			}
		}
	}
	keys := map[string]string{}
	for _, text := range []string{"c", "c++", "c#", ".net", "net", "java", "javascript"} {
		q, err := curation.ParseQuery(text)
		if other, known := keys[q.Key]; known || err != nil {
			t.Errorf("%q is the same query as %q, %v", text, other, err)
		}
		keys[q.Key] = text
	}
	if q, err := curation.ParseQuery("  Machine \t learning\n"); err != nil || q.Text != "Machine learning" {
		t.Errorf("text is %q, %v", q.Text, err)
	}
	for _, bad := range []string{"", " \u3000", "\u200b", "\xff", strings.Repeat("长", 257), strings.Repeat("ﷺ", 100)} {
		if q, err := curation.ParseQuery(bad); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%.30q is read as %q, %v", bad, q, err)
		}
	}
}

// FuzzParseQuery checks that the key under which something is curated is that of a search
// for the same text, and that the table can hold it.
func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"python", "ＰＹＴＨＯＮ ", "數據結構", "C++ 与 .NET", "U.S.\x01x", "か\x00゛", "?!", "ﷺ", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := curation.ParseQuery(text)
		if err != nil {
			if catalog.CodeOf(err) != catalog.CodeInvalid {
				t.Fatalf("error is %v", err)
			}
			return
		}
		asked, _, err := searchapi.ParseSearch(url.Values{"q": {text}})
		if err != nil {
			t.Fatalf("a search refuses %q: %v", text, err)
		}
		if exact := plan.Make(asked.Text, nil).Exact; exact != q.Key {
			t.Errorf("%q is curated as %q and searched as %q", text, q.Key, exact)
		}
		if again, err := curation.ParseQuery(q.Text); err != nil || again != q {
			t.Errorf("%q is %q, and that is %q, %v", text, q, again, err)
		}
		if spaced, err := curation.ParseQuery(" " + text + "\u3000"); err == nil && spaced.Key != q.Key {
			t.Errorf("with space around it %q has another key", text)
		}
		for _, s := range []string{q.Text, q.Key} {
			if n := utf8.RuneCountInString(s); n == 0 || n > 256 || !utf8.ValidString(s) {
				t.Errorf("the table cannot hold %q", s)
			}
		}
	})
}

func TestCheckFactor(t *testing.T) {
	for factor, ok := range map[float64]bool{0.1: true, 1: true, 10: true, 0: false, 0.09: false, 10.1: false, -2: false, math.Inf(1): false} {
		if err := curation.CheckFactor(factor); (err == nil) != ok {
			t.Errorf("factor %g: %v", factor, err)
		}
	}
	if curation.CheckFactor(math.NaN()) == nil {
		t.Error("a factor that is no number is taken")
	}
}

type source map[string]*curation.Set

func (s source) Version(context.Context) (string, error)                { return "1", nil }
func (s source) Sets(context.Context) (map[string]*curation.Set, error) { return s, nil }

func TestLiveLooksUp(t *testing.T) {
	one := &curation.Set{Query: "1"}
	live := curation.NewLive(source{"a": one}, slog.New(slog.DiscardHandler))
	if live.Lookup("a") != nil {
		t.Error("something is known before it is read")
	}
	if err := live.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := live.Lookup("a"); got != one {
		t.Errorf("curated is %v", got)
	}
}
