package searchlog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/searchlog"
)

type popularSource func(ctx context.Context, since time.Time, limit int) ([]string, error)

func (f popularSource) Popular(ctx context.Context, since time.Time, limit int) ([]string, error) {
	return f(ctx, since, limit)
}

func popular(t testing.TB, texts ...string) searchlog.Popular {
	t.Helper()
	p := searchlog.NewPopular(popularSource(func(context.Context, time.Time, int) ([]string, error) { return texts, nil }), slog.New(slog.DiscardHandler))
	if err := p.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

type blockedSource []searchlog.BlockedQuery

func (s *blockedSource) Blocked(context.Context) ([]searchlog.BlockedQuery, error) { return *s, nil }

func TestBlockedQueriesAreNotSuggested(t *testing.T) {
	var source blockedSource
	blocked := searchlog.NewBlocked(&source, slog.New(slog.DiscardHandler))
	p := popular(t, "数据 骗子", "数据结构").Without(blocked)
	if got := p.Complete("数据", 3); len(got) != 2 {
		t.Errorf("before anything is blocked: %q", got)
	}
	key, _, _ := searchlog.Normal("數據騙子！")
	source = append(source, searchlog.BlockedQuery{Key: key})
	if err := blocked.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := append(p.Complete("shuju", 3), p.Texts(5)...); !slices.Equal(got, []string{"数据结构", "数据结构"}) {
		t.Errorf("suggested: %q", got)
	}
}

func TestPopularQueriesComplete(t *testing.T) {
	p := popular(t, "python 爬虫", "数据结构", "sjjg", "shujujiegou", "数据分析", "c++", "python", "数学建模", "machine learning", "银行")
	for typed, want := range map[string][]string{
		"":         nil,
		"?":        nil,
		"py":       {"python 爬虫", "python"},
		"Python ":  {"python 爬虫"}, // itself is no completion
		"python3":  nil,
		"数":        {"数据结构", "数据分析", "数学建模"},
		"數據":       {"数据结构", "数据分析"},
		"shuju":    {"数据结构", "数据分析"},
		"shu ju j": {"数据结构"},
		"sj":       {"数据结构", "数据分析"},
		"sjjg":     {"数据结构"},
		"s":        {"数据结构", "数据分析", "数学建模"},
		"machinel": {"machine learning"},
		"Ｃ":        {"c++"},
		"据":        nil,
		"yinh":     {"银行"},
	} {
		if got := p.Complete(typed, 3); !slices.Equal(got, want) {
			t.Errorf("%q completes to %q, want %q", typed, got, want)
		}
	}
	if got := p.Complete("数", 2); len(got) != 2 {
		t.Errorf("two of three are %q", got)
	}
	if got := searchlog.NewPopular(nil, nil).Complete("数", 3); got != nil {
		t.Errorf("before any were read: %q", got)
	}
}

func TestPopularQueriesFollowTheirSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked int
		source := popularSource(func(_ context.Context, since time.Time, limit int) ([]string, error) {
			if asked++; asked == 2 {
				return nil, errors.New("down")
			}
			if age := time.Since(since); age < 29*24*time.Hour || age > 30*24*time.Hour || limit != 2000 {
				t.Errorf("asked for %s, %d", age, limit)
			}
			return []string{fmt.Sprint("query ", asked)}, nil
		})
		p := searchlog.NewPopular(source, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx) }()
		for _, want := range []string{"query 1", "query 1", "query 3"} {
			synctest.Wait()
			if got := p.Complete("query", 1); len(got) != 1 || got[0] != want {
				t.Errorf("%q, want %q", got, want)
			}
			<-time.After(5 * time.Minute)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkComplete(b *testing.B) {
	var texts []string
	for i := range 2000 {
		texts = append(texts, fmt.Sprint("机器学习入门", i))
	}
	p := popular(b, texts...)
	for b.Loop() {
		p.Complete("jiqixuexirumen1999x", 2)
	}
}
