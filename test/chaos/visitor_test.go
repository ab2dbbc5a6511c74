package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/test/harness"
)

// crowdSearches is how many searches visitors click in.
const crowdSearches = 8

// visit is what counts once: a visitor at an item on a day, and of clicks for each search.
type visit struct {
	subject string // what it adds one to
	who     string
}

// ledger is what visitors know of their visits.
type ledger struct {
	mu         sync.Mutex
	accepted   map[visit]bool
	unanswered map[visit]bool // sent, and nobody knows what became of it

	sent, repeated, unreached int // requests
}

// bounds says how much may have been counted of each subject.
func (l *ledger) bounds() (least, most map[string]int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	least, most = map[string]int{}, map[string]int{}
	for v := range l.accepted {
		least[v.subject]++
		most[v.subject]++
	}
	for v := range l.unanswered {
		if !l.accepted[v] {
			most[v.subject]++
		}
	}
	return least, most
}

// requests is how many were answered or failed so far.
func (l *ledger) requests() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent
}

func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	maybe := 0
	for v := range l.unanswered {
		if !l.accepted[v] {
			maybe++
		}
	}
	return fmt.Sprintf("%d requests: %d different visits accepted, %d accepted again, %d visits without any answer, %d requests that reached nobody",
		l.sent, len(l.accepted), l.repeated, maybe, l.unreached)
}

// crowd is many visitors, who look at items through whatever portal there is.
type crowd struct {
	site    *site
	people  int // of whom any may come
	portals []*portal
	client  *http.Client
	ledger  *ledger
}

// visitors lets n requests at a time come, perSecond in all, until the returned function is
// called.
func (c *crowd) visitors(n, perSecond int, seeds *rand.Rand) (stop func()) {
	ctx, cancel := context.WithCancel(c.site.T.Context())
	var done sync.WaitGroup
	for range n {
		r := rand.New(rand.NewPCG(seeds.Uint64(), 0))
		done.Go(func() {
			tick := time.NewTicker(time.Second * time.Duration(n) / time.Duration(perSecond))
			defer tick.Stop()
			var recent []func(*portal)
			for {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
				p := c.portals[r.IntN(len(c.portals))]
				if len(recent) > 0 && r.IntN(6) == 0 {
					recent[r.IntN(len(recent))](p) // once more, perhaps elsewhere
					continue
				}
				one := c.choose(r)
				one(p)
				recent = append(recent[max(0, len(recent)-50):], one)
			}
		})
	}
	return sync.OnceFunc(func() {
		cancel()
		done.Wait()
		c.client.CloseIdleConnections()
	})
}

// items are how many of each kind visitors look at: few enough for a ranking to list them.
var items = map[catalog.Kind]int{catalog.KindCourse: harness.FixedCourses, catalog.KindOrg: harness.SeedOrgs, catalog.KindTeacher: harness.SeedTeachers}

// choose makes up a visit.
func (c *crowd) choose(r *rand.Rand) func(*portal) {
	kind := catalog.Kinds()[r.IntN(3)]
	id, visitor := 1+r.IntN(items[kind]), r.IntN(c.people)
	body := map[string]any{"type": "view", "kind": kind, "id": id}
	search := 0
	if r.IntN(3) == 0 {
		search = 1 + r.IntN(crowdSearches)
		body = map[string]any{"type": "click", "kind": kind, "id": id, "search_id": searchID(search), "position": 1 + id%9}
	}
	raw, err := json.Marshal(body)
	return func(p *portal) {
		if err != nil {
			c.site.T.Error(err)
			return
		}
		c.post(p, raw, visitor, func(day string) visit {
			item := fmt.Sprintf("%s %d on %s", kind, id, day)
			if search > 0 {
				return visit{"clicks in " + searchID(search), fmt.Sprint(visitor, " ", item)}
			}
			return visit{item, fmt.Sprint(visitor)}
		})
	}
}

// post sends an event and writes down what is known of it. At midnight it is not known to
// which day it belongs.
func (c *crowd) post(p *portal, body []byte, visitor int, of func(day string) visit) {
	began := today()
	status, err := c.send(p, body, visitor)
	ended := today()
	l := c.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent++
	switch {
	case err != nil && isUnreachable(err):
		l.unreached++
	case err != nil || began != ended:
		l.unanswered[of(began)], l.unanswered[of(ended)] = true, true
	case status != http.StatusAccepted:
		c.site.T.Errorf("an event was answered with %d", status)
	case l.accepted[of(began)]:
		l.repeated++
	default:
		l.accepted[of(began)] = true
	}
}

func (c *crowd) send(p *portal, body []byte, visitor int) (status int, err error) {
	// A visitor who has asked waits for the answer, whatever the test is up to.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.site.T.Context()), harness.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url()+"/api/v1/events", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", fmt.Sprintf("visitor %d", visitor))
	// Each comes from a network of their own: how many of one network count is capped.
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.1", visitor/250, visitor%250))
	res, err := c.client.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Body.Close()
}

// isUnreachable says whether a request was never sent, because nobody took the connection.
func isUnreachable(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// today is the day (UTC) as rows have it.
func today() string { return time.Now().UTC().Format(time.DateOnly) }

func searchID(n int) string { return fmt.Sprintf("search-%d", n) }

// countsSince is what MySQL has counted of each subject since a day.
func (c *crowd) countsSince(since string) map[string]int {
	s := c.site
	s.T.Helper()
	query := `SELECT CONCAT('clicks in ', query), clicks FROM search_daily_counts WHERE clicks > 0`
	args := []any{}
	for _, k := range catalog.Kinds() {
		query += fmt.Sprintf(` UNION ALL SELECT CONCAT('%[1]s ', %[1]s_id, ' on ', DATE_FORMAT(day, '%%Y-%%m-%%d')), views
			FROM %[1]s_daily_counts WHERE day >= ?`, k)
		args = append(args, since)
	}
	rows, err := s.DB.QueryContext(s.T.Context(), query, args...)
	if err != nil {
		s.T.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[string]int{}
	for rows.Next() {
		var subject string
		var n int
		if err := rows.Scan(&subject, &n); err != nil {
			s.T.Fatal(err)
		}
		counts[subject] = n
	}
	if err := rows.Err(); err != nil {
		s.T.Fatal(err)
	}
	return counts
}

// compare reports where MySQL's counts are not what was accepted.
func (c *crowd) compare(since string) {
	s := c.site
	s.T.Helper()
	least, most := c.ledger.bounds()
	counts := c.countsSince(since)
	total, lost, doubled := 0, 0, 0
	var first string
	for _, subject := range slices.Sorted(maps.Keys(union(counts, most))) {
		n := counts[subject]
		total += n
		if n >= least[subject] && n <= most[subject] {
			continue
		}
		lost, doubled = lost+max(0, least[subject]-n), doubled+max(0, n-most[subject])
		if first == "" {
			first = fmt.Sprintf("%s has %d, and from %d to %d were accepted", subject, n, least[subject], most[subject])
		}
	}
	s.T.Logf("%d visits counted of %d subjects", total, len(counts))
	if first != "" {
		s.T.Errorf("the counts are not as accepted: %d are lost, %d too many; the first: %s", lost, doubled, first)
	}
}

func union(a, b map[string]int) map[string]int {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}
