package webtest

import (
	"maps"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
)

// Courses are those of a catalogue that was made up for the tests.
func Courses() []catalog.CourseHit {
	org := &catalog.Ref{ID: 3, Name: "青岚软件学院"}
	teachers := []catalog.Ref{{ID: 5, Name: "苏映雪"}, {ID: 6, Name: "Nora O'Dell"}}
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	course := func(id int64, name, marked, summary string) catalog.CourseHit {
		h := catalog.CourseHit{
			Hit:     catalog.Hit{ID: id, Type: catalog.KindCourse, Name: name, URL: catalog.ItemURL(catalog.KindCourse, id)},
			Summary: summary, Org: org, Teachers: teachers, Category: "编程开发", Level: catalog.LevelBeginner,
			Tags: []string{"C++", "C#"}, Language: "zh", Minutes: 620, Students: 12_345, CreatedAt: at,
		}
		if marked != "" {
			h.Highlight = map[string][]string{"name": {marked}}
		}
		return h
	}
	list := []catalog.CourseHit{
		course(1, "C++ 面向对象程序设计", "<em>C++</em> 面向对象程序设计", "从零写起，<不跳步>。"),
		course(2, "C# 桌面应用开发", "", ""),
		course(3, "InternationalizationAndLocalizationOfDistributedSystemsWithoutTears: a very long title indeed", "", "Long."),
	}
	rating := catalog.Rating(55.0 / 12)
	list[0].Rating, list[0].Ratings = &rating, 12
	return list
}

func orgs() []catalog.OrgHit {
	return []catalog.OrgHit{
		{Hit: catalog.Hit{ID: 3, Type: catalog.KindOrg, Name: "青岚软件学院", URL: "/orgs/3"}, Category: catalog.OrgTraining, City: "杭州", Courses: 1, Students: 98_765},
		{Hit: catalog.Hit{ID: 4, Type: catalog.KindOrg, Name: "C++", URL: "/orgs/4"}, Category: catalog.OrgIndividual},
	}
}

func teachers() []catalog.TeacherHit {
	return []catalog.TeacherHit{
		{Hit: catalog.Hit{ID: 5, Type: catalog.KindTeacher, Name: "苏映雪", URL: "/teachers/5"}, Org: &catalog.Ref{ID: 3, Name: "青岚软件学院"}, Title: "高级讲师", Courses: 2},
	}
}

// facetsOf are the facets of courses that q has counted, those values selected that q has chosen.
func facetsOf(q catalog.Query) map[catalog.Facet][]catalog.FacetValue {
	chosen := func(f catalog.Facet, v string) bool {
		for _, have := range q.Filters[f] {
			if have == v {
				return true
			}
		}
		return false
	}
	value := func(f catalog.Facet, v, label string, count int64) catalog.FacetValue {
		return catalog.FacetValue{Value: v, Label: label, Count: count, Selected: chosen(f, v)}
	}
	facets := map[catalog.Facet][]catalog.FacetValue{
		catalog.FacetLevel:    {value(catalog.FacetLevel, "beginner", "", 12_000), value(catalog.FacetLevel, "advanced", "", 7)},
		catalog.FacetCategory: {value(catalog.FacetCategory, "编程开发", "编程开发", 30), value(catalog.FacetCategory, "C & C++", "C & C++", 9)},
		catalog.FacetOrg:      {value(catalog.FacetOrg, "3", "青岚软件学院", 30), value(catalog.FacetOrg, "4", "C++", 1)},
	}
	for i := range 15 {
		city := string(rune('甲' + i))
		facets[catalog.FacetCity] = append(facets[catalog.FacetCity], value(catalog.FacetCity, city, city, int64(20-i)))
	}
	maps.DeleteFunc(facets, func(f catalog.Facet, _ []catalog.FacetValue) bool {
		return !slices.Contains(q.Counts(catalog.KindCourse), f)
	})
	return facets
}

