package catalog_test

import (
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
)

func TestParts(t *testing.T) {
	next := &catalog.Cursor{Kind: catalog.KindCourse}
	a := catalog.Answer{
		Teachers: &catalog.Section[catalog.TeacherHit]{Total: 40, Hits: []catalog.TeacherHit{{Hit: catalog.Hit{ID: 3}}}},
		Courses: &catalog.Section[catalog.CourseHit]{
			Total: 2, Hits: []catalog.CourseHit{{Hit: catalog.Hit{ID: 1}}, {Hit: catalog.Hit{ID: 2}}}, Next: next,
			Near:   []catalog.CourseHit{{Hit: catalog.Hit{ID: 9}}},
			Facets: map[catalog.Facet][]catalog.FacetValue{catalog.FacetLevel: {{Value: "beginner", Count: 2}}},
		},
	}
	var kinds []catalog.Kind
	var ids []int64
	for k, p := range a.Parts() {
		kinds = append(kinds, k)
		for _, h := range p.Hits {
			ids = append(ids, h.ID)
			h.Name = "seen"
		}
	}
	if !slices.Equal(kinds, []catalog.Kind{catalog.KindCourse, catalog.KindTeacher}) || !slices.Equal(ids, []int64{1, 2, 3}) {
		t.Errorf("parts are of %v with hits %v", kinds, ids)
	}
	if a.Courses.Hits[1].Name != "seen" || a.Teachers.Hits[0].Name != "seen" {
		t.Error("the hits of a part are not those of the answer")
	}
	if courses, _ := a.Part(catalog.KindCourse); len(courses.Near) != 1 || courses.Near[0] != &a.Courses.Near[0].Hit {
		t.Errorf("near courses: %v", courses.Near)
	}
	if a.Total() != 42 || a.HitCount() != 3 {
		t.Errorf("%d in all, %d shown", a.Total(), a.HitCount())
	}
	if p, ok := a.Part(catalog.KindCourse); !ok || p.Next != next || len(p.Facets[catalog.FacetLevel]) != 1 {
		t.Errorf("courses: %+v, %t", p, ok)
	}
	if p, ok := a.Part(catalog.KindOrg); ok || p.Total != 0 || p.Hits != nil {
		t.Errorf("orgs that nobody asked for: %+v, %t", p, ok)
	}
	for range a.Parts() {
		break // must not go on
	}
	if a.Orgs.List() != nil || len(a.Courses.List()) != 2 {
		t.Errorf("lists: %v, %v", a.Orgs.List(), a.Courses.List())
	}
}
