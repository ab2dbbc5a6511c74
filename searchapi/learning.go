package searchapi

import (
	"context"
	"math"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/comments"
	"github.com/xunke/xunke/learning"
	"github.com/xunke/xunke/messages"
)

// Learning is what learners do with the catalogue. Errors are those of learning.Service.
type Learning interface {
	Favorite(ctx context.Context, account int64, item catalog.Key) (learning.FavoriteState, error)
	Unfavorite(ctx context.Context, account int64, item catalog.Key) (learning.FavoriteState, error)
	FavoriteState(ctx context.Context, account int64, item catalog.Key) (learning.FavoriteState, error)
	Favorites(ctx context.Context, account int64, kinds []catalog.Kind, p catalog.Page) (learning.FavoriteList, error)
	Enrol(ctx context.Context, account, course int64) (learning.EnrolmentState, error)
	Leave(ctx context.Context, account, course int64) (learning.EnrolmentState, error)
	Courses(ctx context.Context, account int64, p catalog.Page) (learning.EnrolmentList, error)
	CourseState(ctx context.Context, account, course int64) (learning.CourseState, error)
	Rate(ctx context.Context, account, course int64, stars int) (learning.RatingState, error)
	Unrate(ctx context.Context, account, course int64) (learning.RatingState, error)
	Watch(ctx context.Context, account, lesson int64, seconds int, done bool) (learning.LessonState, error)
	Export(ctx context.Context, account int64) (learning.Record, error)
}

type starsBody struct {
	Stars wholeNumber `json:"stars" minimum:"1" maximum:"5"`
}

type watchBody struct {
	Seconds wholeNumber `json:"seconds" about:"where the learner is; behind the end is the end" minimum:"0" maximum:"360000"`
	Done    bool        `json:"done,omitempty" about:"that the lesson is done, which those of unknown length need; others are at 90 %"`
}

// export is all that is kept of a learner: what the account has, what was done, said and told.
type export struct {
	accounts.Export
	learnt
	said
	told
}

type (
	learnt = learning.Record
	said   = comments.Record
	told   = messages.Record
)

// listPageParams are those of lists that an account's own rows bound.
func listPageParams() []param {
	return slices.DeleteFunc(pageParams(), func(p param) bool { return p.name == cursorName })
}

func pathID(name string, about text) param {
	return param{name: name, in: inPath, kind: integerParam, min: 1, max: math.MaxInt64, example: "1", about: about}
}

func kindInPath() param {
	return param{name: "kind", in: inPath, kind: choiceParam, choices: texts(catalog.Kinds()), example: "course", about: text{"种类", "The kind"}}
}

// What calls of actions refuse.
var (
	refusesAction = []int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests}
	refusesUndo   = []int{http.StatusNotFound, http.StatusTooManyRequests} // an id that no item can have
)

func withBody(refuses []int) []int {
	return append([]int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}, refuses...)
}

