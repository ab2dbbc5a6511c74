package searchapi

import (
	"fmt"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// rankingCache lets a page that shows a ranking ask rarely: a ranking moves slowly.
const rankingCache = "public, max-age=30, stale-while-revalidate=300"

func (s *Service) ranking(c *fiber.Ctx, k catalog.Kind, a args) error {
	kept, err := s.rankings.get(c.UserContext(), s, rankingQuery(k, a))
	if err != nil {
		return err
	}
	if kept.degraded {
		httpserver.MarkDegraded(c.UserContext())
		c.Set(fiber.HeaderCacheControl, "no-cache") // what comes after the trouble is better
		return httpserver.WritePrepared(c, fiber.MIMEApplicationJSON, prepare(&kept.forms, "ranking", nil, kept.body))
	}
	c.Set(fiber.HeaderCacheControl, rankingCache)
	return s.answerForm(c, &kept.forms, "ranking", answers.Form{Body: kept.body, Tag: kept.tag})
}

// scoringText says what scores are.
func scoringText(s catalog.Scoring) text {
	return text{
		fmt.Sprintf("得分：浏览 %d、收藏 %d、报名 %d；日、周、月（UTC）为各天得分之和；总榜每 %g 天减半，取以 2 为底的对数；飙升为最近 7 天与此前 23 天平均每天得分之比的 95%% 下限，不到 %g 分不算。",
			s.View, s.Favorite, s.Enrolment, s.HalfLifeDays(), catalog.RisingLeast),
		fmt.Sprintf("Scores: a view is worth %d, a favourite %d, an enrolment %d. Day, week and month (UTC) add up the points of their days; for all of history points halve every %g days, and the score is a logarithm to base 2; rising is the lower 95 %% bound of the ratio of the points a day in the last 7 days to those in the 23 before, and needs %g points.",
			s.View, s.Favorite, s.Enrolment, s.HalfLifeDays(), catalog.RisingLeast),
	}
}

// ParseRanking turns the parameters of a ranking into a query, exactly as
// GET /api/v1/rankings/{kind} does, for fragments that show the same ranking. The error is
// a catalog.Error of CodeInvalid that names every parameter at fault.
func ParseRanking(k catalog.Kind, values url.Values) (catalog.RankingQuery, error) {
	a, err := parse(rankingParams(k), values)
	if err != nil {
		return catalog.RankingQuery{}, err
	}
	return rankingQuery(k, a), nil
}

// rankingQuery is the query that the parameters of a ranking ask for.
func rankingQuery(k catalog.Kind, a args) catalog.RankingQuery {
	q := catalog.RankingQuery{
		Kind: k, Window: catalog.Window(a.text("window")), Limit: int(a.number("limit")),
		Filters: map[catalog.Facet][]string{},
	}
	for _, f := range rankingFilters(k) {
		if v := a.texts[f.param]; len(v) > 0 {
			q.Filters[f.facet] = v
		}
	}
	return q
}

// ParseRelated turns the parameters of GET /api/v1/courses/{id}/related into the course
// and the number of hits that are asked for. Here the id is called course. The error is
// a catalog.Error of CodeInvalid.
func ParseRelated(values url.Values) (id int64, limit int, err error) {
	course := idParam()
	course.name, course.in = "course", inQuery
	if values.Get("course") == "" {
		return 0, 0, catalog.Invalidf("course", "is missing: it is the id of a course")
	}
	a, err := parse([]param{course, limitParam(maxRelated, relatedStandard)}, values)
	return a.number("course"), int(a.number("limit")), err
}
