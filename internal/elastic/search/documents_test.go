package search_test

import (
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/mappings"
)

func TestDocuments(t *testing.T) {
	s := newShelf(t)
	org := s.org(t, mappings.Org{Name: "清华大学", Description: "高校", OrgCategory: "university", City: "北京", Students: 7, Courses: 2, Favorites: 3})
	teacher := s.teacher(t, mappings.Teacher{Name: "凌若溪", Title: "教授", Description: "简介", Org: &org, Students: 5, Courses: 1})
	made := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	course := s.course(t, mappings.Course{
		Name: "数据结构", Summary: "摘要", Description: "描述", Lessons: []string{"导学"}, Org: &org, Teachers: []mappings.Ref{teacher},
		Category: "计算机", Level: "beginner", Tags: []string{"C++"}, Language: "zh", Minutes: 600, Students: 5, Favorites: 9, CreatedAt: made,
	})
	gone := s.course(t, mappings.Course{Name: "已删除", Deleted: true})
	s.flush(t)
	d := search.NewDocuments(s.searcher())
	whole, err := d.Course(t.Context(), course)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Name != "数据结构" || whole.Description != "描述" || whole.Org.Name != "清华大学" || len(whole.Teachers) != 1 || whole.Teachers[0].ID != teacher.ID ||
		len(whole.Lessons) != 1 || whole.Lessons[0].Name != "导学" || whole.Students != 5 || whole.Level != catalog.LevelBeginner ||
		!whole.CreatedAt.Equal(made) || whole.Resources == nil || !whole.Degraded {
		t.Errorf("%+v", whole)
	}
	if o, err := d.Org(t.Context(), org.ID); err != nil || o.Name != "清华大学" || o.City != "北京" || o.Category != catalog.OrgUniversity || o.Students != 7 || !o.Degraded {
		t.Errorf("%+v, %v", o, err)
	}
	if p, err := d.Teacher(t.Context(), teacher.ID); err != nil || p.Bio != "简介" || p.Org == nil || p.Org.ID != org.ID || !p.Degraded {
		t.Errorf("%+v, %v", p, err)
	}
	for _, id := range []int64{gone, 1_000_000} {
		if _, err := d.Course(t.Context(), id); catalog.CodeOf(err) != catalog.CodeNotFound {
			t.Errorf("course %d: %v", id, err)
		}
	}
}