// learningOperations are the calls by which learners act.
func (s *Service) learningOperations() []operation {
	return append(s.favoriteOperations(), []operation{
		{
			id: "my_courses", method: http.MethodGet, path: "/api/v1/me/courses", group: groupAccounts, login: true,
			summary: text{"我的课程：进度、上次学到哪里，最近学的在前", "My courses: progress and where to go on, those seen last first"},
			params:  listPageParams(), status: http.StatusOK, answer: learning.EnrolmentList{}, example: "/api/v1/me/courses", handle: forLearners(s.myCourses),
		},
		{
			id: "my_course", method: http.MethodGet, path: "/api/v1/me/courses/{id}", group: groupAccounts, login: true,
			summary: text{"我与一门课程：是否报名、收藏、评分，每一课时学到哪里", "A course and me: enrolled, favourite, stars, how far in each lesson"},
			params:  []param{idParam()}, status: http.StatusOK, answer: learning.CourseState{}, refuses: []int{http.StatusNotFound},
			example: "/api/v1/me/courses/1", handle: forLearners(s.myCourse),
		},
		{
			id: "enrol", method: http.MethodPut, path: "/api/v1/me/courses/{id}", group: groupAccounts, login: true,
			summary: text{"报名；再报一次什么也不变", "Enrol; a second time changes nothing"},
			params:  []param{idParam()}, status: http.StatusOK, answer: learning.EnrolmentState{}, refuses: refusesAction, handle: forLearners(s.enrol),
		},
		{
			id: "leave", method: http.MethodDelete, path: "/api/v1/me/courses/{id}", group: groupAccounts, login: true,
			summary: text{"退出课程；评分和进度保留", "Leave a course; rating and progress stay"},
			params:  []param{idParam()}, status: http.StatusOK, answer: learning.EnrolmentState{}, refuses: refusesUndo, handle: forLearners(s.leave),
		},
		{
			id: "rate", method: http.MethodPut, path: "/api/v1/me/ratings/{course_id}", group: groupAccounts, login: true,
			summary: text{"评分：1 到 5 星，报名的学员才能评", "Rate a course that one takes: 1 to 5 stars"},
			params:  []param{pathID("course_id", text{"课程编号", "The course's id"})}, body: starsBody{}, status: http.StatusOK, answer: learning.RatingState{},
			refuses: withBody(refusesAction), handle: forLearners(s.rate),
		},
		{
			id: "unrate", method: http.MethodDelete, path: "/api/v1/me/ratings/{course_id}", group: groupAccounts, login: true,
			summary: text{"撤回评分", "Take a rating back"},
			params:  []param{pathID("course_id", text{"课程编号", "The course's id"})}, status: http.StatusOK, answer: learning.RatingState{},
			refuses: refusesUndo, handle: forLearners(s.unrate),
		},
		{
			id: "watch", method: http.MethodPut, path: "/api/v1/me/lessons/{id}", group: groupAccounts, login: true,
			summary: text{"学到哪里：播放器每隔几秒告知一次", "Where I am in a lesson; a player says so every few seconds"},
			params:  []param{idParam()}, body: watchBody{}, status: http.StatusOK, answer: learning.LessonState{},
			refuses: withBody(refusesAction), handle: forLearners(s.watch),
		},
	}...)
}

func (s *Service) favoriteOperations() []operation {
	const path = "/api/v1/me/favorites/{kind}/{id}"
	item := []param{kindInPath(), idParam()}
	kind := kindInPath()
	kind.in, kind.about = inQuery, text{"只列一种；没有：全部", "Only this kind; without it all"}
	return []operation{
		{
			id: "favorites", method: http.MethodGet, path: "/api/v1/me/favorites", group: groupAccounts, login: true,
			summary: text{"我的收藏，最近的在前", "My favourites, the latest first"},
			params:  append([]param{kind}, listPageParams()...), status: http.StatusOK, answer: learning.FavoriteList{},
			example: "/api/v1/me/favorites?kind=course", handle: forLearners(s.favorites),
		},
		{
			id: "favorite_state", method: http.MethodGet, path: path, group: groupAccounts, login: true,
			summary: text{"是否收藏了，有多少人收藏", "Whether it is a favourite, and of how many"},
			params:  item, status: http.StatusOK, answer: learning.FavoriteState{}, refuses: []int{http.StatusNotFound},
			example: "/api/v1/me/favorites/course/1", handle: forLearners(s.favoriteState),
		},
		{
			id: "favorite", method: http.MethodPut, path: path, group: groupAccounts, login: true,
			summary: text{"收藏；再收藏一次什么也不变", "Make it a favourite; a second time changes nothing"},
			params:  item, status: http.StatusOK, answer: learning.FavoriteState{}, refuses: refusesAction, handle: forLearners(s.favorite),
		},
		{
			id: "unfavorite", method: http.MethodDelete, path: path, group: groupAccounts, login: true,
			summary: text{"取消收藏", "Take a favourite back"},
			params:  item, status: http.StatusOK, answer: learning.FavoriteState{}, refuses: refusesUndo, handle: forLearners(s.unfavorite),
		},
	}
}

