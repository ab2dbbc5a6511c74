package searchapi

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
)

// BenchmarkSearch is what the API itself costs a search of all kinds with full pages:
// everything but the searcher and the network.
func BenchmarkSearch(b *testing.B) { benchmarkSearch(b, false) }

// BenchmarkKeptSearch is the same for who gets a kept answer.
func BenchmarkKeptSearch(b *testing.B) { benchmarkSearch(b, true) }

func benchmarkSearch(b *testing.B, keep bool) {
	full := fullFixture()
	answer, err := full.searcher.OnSearch(context.Background(), catalog.Query{Text: "a", Kinds: catalog.Kinds()})
	if err != nil {
		b.Fatal(err)
	}
	course, org, teacher := answer.Courses.Hits[0], answer.Orgs.Hits[0], answer.Teachers.Hits[0]
	var tags []catalog.FacetValue
	for i := range 20 {
		tags = append(tags, catalog.FacetValue{Value: fmt.Sprint(i), Label: fmt.Sprintf("标签 %d", i), Count: int64(i)})
	}
	for range 9 {
		answer.Courses.Hits = append(answer.Courses.Hits, course)
		answer.Orgs.Hits = append(answer.Orgs.Hits, org)
		answer.Teachers.Hits = append(answer.Teachers.Hits, teacher)
	}
	answer.Courses.Facets[catalog.FacetTag] = tags
	answer.Degraded, answer.Notices = false, nil // whole: only such are kept
	full.searcher.OnSearch = func(context.Context, catalog.Query) (catalog.Answer, error) { return answer, nil }
	full.logger = slog.New(slog.DiscardHandler)
	if keep {
		full.kept = answers.New(full.searcher, answers.Options{Bytes: 1 << 20, Watch: answers.NewWatch(still{}, time.Hour, full.logger, nil), Log: full.logger})
	}
	s := full.server(b)
	handle := s.server.App().Handler()
	var ctx fasthttp.RequestCtx
	ctx.Request.SetRequestURI("/api/v1/search?q=%E6%95%B0%E6%8D%AE&city=a&city=b")
	b.ReportAllocs()
	for b.Loop() {
		ctx.Response.Reset()
		handle(&ctx)
	}
	if ctx.Response.StatusCode() != fasthttp.StatusOK {
		b.Fatalf("status %d: %s", ctx.Response.StatusCode(), ctx.Response.Body())
	}
	b.ReportMetric(float64(len(ctx.Response.Body())), "bytes/answer")
}
