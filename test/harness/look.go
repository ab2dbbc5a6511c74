package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/index"
)

// State is what the indexers of this installation have written down; nobody may have yet.
// The index that it is in may have been made this moment and not answer yet.
func (w *World) State() (s indexer.State) {
	w.T.Helper()
	w.Eventually("the indexers' state can be read", func() (ok bool, why string) {
		var err error
		s, err = index.NewStateStore(w.Client).LoadState(w.T.Context())
		return err == nil, fmt.Sprint(err)
	})
	return s
}

// Serving waits until every kind is served for the first time.
func (w *World) Serving() {
	w.T.Helper()
	w.Eventually("the first indices serve", func() (bool, string) {
		s := w.State()
		for _, k := range catalog.Kinds() {
			if s.Serving(k) == nil {
				return false, fmt.Sprintf("no index of %s serves; the last error is %q", k.Plural(), s.LastError)
			}
		}
		return true, ""
	})
}

// Leads waits until a process is the leader by its own account in the shared state.
func (w *World) Leads(p *Process) {
	w.T.Helper()
	w.Eventually(p.Name+" leads", func() (bool, string) {
		select {
		case <-p.Ended:
			w.T.Fatalf("%s ended: %s\n%s", p.Name, p.Outcome(), p.stderr.tail(tailLines))
		default:
		}
		return Equals(w.State().PID, p.PID())
	})
}

// Tidy checks that no process has left an index behind that is not a generation, that
// nothing is being built, and that each alias points at the one index that serves.
func (w *World) Tidy() {
	w.T.Helper()
	w.Eventually("only generations are left", func() (bool, string) {
		s := w.State()
		want := []string{w.Client.State()}
		for _, g := range s.Live {
			want = append(want, g.Index)
			if g.Stage == indexer.StageBuilding {
				return false, g.Index + " is still being built"
			}
		}
		slices.Sort(want)
		var indices map[string]struct {
			Aliases map[string]any `json:"aliases"`
		}
		if err := w.Client.Do(w.T.Context(), "GET", "/"+w.Client.Prefix+"-*?filter_path=*.aliases", nil, &indices); err != nil {
			return false, err.Error()
		}
		have := slices.Sorted(maps.Keys(indices))
		have = slices.DeleteFunc(have, func(name string) bool { return name == w.Client.DeadLetters() })
		if !slices.Equal(have, want) {
			return false, fmt.Sprintf("there are indices %v and the generations are %v", have, want)
		}
		for _, k := range catalog.Kinds() {
			for name, index := range indices {
				_, served := index.Aliases[w.Client.Alias(k)]
				if serving := s.Serving(k); served != (serving != nil && serving.Index == name) {
					return false, fmt.Sprintf("the alias of %s and the state do not agree about %s", k.Plural(), name)
				}
			}
		}
		return true, ""
	})
	w.NoDeadLetters()
}

// NoDeadLetters checks that Elasticsearch refused nothing.
func (w *World) NoDeadLetters() {
	w.T.Helper()
	var letters json.RawMessage
	err := w.Client.Do(w.T.Context(), "GET", "/"+w.Client.DeadLetters()+"/_search?filter_path=hits.hits._source", nil, &letters)
	if status, ok := errors.AsType[*elastic.StatusError](err); ok && status.Status == 404 {
		return
	}
	if err != nil {
		w.T.Fatal(err)
	}
	if string(letters) != "{}" {
		w.T.Errorf("Elasticsearch refused documents: %s", letters)
	}
}