// answerOwn answers what is about who asks.
func answerOwn(c *fiber.Ctx, v any, err error) error {
	if err != nil {
		return err
	}
	return answerPrivately(c, http.StatusOK, v)
}

func pageOf(a args) catalog.Page {
	n := int(a.number("per_page"))
	return catalog.Page{Offset: (int(a.number("page")) - 1) * n, Limit: n}
}

func itemOf(a args) catalog.Key {
	return catalog.Key{Kind: catalog.Kind(a.text("kind")), ID: a.number("id")}
}

func (s *Service) finishItem(i *learning.Item) { i.URL = s.link(i.URL) }

func (s *Service) favorites(c *fiber.Ctx, account int64, a args) error {
	var kinds []catalog.Kind
	if k := a.text("kind"); k != "" {
		kinds = []catalog.Kind{catalog.Kind(k)}
	}
	list, err := s.learners.Learning.Favorites(c.UserContext(), account, kinds, pageOf(a))
	for i := range list.Hits {
		s.finishItem(&list.Hits[i].Item)
	}
	return answerOwn(c, list, err)
}

func (s *Service) favoriteState(c *fiber.Ctx, account int64, a args) error {
	state, err := s.learners.Learning.FavoriteState(c.UserContext(), account, itemOf(a))
	return answerOwn(c, state, err)
}

func (s *Service) favorite(c *fiber.Ctx, account int64, a args) error {
	state, err := s.learners.Learning.Favorite(c.UserContext(), account, itemOf(a))
	return answerOwn(c, state, err)
}

func (s *Service) unfavorite(c *fiber.Ctx, account int64, a args) error {
	state, err := s.learners.Learning.Unfavorite(c.UserContext(), account, itemOf(a))
	return answerOwn(c, state, err)
}

func (s *Service) myCourses(c *fiber.Ctx, account int64, a args) error {
	list, err := s.learners.Learning.Courses(c.UserContext(), account, pageOf(a))
	for i := range list.Hits {
		s.finishItem(&list.Hits[i].Item)
	}
	return answerOwn(c, list, err)
}

func (s *Service) myCourse(c *fiber.Ctx, account int64, a args) error {
	state, err := s.learners.Learning.CourseState(c.UserContext(), account, a.number("id"))
	return answerOwn(c, state, err)
}

func (s *Service) enrol(c *fiber.Ctx, account int64, a args) error {
	state, err := s.learners.Learning.Enrol(c.UserContext(), account, a.number("id"))
	return answerOwn(c, state, err)
}

func (s *Service) leave(c *fiber.Ctx, account int64, a args) error {
	state, err := s.learners.Learning.Leave(c.UserContext(), account, a.number("id"))
	return answerOwn(c, state, err)
}

func (s *Service) rate(c *fiber.Ctx, account int64, a args) error {
	var body starsBody
	if err := readBody(c, &body, "stars"); err != nil {
		return err
	}
	state, err := s.learners.Learning.Rate(c.UserContext(), account, a.number("course_id"), int(body.Stars))
	return answerOwn(c, state, err)
}

func (s *Service) unrate(c *fiber.Ctx, account int64, a args) error {
	state, err := s.learners.Learning.Unrate(c.UserContext(), account, a.number("course_id"))
	return answerOwn(c, state, err)
}

func (s *Service) watch(c *fiber.Ctx, account int64, a args) error {
	var body watchBody
	if err := readBody(c, &body, "seconds and done"); err != nil {
		return err
	}
	state, err := s.learners.Learning.Watch(c.UserContext(), account, a.number("id"), int(body.Seconds), body.Done)
	return answerOwn(c, state, err)
}
