// Package ops has what an operator reads of an installation: its status, the warnings and
// the figures made of it, its processes, what doctor finds, dead letters.
package ops

import (
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/vectors"
)

// Status is what serves, what is behind and what is wrong with an installation.
type Status struct {
	At          time.Time        `json:"at"`
	Usable      bool             `json:"usable"`   // searches are answered and changes can be made
	Problems    []string         `json:"problems"` // in sentences, each with what to do
	Servers     []ServerStatus   `json:"servers"`
	Processes   []ProcessStatus  `json:"processes"`
	Leader      LeaderStatus     `json:"leader"`
	Lag         LagStatus        `json:"lag"`
	Kinds       []KindStatus     `json:"kinds"`
	FanOut      []indexer.Task   `json:"fan_out"` // documents that acknowledged changes still fan out to
	Parents     int              `json:"parents"` // orgs and teachers whose sums over acknowledged changes of courses are still to be read
	Reindex     *indexer.Reindex `json:"reindex"` // the running or the last one; null: never
	DeadLetters *int64           `json:"dead_letters"`

	OldestLetter *time.Time `json:"oldest_dead_letter"` // when it was refused; null: none, or unknown

	Reconciled *indexer.Reconciled `json:"reconciled"` // the last comparison of documents and rows; null: none yet

	Epoch      int64                    `json:"epoch"`      // of MySQL's history, as the indexer counts
	Recovery   *indexer.Recovery        `json:"recovery"`   // the last time that the indexer could not simply go on; null: never
	Recoveries map[indexer.Reason]int64 `json:"recoveries"` // how often that was so, by reason
	Writable   []string                 `json:"writable"`   // servers of MySQL that take writes, one that is used first

	Freshness *Freshness `json:"freshness"` // how long changes take until searches find them; null: not measured

	Vectors *vectors.Progress `json:"vectors"`           // how far those of courses are; null: not known yet
	Meaning string            `json:"meaning,omitempty"` // why searches go by words on this machine, or mostly do; empty: nothing is known against it

	LastError string    `json:"last_error"` // the indexer's
	ErrorAt   time.Time `json:"error_at,omitzero"`
	SavedAt   time.Time `json:"saved_at,omitzero"` // when the indexer last saved its state
}

// ServerStatus is one server; Error says why it is not reachable.
type ServerStatus struct {
	Name      string `json:"name"`
	Address   string `json:"address"` // of several, the one that is used
	Reachable bool   `json:"reachable"`
	Version   string `json:"version"`
	Error     string `json:"error"`
}

// LeaderStatus is the indexer that leads, or that led last.
type LeaderStatus struct {
	Host  string `json:"host"`
	PID   int    `json:"pid"`
	Leads *bool  `json:"leads"` // whether any indexer leads now; null: MySQL does not say
}

// LagStatus is how far the index is behind MySQL. There is one stream for all kinds.
type LagStatus struct {
	Transactions *uint64  `json:"transactions"`   // executed and not yet indexed; null: unknown
	OldestAge    *float64 `json:"oldest_seconds"` // since the oldest of them was committed; null: unknown
	AtMost       bool     `json:"at_most"`        // OldestAge is an upper bound: no indexer looks at them
}

// KindStatus is one kind's index.
type KindStatus struct {
	Kind         catalog.Kind `json:"kind"`
	Alias        string       `json:"alias"`
	Index        string       `json:"index"` // that the alias points at; empty: none
	Generations  []string     `json:"generations"`
	Mapping      int          `json:"mapping"` // version; 0: unknown
	Wants        int          `json:"wants"`   // version that the program has
	NeedsReindex bool         `json:"needs_reindex"`
	Documents    *int64       `json:"documents"` // that searches may find; null: unknown
	Lag          LagStatus    `json:"lag"`       // of the stream
	FanOut       int          `json:"fan_out"`   // fan-outs to documents of this kind that wait
}

func (s *Status) problem(format string, args ...any) {
	s.Problems = append(s.Problems, fmt.Sprintf(format, args...))
}

// unusable is a problem without whose end searches or changes do not work.
func (s *Status) unusable(format string, args ...any) {
	s.Usable = false
	s.problem(format, args...)
}
