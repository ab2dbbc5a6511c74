package boards_test

import (
	"log/slog"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/rankings"
)

// benchCourses are on the ranked of a benchmark, each with a week of views.
const benchCourses = 10_000

// BenchmarkTop compares a ranking of ten, cards included, with the cheapest question that
// Redis can be asked through the same driver: ten members of one sorted set.
func BenchmarkTop(b *testing.B) {
	c := testenv.Config(b)
	client := redis.Open(redis.Options(c.Redis), slog.New(slog.DiscardHandler))
	defer func() { _ = client.Close() }()
	ranked := boards.New(client, catalog.StandardScoring())
	if _, err := ranked.Claim(b.Context(), "f"); err != nil {
		b.Fatal(err)
	}
	build, err := ranked.Begin(b.Context(), noon)
	if err != nil {
		b.Fatal(err)
	}
	var entries []rankings.Entry
	for id := int64(1); id <= benchCourses; id++ {
		e := course(id, 1, id%97, id%89, id%83, id%79, id%73, id%71, id%67)
		e.Card.Category = []string{"编程", "设计", "语言"}[id%3]
		e.Card.Org = &catalog.Ref{ID: id % 40, Name: "机构"}
		entries = append(entries, e)
	}
	if err := build.Write(b.Context(), entries, noon); err != nil {
		b.Fatal(err)
	}
	if err := build.Finish(b.Context(), noon); err != nil {
		b.Fatal(err)
	}
	raw := goredis.NewClient(&goredis.Options{Addr: c.Redis.Addresses[0], DisableIdentity: true})
	defer func() { _ = raw.Close() }()
	key := "{" + c.Redis.Prefix + ":bench}"
	for id := range benchCourses {
		if err := raw.ZAdd(b.Context(), key, goredis.Z{Score: float64(id), Member: id}).Err(); err != nil {
			b.Fatal(err)
		}
	}
	defer func() { _ = raw.Unlink(b.Context(), key) }()

	b.Run("raw ZREVRANGE", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := raw.ZRevRangeWithScores(b.Context(), key, 0, 9).Err(); err != nil {
					b.Error(err)
				}
			}
		})
	})
	top := func(name string, q catalog.RankingQuery) {
		q.Kind, q.Limit = catalog.KindCourse, 10
		b.Run(name, func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if t, err := ranked.Top(b.Context(), q, noon); err != nil || len(t.Items) != 10 {
						b.Error(len(t.Items), err)
					}
				}
			})
		})
	}
	top("week", catalog.RankingQuery{Window: catalog.WindowWeek})
	top("all", catalog.RankingQuery{Window: catalog.WindowAll})
	top("month of a category", catalog.RankingQuery{
		Window: catalog.WindowMonth, Filters: map[catalog.Facet][]string{catalog.FacetCategory: {"编程"}},
	})
	for name, change := range map[string]func(i int) []rankings.Entry{
		"settle 100 that are equal": func(int) []rankings.Entry { return entries[:100] },
		"settle 100 that changed": func(i int) []rankings.Entry {
			changed := make([]rankings.Entry, 100)
			for j := range changed {
				changed[j] = entries[j]
				changed[j].Card.Students = int64(i)
			}
			return changed
		},
		"settle 100 without history": func(int) []rankings.Entry {
			changed := make([]rankings.Entry, 100)
			for j := range changed {
				changed[j] = course(int64(benchCourses+1+j), 1)
			}
			return changed
		},
	} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if _, err := ranked.Settle(b.Context(), "f", change(i), noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
