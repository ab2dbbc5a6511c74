package searchapi

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// maxRelated is the most that a list of related courses holds.
const maxRelated = 20

// relatedStandard is how many it holds where nobody says.
const relatedStandard = "6"

// relatedCache lets a page that shows related courses ask rarely. Nothing in the answer
// depends on who asks.
const relatedCache = "public, max-age=60, stale-while-revalidate=300"

// relatedCourses is the answer to what is related to a course.
type relatedCourses struct {
	Hits     []catalog.RelatedCourse `json:"hits"`
	Degraded bool                    `json:"degraded"`
}

// related is the answer of the other calls that end in /related.
type related struct {
	Hits     []catalog.CourseHit `json:"hits"`
	Degraded bool                `json:"degraded"`
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
func (s *Service) itemOperations(k catalog.Kind) []operation {
	name, base := kindName(k), "/api/v1/"+k.Plural()
	list := operation{
		id: "list_" + k.Plural(), method: http.MethodGet, path: base, group: groupItems,
		summary: text{name.zh + "列表：筛选、排序、计数", "The list of " + name.en + ": filters, sorts, counts"},
		params:  listParams(k), rules: pageRules(), status: http.StatusOK, also: map[int]any{http.StatusNotModified: nil},
		refuses: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusServiceUnavailable}, open: true,
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
	if k == catalog.KindOrg {
		list.rules = append(list.rules, notTogether("category", string(catalog.FacetOrgCategory)))
	}
	switch k {
	case catalog.KindCourse:
		list.answer, detail.answer, detail.handle = catalog.Section[catalog.CourseHit]{}, catalog.Course{}, s.course
		near.summary = text{
			"相关课程：标签相同、内容相近、学员也在学；because 说明原因",
			"Related courses: shared tags, likeness of text, learners who take both; because says which",
		}
		near.handle, near.answer = s.relatedCourses, relatedCourses{}
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

func (s *Service) course(c *fiber.Ctx, a args) error {
	item, err := s.details.Course(c.UserContext(), a.number("id"))
	if err != nil {
		return err
	}
	markItem(c, item.Degraded)
	item.URL = s.link(item.URL)
	return answerJSON(c, item)
}

func (s *Service) org(c *fiber.Ctx, a args) error {
	item, err := s.details.Org(c.UserContext(), a.number("id"))
	if err != nil {
		return err
	}
	markItem(c, item.Degraded)
	item.URL = s.link(item.URL)
	return answerJSON(c, item)
}

func (s *Service) teacher(c *fiber.Ctx, a args) error {
	item, err := s.details.Teacher(c.UserContext(), a.number("id"))
	if err != nil {
		return err
	}
	markItem(c, item.Degraded)
	item.URL = s.link(item.URL)
	return answerJSON(c, item)
}

// markItem notes that an item comes from a substitute, which no cache shall keep.
func markItem(c *fiber.Ctx, degraded bool) {
	if degraded {
		httpserver.MarkDegraded(c.UserContext())
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
}

func (s *Service) relatedCourses(c *fiber.Ctx, a args) error {
	id := a.number("id")
	found, err := s.relater.Related(c.UserContext(), id, int(a.number("limit")))
	// A course that is new may not have come to the index yet.
	if err != nil && catalog.CodeOf(err) != catalog.CodeNotFound {
		return err
	}
	if len(found.Hits) == 0 {
		if err := s.exists(c, catalog.KindCourse, id); err != nil {
			return err
		}
	}
	answer := relatedCourses{Hits: make([]catalog.RelatedCourse, len(found.Hits)), Degraded: found.Degraded}
	for i, hit := range found.Hits {
		s.finishCourse(&hit.CourseHit)
		if hit.Because == nil {
			hit.Because = []catalog.Because{}
		}
		answer.Hits[i] = hit
	}
	if found.Degraded {
		httpserver.MarkDegraded(c.UserContext())
	} else {
		c.Set(fiber.HeaderCacheControl, relatedCache)
	}
	return answerJSON(c, answer)
}

// coursesOf answers the hottest courses of an org or a teacher.
func (s *Service) coursesOf(c *fiber.Ctx, k catalog.Kind, by catalog.Facet, a args) error {
	answer, err := s.searcher.Search(c.UserContext(), catalog.Query{
		Kinds: []catalog.Kind{catalog.KindCourse}, Sort: catalog.SortHot, Page: 1, PerPage: int(a.number("limit")),
		Filters: map[catalog.Facet][]string{by: {a.text("id")}}, Facets: []catalog.Facet{},
	})
	if err != nil {
		return err
	}
	hits := answer.Courses.List()
	if len(hits) == 0 {
		if err := s.exists(c, k, a.number("id")); err != nil {
			return err
		}
	}
	if answer.Degraded {
		httpserver.MarkDegraded(c.UserContext())
	} else {
		c.Set(fiber.HeaderCacheControl, relatedCache)
	}
	return answerJSON(c, related{Hits: s.courseHits(hits), Degraded: answer.Degraded})
}

// exists is nil where the source of truth has an item: one without relatives.
func (s *Service) exists(c *fiber.Ctx, k catalog.Kind, id int64) error {
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
