package web_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
)

// TestPagesDoNotWaitForWhatStandsBeside: an index or a Redis that stands still costs the
// pages whose main thing is elsewhere a moment, and what it would have shown.
func TestPagesDoNotWaitForWhatStandsBeside(t *testing.T) {
	s := newSite()
	s.beside = 0 // what visitors get
	s.relater.related = func(ctx context.Context, _ int64, _ int) (catalog.Related, error) {
		<-ctx.Done()
		return catalog.Related{}, ctx.Err()
	}
	s.ranker.ranking = func(ctx context.Context, _ catalog.RankingQuery) (catalog.Ranking, error) {
		<-ctx.Done()
		return catalog.Ranking{}, ctx.Err()
	}
	s.start(t)
	for path, gone := range map[string]string{"/courses/1": "相关课程", "/": "热门课程"} {
		began := time.Now()
		p := s.get(t, path)
		// Five seconds is what a page may take altogether, so nothing between is by chance.
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s took %v", path, took)
		}
		status(t, p, http.StatusOK)
		lacks(t, p, gone)
		contains(t, p, "C&#43;&#43; 面向对象程序设计")
	}
}

func TestItemsOfASubstituteSaySo(t *testing.T) {
	s := newSite()
	s.details = fakeDetails{
		course: func(context.Context, int64) (catalog.Course, error) {
			c := wholeCourse()
			c.Degraded = true
			return c, nil
		},
		org: func(context.Context, int64) (catalog.Org, error) {
			o := wholeOrg()
			o.Degraded = true
			return o, nil
		},
		teacher: func(context.Context, int64) (catalog.Teacher, error) {
			d := wholeTeacher()
			d.Degraded = true
			return d, nil
		},
	}
	s.start(t)
	for _, path := range []string{"/courses/1", "/orgs/3", "/teachers/5"} {
		p := s.get(t, path)
		status(t, p, http.StatusOK)
		contains(t, p, "部分内容暂时无法显示")
		call := s.get(t, "/api/v1"+path)
		contains(t, call, `"degraded":true`)
		if got := call.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("/api/v1%s: Cache-Control: %s", path, got)
		}
	}
}
