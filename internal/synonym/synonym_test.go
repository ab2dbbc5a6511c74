package synonym_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/synonym"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"机器学习, machine learning,ML", "机器学习, machine learning, ML"},
		{"前端，front-end、 frontend", "前端, front-end, frontend"},
		{" py =>  Python ", "py => Python"},
		{"a, b => c", "a, b => c"},
	} {
		r, err := synonym.Parse(tt.text)
		if err != nil || r.String() != tt.want {
			t.Errorf("%q is read as %q, %v; want %q", tt.text, r, err, tt.want)
		}
		if again, err := synonym.Parse(r.String()); err != nil || again.String() != r.String() {
			t.Errorf("%q comes back as %q, %v", r, again, err)
		}
	}
	for _, bad := range []string{"", "one", "a =>", "=> b", ",,", "x, X", strings.Repeat("长", 65) + ", b", "a,b,c,d,e,f,g,h,i,j,k,l,m", strings.Repeat("a, b, ", 200)} {
		if r, err := synonym.Parse(bad); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%.30q is read as %q, %v", bad, r, err)
		}
	}
}

func TestRead(t *testing.T) {
	rules, err := synonym.Read(strings.NewReader("# comment\n\na, b\nbad\nc => d\n"))
	if len(rules) != 2 || err == nil || !strings.Contains(err.Error(), "line 4") {
		t.Errorf("read %v, %v", rules, err)
	}
}

func TestDictionary(t *testing.T) {
	rules, err := synonym.Read(strings.NewReader("机器学习, machine learning, ML\npy => Python, 派森\nML, 元语言\nC++, cpp\nSpringBoot, Spring Boot\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := synonym.NewDictionary(rules)
	for typed, want := range map[string][]string{
		"机器学习":             {"machine learning", "ML"},
		"Machine Learning": {"机器学习", "ML"},
		"ｍｌ":               {"机器学习", "machine learning", "元语言"},
		"元语言":              {"ML"}, // not what ML also means
		"py":               {"Python", "派森"},
		"python":           nil,
		"c++":              {"cpp"},
		"c":                nil,
		"springboot":       {"Spring Boot", "SpringBoot"},
		"":                 nil,
	} {
		if got := d.Lookup(hanzi.Fold(typed)); !slices.Equal(got, want) {
			t.Errorf("%q may be called %q, want %q", typed, got, want)
		}
	}
	if (synonym.Dictionary{}).Lookup("x") != nil {
		t.Error("the zero dictionary knows something")
	}
}

func TestShipped(t *testing.T) {
	rules, err := synonym.BuiltIn()
	if err != nil || len(rules) < 100 {
		t.Errorf("%d rules ship, %v", len(rules), err)
	}
	d := synonym.NewDictionary(rules)
	for _, key := range []string{"机器学习", "frontend", "k8s", "js", "微积分", "calculus"} {
		if d.Lookup(key) == nil {
			t.Errorf("nothing ships for %q", key)
		}
	}
}

// source is a table that can fail. Its fields are set while it is read.
type source struct {
	mu      sync.Mutex
	version string
	rules   []synonym.Rule
	err     error
}

func (s *source) Version(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version, s.err
}

func (s *source) Rules(context.Context) ([]synonym.Rule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rules, s.err
}

func (s *source) set(version string, rules []synonym.Rule, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version, s.rules, s.err = version, rules, err
}

func TestLiveFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{version: "1", rules: []synonym.Rule{{From: []string{"a", "b"}}}}
		live := synonym.NewLive(s, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- live.Run(ctx) }()
		expect := func(when string, want []string) {
			t.Helper()
			<-time.After(3 * time.Second) // of the bubble's clock
			synctest.Wait()
			if got := live.Lookup("a"); !slices.Equal(got, want) {
				t.Errorf("%s: a may be called %q, want %q", when, got, want)
			}
		}
		expect("at first", []string{"b"})
		changed := []synonym.Rule{{From: []string{"a", "c"}}}
		s.set("1", changed, nil)
		expect("without a new version", []string{"b"})
		s.set("2", changed, nil)
		expect("after a change", []string{"c"})
		s.set("3", nil, errors.New("down"))
		expect("while the source is down", []string{"c"})
		s.set("3", nil, nil)
		expect("when it is up again", nil)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
