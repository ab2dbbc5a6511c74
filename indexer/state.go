// Package indexer keeps Elasticsearch equal to MySQL. The binlog only says what is
// dirty; a versioned read says what is true; every live generation of the indices gets
// what was read. docs/ARCHITECTURE.md walks a row through it.
package indexer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/indexer/vectors"
)

// epochShift leaves 2^44 transactions to an epoch and 2^19 epochs to a version.
const epochShift = 44

// Version is Elasticsearch's external version of a document read when executed
// transactions were executed on the source, in an epoch of its history.
func Version(epoch int64, executed uint64) int64 { return epoch<<epochShift + int64(executed) }

// State is what the indexer knows across restarts. It is saved in Elasticsearch, beside
// what it speaks of, and only after the acknowledgements that it claims.
type State struct {
	Epoch      int64    `json:"epoch"`           // raised whenever the source's history is not the one before
	ServerUUID string   `json:"server_uuid"`     // of the source
	Acked      string   `json:"acked"`           // GTID set whose changes are in every live generation
	Seen       string   `json:"seen"`            // the source's executed set when last looked at
	Last       *Mark    `json:"last"`            // the transaction acknowledged last
	Doubt      string   `json:"doubt,omitempty"` // why the next leadership must begin a new epoch
	DoubtOf    Reason   `json:"doubt_of,omitempty"`
	FanOut     []Task   `json:"fan_out"`    // the slower lane: what acked transactions still fan out to
	FannedOut  int64    `json:"fanned_out"` // how many of those came to their end
	Parents    Parents  `json:"parents"`    // of what courses of acked transactions are counted in
	Live       []Gen    `json:"live"`       // generations that get every change
	Next       int      `json:"next"`       // number of the next generation
	Reindex    *Reindex `json:"reindex"`    // the last reindex, running or not

	Reconciled *Reconciled `json:"reconciled"` // the last comparison with the rows; nil: none yet

	Recovery   *Recovery        `json:"recovery"`   // the last time that the indexer could not simply go on; nil: never
	Recoveries map[Reason]int64 `json:"recoveries"` // how often that was so

	TablesCreated map[string]int64 `json:"tables_created,omitempty"` // Unix seconds at which MySQL made each table; never changed, only replaced

	Scoring catalog.Scoring `json:"scoring"` // that documents are made with

	Freshness *Freshness `json:"freshness"` // how fresh searches are; nil: not measured yet, or never

	Vectors *vectors.Progress `json:"vectors"` // how far the vectors of courses are; nil: not known yet, or they get none

	OldestUnacked time.Time `json:"oldest_unacked,omitzero"` // commit time of the oldest transaction that waits

	Leader    string    `json:"leader"`     // host and pid of the indexer that wrote this
	PID       int       `json:"pid"`        // its pid
	LastError string    `json:"last_error"` // what went wrong last
	ErrorAt   time.Time `json:"error_at"`   // when
	SavedAt   time.Time `json:"saved_at"`
}

// Mark is one transaction and when the source committed it. Together they identify a
// history, which a GTID alone does not: RESET MASTER gives the same names again.
type Mark struct {
	UUID      string    `json:"uuid"`
	Number    int64     `json:"number"`
	Committed time.Time `json:"committed"`
}

// transaction is the transaction that a mark is of.
func (m *Mark) transaction() (binlog.GTID, error) {
	id, err := uuid.Parse(m.UUID)
	if err != nil {
		return binlog.GTID{}, fmt.Errorf("read last transaction of the state: %w", err)
	}
	return binlog.GTID{UUID: id, Number: m.Number, Committed: m.Committed}, nil
}

// MarkOf is the mark of a transaction.
func MarkOf(g binlog.GTID) *Mark {
	return &Mark{UUID: g.UUID.String(), Number: g.Number, Committed: g.Committed}
}

// Task is one fan-out with the cursor up to which its documents have been read again.
type Task struct {
	binlog.FanOut
	Begun   bool      `json:"begun,omitempty"` // something of it may have been read already
	BegunAt time.Time `json:"begun_at,omitzero"`
	Cursor  int64     `json:"cursor"`
	Done    int64     `json:"done"`           // documents read so far
	Total   int64     `json:"total"`          // documents of it when it began; 0: not known
	Page    int       `json:"page,omitempty"` // documents of its last page at most: fewer when Elasticsearch is busy
}

// Stage is where a generation is in its life.
type Stage string

