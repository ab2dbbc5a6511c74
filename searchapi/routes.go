package searchapi

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// The sections of the documentation.
var (
	groupSearch   = text{"搜索", "Search"}
	groupItems    = text{"列表与详情", "Lists and details"}
	groupRankings = text{"排行与事件", "Rankings and events"}
	groupConsult  = text{"课程咨询", "Consultation"}
	groupAccounts = text{"账号", "Accounts"}
	groupService  = text{"运行", "Operation"}
)

// routes registers the calls, the documentation that describes them.
func (s *Service) routes() error {
	operations := s.operations()
	document, err := openAPI(operations, s.options)
	if err != nil {
		return err
	}
	page, err := docsPage(operations, s.options)
	if err != nil {
		return err
	}
	for _, o := range operations {
		switch o.path {
		case "/openapi.json":
			o.handle = document.serve
		case "/docs":
			o.handle = page.serve
		}
		s.register(o)
	}
	return nil
}

// operations are all calls, in the order of the documentation.
func (s *Service) operations() []operation {
	list := s.searchOperations()
	for _, k := range catalog.Kinds() {
		list = append(list, s.itemOperations(k)...)
	}
	list = append(list, s.rankingOperations()...)
	if s.consultations != nil {
		list = append(list, s.consultationOperation())
	}
	if s.learners != nil {
		list = append(list, s.commentOperations()...)
		list = append(list, s.accountOperations()...)
		list = append(list, s.learningOperations()...)
		list = append(list, s.messageOperations()...)
	}
	return append(list, s.serviceOperations()...)
}

func (s *Service) searchOperations() []operation {
	return []operation{
		{
			id: "search", method: http.MethodGet, path: "/api/v1/search", group: groupSearch,
			summary: text{"一次搜索课程、机构和教师", "Search courses, orgs and teachers at once"},
			params:  searchParams(), rules: searchRules(), status: http.StatusOK, answer: catalog.Answer{},
			refuses: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable}, open: true,
			example: "/api/v1/search?q=C%2B%2B&per_page=3", handle: s.search,
		},
		{
			id: "suggest", method: http.MethodGet, path: "/api/v1/suggest", group: groupSearch,
			summary: text{"输入时的建议", "Suggestions as you type"},
			params:  suggestParams(), status: http.StatusOK, answer: suggestions{}, also: map[int]any{http.StatusNotModified: nil},
			refuses: []int{http.StatusBadRequest, http.StatusServiceUnavailable}, open: true,
			example: "/api/v1/suggest?q=%E6%95%B0%E6%8D%AE", handle: s.suggest,
		},
	}
}

func (s *Service) rankingOperations() []operation {
	var list []operation
	for _, k := range catalog.Kinds() {
		name := kindName(k)
		list = append(list, operation{
			id: "rank_" + k.Plural(), method: http.MethodGet, path: "/api/v1/rankings/" + k.Plural(), group: groupRankings,
			summary: text{"热门" + name.zh, "The hottest " + name.en},
			about:   scoringText(s.options.Scoring),
			params:  rankingParams(k), status: http.StatusOK, answer: catalog.Ranking{}, also: map[int]any{http.StatusNotModified: nil},
			refuses: []int{http.StatusBadRequest, http.StatusServiceUnavailable}, open: true,
			example: "/api/v1/rankings/" + k.Plural() + "?window=week&limit=5",
			handle:  func(c *fiber.Ctx, a args) error { return s.ranking(c, k, a) },
		})
	}
	return append(list, operation{
		id: "record_event", method: http.MethodPost, path: "/api/v1/events", group: groupRankings,
		summary: text{"记录一次浏览或点击", "Record a view or a click"},
		body:    eventBody{}, status: http.StatusAccepted, answer: accepted{},
		refuses: []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusTooManyRequests, http.StatusServiceUnavailable}, open: true,
		handle: s.recordEvent,
	})
}

func (s *Service) consultationOperation() operation {
	return operation{
		id: "ask_consultation", method: http.MethodPost, path: "/api/v1/consultations", group: groupConsult,
		summary: text{"留下姓名和手机号，请人回电咨询一门课程", "Leave name and mobile number to be called back about a course"},
		body:    consultationBody{}, status: http.StatusAccepted, answer: accepted{},
		refuses: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusTooManyRequests, http.StatusServiceUnavailable}, open: true,
		handle: s.consult,
	}
}

func (s *Service) serviceOperations() []operation {
	exposition := s.server.Exposition()
	return []operation{
		{
			id: "health", method: http.MethodGet, path: "/healthz", group: groupService,
			summary: text{"进程是否活着", "Whether the process is alive"},
			status:  http.StatusOK, answer: health{}, example: "/healthz", handle: s.health,
		},
		{
			id: "readiness", method: http.MethodGet, path: "/readyz", group: groupService,
			summary: text{"能否回答请求（MySQL 与 Elasticsearch 之一可用即可）；对运维人员还说明缺什么", "Whether requests can be answered, by MySQL or Elasticsearch at least; operators are also told what is missing"},
			status:  http.StatusOK, answer: readiness{}, also: map[int]any{http.StatusServiceUnavailable: readiness{}},
			example: "/readyz", handle: s.readiness,
		},
		{
			id: "metrics", method: http.MethodGet, path: "/metrics", group: groupService,
			summary: text{"Prometheus 指标（仅限运维地址）", "Figures for Prometheus, for operators' addresses only"},
			status:  http.StatusOK, media: fiber.MIMETextPlain, example: "/metrics",
			refuses: []int{http.StatusBadRequest, http.StatusNotFound},
			handle: func(c *fiber.Ctx, _ args) error {
				if err := httpserver.OperatorsOnly(c); err != nil {
					return err
				}
				return exposition(c)
			},
		},
		{
			id: "openapi", method: http.MethodGet, path: "/openapi.json", group: groupService,
			summary: text{"这份说明的 OpenAPI 3.1 版本", "This description as OpenAPI 3.1"},
			status:  http.StatusOK, answer: map[string]any{}, open: true, example: "/openapi.json",
		},
		{
			id: "docs", method: http.MethodGet, path: "/docs", group: groupService,
			summary: text{"这个页面", "This page"},
			status:  http.StatusOK, media: fiber.MIMETextHTML, example: "/docs",
		},
	}
}
