package web_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

// TestPagesDoNotWaitForWhatStandsBeside: an index or a Redis that stands still costs the
// pages whose main thing is elsewhere a moment, and what it would have shown.
func TestPagesDoNotWaitForWhatStandsBeside(t *testing.T) {
	s := webtest.NewSite()
	s.OptionalWait = 0 // what visitors get
	s.Relater.OnRelated = func(ctx context.Context, _ int64, _ int) (catalog.Related, error) {
		<-ctx.Done()
		return catalog.Related{}, ctx.Err()
	}
	s.Ranker.OnRanking = func(ctx context.Context, _ catalog.RankingQuery) (catalog.Ranking, error) {
		<-ctx.Done()
		return catalog.Ranking{}, ctx.Err()
	}
	s.Start(t)
	for path, gone := range map[string]string{"/courses/1": "相关课程", "/": "热门课程"} {
		began := time.Now()
		p := s.Get(t, path)
		// Five seconds is what a page may take altogether, so nothing between is by chance.
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s took %v", path, took)
		}
		webtest.Status(t, p, http.StatusOK)
		webtest.Lacks(t, p, gone)
		webtest.Contains(t, p, "C&#43;&#43; 面向对象程序设计")
	}
}

func TestItemsOfASubstituteSaySo(t *testing.T) {
	s := webtest.NewSite()
	s.Details = webtest.Details{
		OnCourse: func(context.Context, int64) (catalog.Course, error) {
			c := webtest.WholeCourse()
			c.Degraded = true
			return c, nil
		},
		OnOrg: func(context.Context, int64) (catalog.Org, error) {
			o := webtest.WholeOrg()
			o.Degraded = true
			return o, nil
		},
		OnTeacher: func(context.Context, int64) (catalog.Teacher, error) {
			d := webtest.WholeTeacher()
			d.Degraded = true
			return d, nil
		},
	}
	s.Start(t)
	for _, path := range []string{"/courses/1", "/orgs/3", "/teachers/5"} {
		p := s.Get(t, path)
		webtest.Status(t, p, http.StatusOK)
		webtest.Contains(t, p, "部分内容暂时无法显示")
		call := s.Get(t, "/api/v1"+path)
		webtest.Contains(t, call, `"degraded":true`)
		if got := call.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("/api/v1%s: Cache-Control: %s", path, got)
		}
	}
}
