package chaos

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
)

// place is a line of a ranking.
type place struct {
	ID    int64   `json:"id"`
	Name  string  `json:"name"`
	Score float64 `json:"score"`
}

// boards are the rankings that visitors get, by what was asked for.
type boards map[string][]place

// rankings asks for every ranking whole: of each kind and window, and some of one org only.
func (c *crowd) rankings() (boards, error) {
	all := boards{}
	for _, k := range catalog.Kinds() {
		for _, w := range catalog.Windows() {
			queries := []string{""}
			if k == catalog.KindCourse {
				queries = append(queries, "&org_id=3")
			}
			for _, filter := range queries {
				asked := fmt.Sprintf("%s?window=%s%s", k.Plural(), w, filter)
				list, err := c.ranking(asked)
				if err != nil {
					return nil, err
				}
				all[asked] = list
			}
		}
	}
	return all, nil
}

// ranking asks for one ranking. Those to which nothing has happened are left out.
func (c *crowd) ranking(asked string) ([]place, error) {
	req, err := http.NewRequestWithContext(c.site.T.Context(), http.MethodGet,
		fmt.Sprintf("%s/api/v1/rankings/%s&limit=%d", c.portals[0].url(), asked, catalog.MaxRanking), nil)
	if err != nil {
		return nil, err
	}
	res, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Degraded bool    `json:"degraded"`
		Items    []place `json:"items"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("%s: %w", asked, err)
	}
	if res.StatusCode != http.StatusOK || answer.Degraded {
		return nil, fmt.Errorf("%s: status %d, degraded %v", asked, res.StatusCode, answer.Degraded)
	}
	return slices.DeleteFunc(answer.Items, func(p place) bool { return p.Score == 0 }), nil
}

// pointsOfDays are the points of each item's days, from its own counts and from
// those of its courses: what the rankings are by definition.
var pointsOfDays = map[catalog.Kind]string{
	catalog.KindCourse: `SELECT c.id, d.day, d.views + 5 * d.favorites + 10 * d.enrolments
		FROM courses c JOIN course_daily_counts d ON d.course_id = c.id`,
	catalog.KindOrg: `SELECT o.id, d.day, d.views + 5 * d.favorites + 10 * d.enrolments FROM orgs o JOIN org_daily_counts d ON d.org_id = o.id
		UNION ALL SELECT c.org_id, d.day, d.views + 5 * d.favorites + 10 * d.enrolments
		FROM courses c JOIN course_daily_counts d ON d.course_id = c.id WHERE c.org_id IS NOT NULL`,
	catalog.KindTeacher: `SELECT t.id, d.day, d.views + 5 * d.favorites + 10 * d.enrolments FROM teachers t JOIN teacher_daily_counts d ON d.teacher_id = t.id
		UNION ALL SELECT x.teacher_id, d.day, d.views + 5 * d.favorites + 10 * d.enrolments
		FROM course_teachers x JOIN course_daily_counts d ON d.course_id = x.course_id`,
}

// arithmetic is the scores that follow from MySQL's counts, by the rankings asked for.
func (c *crowd) arithmetic() (boards, error) {
	s := c.site
	s.T.Helper()
	last, err := time.Parse(time.DateOnly, today())
	if err != nil {
		return nil, err
	}
	all := boards{}
	for _, k := range catalog.Kinds() {
		rows, err := s.DB.QueryContext(s.T.Context(), pointsOfDays[k])
		if err != nil {
			return nil, err
		}
		sums := map[catalog.Window]map[int64]float64{}
		for _, w := range catalog.Windows() {
			sums[w] = map[int64]float64{}
		}
		for rows.Next() {
			var id int64
			var day time.Time
			var points float64
			if err := rows.Scan(&id, &day, &points); err != nil {
				return nil, err
			}
			age := int(last.Sub(day).Hours() / 24)
			for w := range sums {
				if w.Days() == 0 {
					since := day.Sub(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)).Hours() / 24
					sums[w][id] += points * math.Pow(2, since/7)
				} else if age < w.Days() {
					sums[w][id] += points
				}
			}
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		for w, of := range sums {
			var list []place
			for id, sum := range of {
				if w.Days() == 0 {
					sum = math.Log2(1 + sum)
				}
				list = append(list, place{ID: id, Score: sum})
			}
			slices.SortFunc(list, func(a, b place) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
			all[fmt.Sprintf("%s?window=%s", k.Plural(), w)] = list
		}
	}
	return all, nil
}

// differ says where rankings are not what follows from MySQL; "" when they are. What is
// summed in another order may differ in its last digits, and then be in another order.
func (have boards) differ(want boards) string {
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*b }
	for asked, list := range want {
		if len(have[asked]) != len(list) {
			return fmt.Sprintf("%s lists %d and should list %d", asked, len(have[asked]), len(list))
		}
		scores := map[int64]float64{}
		for _, p := range list {
			scores[p.ID] = p.Score
		}
		for i, w := range list {
			h := have[asked][i]
			tied := i > 0 && have[asked][i-1].Score == h.Score
			if !near(h.Score, w.Score) || !near(h.Score, scores[h.ID]) || tied && have[asked][i-1].ID > h.ID {
				return fmt.Sprintf("%s has at rank %d item %d with %v, and should have %d with %v", asked, i+1, h.ID, h.Score, w.ID, w.Score)
			}
		}
	}
	return ""
}

// exact checks that the rankings are what follows from MySQL, and that a rebuild, which
// reads everything anew, changes nothing of them.
func (c *crowd) exact() {
	s := c.site
	s.T.Helper()
	var before boards
	s.Eventually("the boards are as in MySQL", func() (bool, string) {
		want, err := c.arithmetic()
		if err != nil {
			return false, err.Error()
		}
		if before, err = c.rankings(); err != nil {
			return false, err.Error()
		}
		difference := before.differ(want)
		return difference == "", difference
	})
	s.Must("rankings", "rebuild")
	var after boards
	s.Eventually("the boards answer", func() (ok bool, why string) {
		var err error
		after, err = c.rankings() // on a busy machine the index may stand in for them
		return err == nil, fmt.Sprint(err)
	})
	lines := 0
	for asked, list := range before {
		lines += len(list)
		if !slices.Equal(list, after[asked]) {
			s.T.Errorf("the boards are not as after a rebuild: %s was %v and is %v", asked, list, after[asked])
		}
	}
	s.T.Logf("%d rankings with %d lines are what follows from MySQL, and the same after a rebuild", len(before), lines)
}