// AnswerTo has something of every kind that was asked for.
func AnswerTo(q catalog.Query) catalog.Answer {
	a := catalog.Answer{SearchID: "search-1", Query: q.Text}
	for _, k := range q.Kinds {
		switch k {
		case catalog.KindCourse:
			a.Courses = &catalog.Section[catalog.CourseHit]{Total: 12_345, Hits: Courses(), Facets: facetsOf(q)}
		case catalog.KindOrg:
			a.Orgs = &catalog.Section[catalog.OrgHit]{Total: 2, Hits: orgs()}
		case catalog.KindTeacher:
			a.Teachers = &catalog.Section[catalog.TeacherHit]{Total: 1, Hits: teachers()}
		}
	}
	return a
}

func suggestions() []catalog.Suggestion {
	return []catalog.Suggestion{
		{Text: "C++", Type: "org", ID: 4, URL: "/orgs/4", Highlight: "<em>C</em>++"},
		{Text: "C++ 面向对象程序设计", Type: "course", ID: 1, URL: "/courses/1", Highlight: "<em>C</em>++ 面向对象程序设计"},
		{Text: "c# <入门>", Type: "query", URL: "/?q=c%23", Highlight: "<em>c</em># &lt;入门&gt;"},
	}
}

// RankingOf is the ranking that answers q: all of the courses.
func RankingOf(q catalog.RankingQuery) catalog.Ranking {
	r := catalog.Ranking{Window: q.Window}
	for i, c := range Courses() {
		r.Items = append(r.Items, catalog.RankingItem{
			Rank: i + 1, ID: c.ID, Name: string(q.Window) + " " + c.Name, URL: catalog.ItemURL(q.Kind, c.ID), Students: c.Students, Org: c.Org,
		})
	}
	return r
}

// WholeCourse is the first course with everything that its page shows.
func WholeCourse() catalog.Course {
	c := Courses()[0]
	return catalog.Course{
		ID: 1, Name: c.Name, Summary: c.Summary, Description: "第一段 <b>不是标记</b>。\n\n第二段。", Notice: "自备电脑。",
		Prerequisites: "会用键盘。", Outcomes: "能写程序。", URL: c.URL, Org: c.Org, Teachers: c.Teachers, Category: c.Category,
		Level: c.Level, Tags: c.Tags, Language: "zh", Minutes: 620, Students: 12_345, Favorites: 1, Rating: c.Rating, Ratings: c.Ratings, CreatedAt: c.CreatedAt,
		Lessons: []catalog.Lesson{
			{ID: 1, Name: "绪论", Videos: []catalog.Video{{ID: 1, Name: "导学", URL: "https://video.example/1", Minutes: 12}, {ID: 2, Name: "坏链接", URL: "javascript:alert(1)"}}},
			{ID: 2, Name: "指针"},
		},
		Resources: []catalog.Resource{{ID: 1, Name: "讲义.pdf", URL: "https://files.example/a.pdf"}},
	}
}

// WholeOrg is an org with everything that its page shows.
func WholeOrg() catalog.Org {
	return catalog.Org{
		ID: 3, Name: "青岚软件学院", Description: "教人写程序。", URL: "/orgs/3", Category: catalog.OrgTraining, City: "杭州",
		Address: "杭州市青岚路 1 号", Slogan: "写得清楚", Gold: true, Certified: true, Students: 98_765, Courses: 40, Teachers: 12,
	}
}

// WholeTeacher is a teacher with everything that its page shows.
func WholeTeacher() catalog.Teacher {
	return catalog.Teacher{
		ID: 5, Name: "苏映雪", Title: "高级讲师", Bio: "写了二十年程序。", Company: "青岚", Style: "例子多", YearsWorked: 20,
		URL: "/teachers/5", Org: &catalog.Ref{ID: 3, Name: "青岚软件学院"}, Students: 500, Courses: 3, Favorites: 2,
	}
}

// EveryPage has an address of each sort of page.
var EveryPage = []string{
	"/", "/?window=month", "/?q=C%2B%2B", "/?q=C%2B%2B&type=course&page=3&level=beginner", "/?type=org", "/?type=teacher", "/?type=all",
	"/courses/1", "/orgs/3", "/teachers/5", "/nothing/here", "/?page=0", "/widgets",
}