// The stages. Building and retired generations get every change as the serving one does.
const (
	StageBuilding Stage = "building"
	StageServing  Stage = "serving"
	StageRetired  Stage = "retired"
)

// Gen is one generation: one index of one kind.
type Gen struct {
	Index     string       `json:"index"`
	Kind      catalog.Kind `json:"kind"`
	Mapping   int          `json:"mapping"` // mapping version
	Fields    []string     `json:"fields"`  // top-level fields of that mapping; documents are projected on them
	Stage     Stage        `json:"stage"`
	Cursor    int64        `json:"cursor"` // while building: the id up to which rows have been read
	Scanned   bool         `json:"scanned"`
	Created   time.Time    `json:"created"`
	RetiredAt time.Time    `json:"retired_at,omitzero"`
}

// Phase is what a reindex is doing.
type Phase string

// The phases of a reindex, in order; then done or failed.
const (
	PhaseScan    Phase = "scan"
	PhaseCatchUp Phase = "catch up"
	PhaseVerify  Phase = "verify"
	PhaseSwap    Phase = "swap"
	PhaseDone    Phase = "done"
	PhaseFailed  Phase = "failed"
)

// Reindex is the progress of a reindex as the command line shows it.
type Reindex struct {
	Request  int64          `json:"request"` // row of reindex_requests; 0: the indexer's own
	Kinds    []catalog.Kind `json:"kinds"`
	Phase    Phase          `json:"phase"`
	Done     int64          `json:"done"`  // documents written by the scan
	Total    int64          `json:"total"` // rows to read, as counted at the start
	Started  time.Time      `json:"started"`
	Finished time.Time      `json:"finished,omitzero"`
	Message  string         `json:"message,omitempty"`
}

func (r *Reindex) running() bool {
	return r != nil && r.Phase != PhaseDone && r.Phase != PhaseFailed
}

// Serving is the generation of a kind that searches ask, nil before the first.
func (s State) Serving(k catalog.Kind) *Gen {
	for i := range s.Live {
		if s.Live[i].Kind == k && s.Live[i].Stage == StageServing {
			return &s.Live[i]
		}
	}
	return nil
}

// Generation finds a live generation by its index, nil when there is none.
func (s State) Generation(index string) *Gen {
	for i := range s.Live {
		if s.Live[i].Index == index {
			return &s.Live[i]
		}
	}
	return nil
}

func (s State) clone() State {
	c := s
	c.FanOut = slices.Clone(s.FanOut)
	c.Live = slices.Clone(s.Live)
	if s.Last != nil {
		last := *s.Last
		c.Last = &last
	}
	if s.Reindex != nil {
		r := *s.Reindex
		c.Reindex = &r
	}
	return c
}

// maxTasks bounds the fan-out queue. Beyond it one sweep of everything is cheaper than
// the list, and covers it.
const maxTasks = 2000

// addTasks queues fan-outs. One that waits already is not queued twice; one that has
// begun is queued again, since what was read of it may lack the change.
func (s *State) addTasks(keys map[binlog.FanOut]struct{}) {
	waiting := make(map[binlog.FanOut]struct{}, len(s.FanOut))
	for _, t := range s.FanOut {
		if !t.Begun {
			waiting[t.FanOut] = struct{}{}
		}
	}
	added := make([]Task, 0, len(keys))
	for f := range keys {
		if _, ok := waiting[f]; !ok {
			added = append(added, Task{FanOut: f})
		}
	}
	if len(s.FanOut)+len(added) > maxTasks {
		added, s.FanOut = nil, nil
		for _, k := range catalog.Kinds() {
			added = append(added, Task{FanOut: binlog.FanOut{Relation: binlog.Every(k)}})
		}
	}
	slices.SortFunc(added, func(a, b Task) int {
		if a.Relation != b.Relation {
			return len(a.Relation) - len(b.Relation)
		}
		return int(a.ID - b.ID)
	})
	s.FanOut = append(s.FanOut, added...)
}

// StateStore keeps the state. Both methods answer catalog.CodeUnavailable when the
// store cannot be reached.
type StateStore interface {
	// LoadState returns the saved state, or the zero state when there is none.
	LoadState(ctx context.Context) (State, error)
	// SaveState replaces the state that this store loaded or saved last. ErrStateMoved
	// says that somebody else has saved since.
	SaveState(ctx context.Context, s State) error
}
