package searchapi

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

// maxRelated is the most that a list of related courses holds.
const maxRelated = 20

// relatedStandard is how many it holds where nobody says.
const relatedStandard = "6"

// related is the answer of the calls that end in /related.
type related struct {
	Hits []catalog.CourseHit `json:"hits"`
}

// kindName is what people call the items of a kind.
func kindName(k catalog.Kind) text {
	switch k {
	case catalog.KindCourse:
		return text{"课程", "courses"}
	case catalog.KindOrg:
		return text{"机构", "orgs"}
	default:
		return text{"教师", "teachers"}
	}
}

// itemOperations are the list, the details and the related courses of one kind.
func (s *Server) itemOperations(k catalog.Kind) []operation {
	name, base := kindName(k), "/api/v1/"+k.Plural()
	list := operation{
		id: "list_" + k.Plural(), method: http.MethodGet, path: base, group: groupItems,
		summary: text{name.zh + "列表：筛选、排序、计数", "The list of " + name.en + ": filters, sorts, counts"},
		params:  listParams(k), status: http.StatusOK,
		refuses: []int{http.StatusBadRequest, http.StatusServiceUnavailable}, open: true,
		example: base + "?per_page=3",
		handle:  func(c *fiber.Ctx, a args) error { return s.list(c, k, a) },
	}
	detail := operation{
		id: "get_" + string(k), method: http.MethodGet, path: base + "/{id}", group: groupItems,
		summary: text{name.zh + "的全部内容", "One of the " + name.en + ", whole"},
		params:  []param{idParam()}, status: http.StatusOK,
		refuses: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusServiceUnavailable}, open: true,
		example: base + "/1",
	}
	near := operation{
		id: "related_to_" + string(k), method: http.MethodGet, path: base + "/{id}/related", group: groupItems,
		params: []param{idParam(), limitParam(maxRelated, relatedStandard)}, status: http.StatusOK, answer: related{},
		refuses: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusServiceUnavailable}, open: true,
		example: base + "/1/related",
	}
	switch k {
	case catalog.KindCourse:
		list.answer, detail.answer, detail.handle = catalog.Section[catalog.CourseHit]{}, catalog.Course{}, s.course
		near.summary = text{"相关课程：标签或内容相近", "Related courses: shared tags or likeness of text"}
		near.handle = s.relatedCourses
	case catalog.KindOrg:
		list.answer, detail.answer, detail.handle = catalog.Section[catalog.OrgHit]{}, catalog.Org{}, s.org
		near.summary = text{"这个机构最热门的课程", "The org's hottest courses"}
		near.handle = func(c *fiber.Ctx, a args) error { return s.coursesOf(c, k, catalog.FacetOrg, a) }
	case catalog.KindTeacher:
		list.answer, detail.answer, detail.handle = catalog.Section[catalog.TeacherHit]{}, catalog.Teacher{}, s.teacher
		near.summary = text{"这位教师最热门的课程", "The teacher's hottest courses"}
		near.handle = func(c *fiber.Ctx, a args) error { return s.coursesOf(c, k, catalog.FacetTeacher, a) }
	}
	return []operation{list, detail, near}
}

func (s *Server) course(c *fiber.Ctx, a args) error {
	item, err := s.details.Course(c.UserContext(), a.number("id"))
	if err != nil {
		return err
	}
	item.URL = s.link(item.URL)
	return answerJSON(c, item)
}

func (s *Server) org(c *fiber.Ctx, a args) error {
	item, err := s.details.Org(c.UserContext(), a.number("id"))
	if err != nil {
		return err
	}
	item.URL = s.link(item.URL)
	return answerJSON(c, item)
}

func (s *Server) teacher(c *fiber.Ctx, a args) error {
	item, err := s.details.Teacher(c.UserContext(), a.number("id"))
	if err != nil {
		return err
	}
	item.URL = s.link(item.URL)
	return answerJSON(c, item)
}

func (s *Server) relatedCourses(c *fiber.Ctx, a args) error {
	id := a.number("id")
	hits, err := s.searcher.Related(c.UserContext(), catalog.KindCourse, id, int(a.number("limit")))
	// A course that is new may not have come to the index yet.
	if err != nil && catalog.CodeOf(err) != catalog.CodeNotFound {
		return err
	}
	return s.answerRelated(c, catalog.KindCourse, id, hits)
}

// coursesOf answers the hottest courses of an org or a teacher.
func (s *Server) coursesOf(c *fiber.Ctx, k catalog.Kind, by catalog.Facet, a args) error {
	answer, err := s.searcher.Search(c.UserContext(), catalog.Query{
		Kinds: []catalog.Kind{catalog.KindCourse}, Sort: catalog.SortHot, Page: 1, PerPage: int(a.number("limit")),
		Filters: map[catalog.Facet][]string{by: {a.text("id")}},
	})
	if err != nil {
		return err
	}
	if answer.Degraded {
		MarkDegraded(c)
	}
	var hits []catalog.CourseHit
	if answer.Courses != nil {
		hits = answer.Courses.Hits
	}
	return s.answerRelated(c, k, a.number("id"), hits)
}

// answerRelated answers hits. Where there are none the source of truth says whether the
// item has no relatives or is not there at all.
func (s *Server) answerRelated(c *fiber.Ctx, k catalog.Kind, id int64, hits []catalog.CourseHit) error {
	if len(hits) == 0 {
		if err := s.exists(c, k, id); err != nil {
			return err
		}
	}
	return answerJSON(c, related{Hits: s.courseHits(hits)})
}

func (s *Server) exists(c *fiber.Ctx, k catalog.Kind, id int64) error {
	var err error
	switch k {
	case catalog.KindCourse:
		_, err = s.details.Course(c.UserContext(), id)
	case catalog.KindOrg:
		_, err = s.details.Org(c.UserContext(), id)
	case catalog.KindTeacher:
		_, err = s.details.Teacher(c.UserContext(), id)
	}
	return err
}
