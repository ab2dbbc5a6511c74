package chaos

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/test/harness"
)

// indexFaults happen in Elasticsearch itself.
func indexFaults() []fault {
	block := func(setting string) func(*site, *rand.Rand) {
		return func(s *site, r *rand.Rand) {
			index := s.servingIndex(r)
			if index == "" || !s.blocks(index, setting, true) {
				return
			}
			s.pause(s.between(r, time.Second, 5*time.Second))
			s.Eventually("the block is lifted", func() (bool, string) { return s.blocks(index, setting, nil), index })
		}
	}
	return []fault{
		{"block writes to an index", 3, block("index.blocks.write")},
		{"make an index read-only, as when disks are full", 3, block("index.blocks.read_only_allow_delete")},
		{"delete an index", 1, func(s *site, r *rand.Rand) {
			if index := s.servingIndex(r); index != "" {
				if err := s.Client.Do(s.T.Context(), "DELETE", "/"+index, nil, nil); err != nil {
					s.T.Logf("delete %s: %v", index, err)
				}
			}
		}},
	}
}

// servingIndex is the index of a random kind that is searched, "" if that cannot be told.
func (s *site) servingIndex(r *rand.Rand) string {
	return s.behind(catalog.Kinds()[r.IntN(len(catalog.Kinds()))])
}

// behind is the index behind the alias of a kind.
func (s *site) behind(k catalog.Kind) string {
	var found map[string]any
	if err := s.Client.Do(s.T.Context(), "GET", "/_alias/"+s.Client.Alias(k), nil, &found); err != nil {
		return ""
	}
	for index := range found {
		return index
	}
	return ""
}

// blocks sets a block of an index, or lifts it (nil). An index that is gone has none.
func (s *site) blocks(index, setting string, value any) bool {
	err := s.Client.Do(s.T.Context(), "PUT", "/"+index+"/_settings", map[string]any{setting: value}, nil)
	return err == nil || value == nil && elastic.IsStatus(err, 404)
}

// reindexFaults are reindexes and rollbacks, and what happens to who does them.
func reindexFaults() []fault {
	return []fault{
		{"reindex", 2, func(s *site, r *rand.Rand) {
			s.ask("reindex", r)
			s.pause(s.between(r, 0, 3*time.Second))
		}},
		{"roll a reindex back", 2, func(s *site, r *rand.Rand) {
			s.ask("rollback", r)
			s.pause(s.between(r, 0, time.Second))
		}},
		{"kill the leader at a step of a reindex", 5, func(s *site, r *rand.Rand) {
			moments := reindexMoments()
			m := moments[r.IntN(len(moments))]
			o := s.leader()
			p := o.running()
			if p == nil {
				return
			}
			s.ask("reindex", r)
			s.killAt(o, p, m)
			s.tally.add("  " + m.Name)
			o.start()
		}},
	}
}

// killAt kills a process at its next request of a kind, or when it does not make one.
func (s *site) killAt(o *slot, p *harness.Process, m harness.Moment) {
	dead := o.http.KillAt(m, 1, p)
	patience := time.NewTimer(15 * time.Second)
	defer patience.Stop()
	select {
	case <-dead:
	case <-patience.C:
		p.Kill()
	}
	s.watch.away(p.PID(), "killed in a reindex")
}

// ask asks for a reindex or a rollback of some kinds, as the command line does.
func (s *site) ask(action string, r *rand.Rand) {
	kinds := []string{"", "course", "org,teacher"}[r.IntN(3)]
	if _, err := s.DB.ExecContext(s.T.Context(), `INSERT INTO reindex_requests (action, kinds) VALUES (?, ?)`, action, kinds); err != nil {
		s.T.Logf("ask for a %s: %v", action, err)
	}
}

// dismiss takes back the requests that nobody has begun with: at random they come faster
// than a busy machine carries them out.
func (s *site) dismiss() {
	s.T.Helper()
	waiting := harness.One[int](s.World, `SELECT COUNT(*) FROM reindex_requests WHERE state = 'waiting'`)
	s.Exec(`UPDATE reindex_requests SET state = 'failed' WHERE state = 'waiting'`)
	s.T.Logf("%d requests for a reindex or a rollback were taken back", waiting)
}

// reindexMoments are the requests of a reindex in its order.
func reindexMoments() []harness.Moment {
	create := harness.Request("PUT", "/*-v*-g*")
	finish := harness.Request("PUT", "/*/_settings")
	swap := harness.Request("POST", "/_aliases")
	drop := harness.Request("DELETE", "/*-v*-g*")
	courses := func(r *http.Request) bool { return harness.Bulk(r) && strings.Contains(r.URL.Path, "-courses-") }
	return []harness.Moment{
		harness.Before("an index is created", create), harness.After("an index is created", create),
		harness.Before("a page is written", courses), harness.After("a page is written", courses),
		harness.Before("bulk loading ends", finish),
		harness.After("the documents are counted", harness.Request("POST", "/*/_count")),
		harness.After("documents are sampled", harness.Request("POST", "/*/_mget")),
		harness.Before("the swap", swap), harness.After("the swap", swap),
		harness.Before("an old index is deleted", drop), harness.After("an old index is deleted", drop),
	}
}
