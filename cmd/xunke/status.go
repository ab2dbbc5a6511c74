package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/mappings"
)

// statusWithin bounds what one server may take to answer.
const statusWithin = 5 * time.Second

func newStatusCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show what serves, what is behind and what is wrong",
		Long:  "Show the servers, the processes, the indices, how far the indexer is and what went wrong last.\nExit status: 0, or 1 when searches or changes do not work.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.log = slog.New(slog.DiscardHandler) // what a client would say is shown
			s := a.status(cmd.Context())
			if a.json {
				if err := printJSON(s); err != nil {
					return err
				}
			} else {
				s.print()
			}
			if !s.Usable {
				return exitError(1)
			}
			return nil
		},
	}
}

// status is what --json prints.
type status struct {
	At          time.Time        `json:"at"`
	Usable      bool             `json:"usable"`   // searches are answered and changes can be made
	Problems    []string         `json:"problems"` // in sentences, each with what to do
	Servers     []serverStatus   `json:"servers"`
	Processes   []processStatus  `json:"processes"`
	Leader      leaderStatus     `json:"leader"`
	Lag         lagStatus        `json:"lag"`
	Kinds       []kindStatus     `json:"kinds"`
	FanOut      []indexer.Task   `json:"fan_out"` // documents that acknowledged changes still fan out to
	Reindex     *indexer.Reindex `json:"reindex"` // the running or the last one; null: never
	DeadLetters *int64           `json:"dead_letters"`

	OldestLetter *time.Time `json:"oldest_dead_letter"` // when it was refused; null: none, or unknown

	Reconciled *indexer.Reconciled `json:"reconciled"` // the last comparison of documents and rows; null: none yet

	Epoch      int64                    `json:"epoch"`      // of MySQL's history, as the indexer counts
	Recovery   *indexer.Recovery        `json:"recovery"`   // the last time that the indexer could not simply go on; null: never
	Recoveries map[indexer.Reason]int64 `json:"recoveries"` // how often that was so, by reason
	Writable   []string                 `json:"writable"`   // servers of MySQL that take writes, one that is used first

	Freshness *freshness `json:"freshness"` // how long changes take until searches find them; null: not measured

	LastError string    `json:"last_error"` // the indexer's
	ErrorAt   time.Time `json:"error_at,omitzero"`
	SavedAt   time.Time `json:"saved_at,omitzero"` // when the indexer last saved its state
}

// serverStatus is one server; Error says why it is not reachable.
type serverStatus struct {
	Name      string `json:"name"`
	Address   string `json:"address"` // of several, the one that is used
	Reachable bool   `json:"reachable"`
	Version   string `json:"version"`
	Error     string `json:"error"`
}

// leaderStatus is the indexer that leads, or that led last.
type leaderStatus struct {
	Host  string `json:"host"`
	PID   int    `json:"pid"`
	Leads *bool  `json:"leads"` // whether any indexer leads now; null: MySQL does not say
}

// lagStatus is how far the index is behind MySQL. There is one stream for all kinds.
type lagStatus struct {
	Transactions *uint64  `json:"transactions"`   // executed and not yet indexed; null: unknown
	OldestAge    *float64 `json:"oldest_seconds"` // since the oldest of them was committed; null: unknown
	AtMost       bool     `json:"at_most"`        // OldestAge is an upper bound: no indexer looks at them
}

// kindStatus is one kind's index.
type kindStatus struct {
	Kind         catalog.Kind `json:"kind"`
	Alias        string       `json:"alias"`
	Index        string       `json:"index"` // that the alias points at; empty: none
	Generations  []string     `json:"generations"`
	Mapping      int          `json:"mapping"` // version; 0: unknown
	Wants        int          `json:"wants"`   // version that the program has
	NeedsReindex bool         `json:"needs_reindex"`
	Documents    *int64       `json:"documents"` // that searches may find; null: unknown
	Lag          lagStatus    `json:"lag"`       // of the stream
	FanOut       int          `json:"fan_out"`   // fan-outs to documents of this kind that wait
}

func (s *status) problem(format string, args ...any) {
	s.Problems = append(s.Problems, fmt.Sprintf(format, args...))
}

// unusable is a problem without whose end searches or changes do not work.
func (s *status) unusable(format string, args ...any) {
	s.Usable = false
	s.problem(format, args...)
}

// status asks all servers at once and puts together what those say that answer.
func (a *app) status(ctx context.Context) status {
	s := status{At: time.Now().UTC(), Usable: true, Problems: []string{}, FanOut: []indexer.Task{}}
	ctx, cancel := context.WithTimeout(ctx, statusWithin)
	defer cancel()
	var wg sync.WaitGroup
	var index elasticStatus
	var db *sql.DB
	servers := make([]serverStatus, 3)
	wg.Go(func() { db, servers[0] = a.mysqlStatus(ctx) })
	wg.Go(func() { index, servers[1] = a.elasticStatus(ctx) })
	wg.Go(func() { servers[2] = a.redisStatus(ctx) })
	wg.Wait()
	s.Servers = servers
	s.Processes = processes(a.config.RunDir)
	if !servers[0].Reachable {
		s.unusable("MySQL does not answer, or takes no writes: nothing can be changed (xunke doctor)")
	}
	if !servers[1].Reachable {
		s.unusable("Elasticsearch does not answer: nothing is found (xunke doctor)")
	}
	if !servers[2].Reachable && servers[2].Address != "" {
		s.problem("Redis does not answer: rankings are read from Elasticsearch (xunke doctor)")
	}
	if servers[0].Reachable {
		s.writable(ctx, db, servers[0].Address)
	}
	if db != nil {
		defer func() { _ = db.Close() }() // nothing was written
		s.lag(ctx, db, a.config.Elasticsearch.Prefix, index)
	}
	if servers[1].Reachable {
		s.indices(index)
	}
	return s
}

func (a *app) mysqlStatus(ctx context.Context) (*sql.DB, serverStatus) {
	s := serverStatus{Name: "mysql", Address: mysqlAddress(a.config.MySQL.DSN)}
	if len(a.config.MySQL.Addresses) > 0 {
		s.Address = strings.Join(a.config.MySQL.Addresses, ", ")
	}
	db, err := a.mysql(ctx)
	if err == nil {
		err = db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&s.Version)
	}
	if err == nil && len(a.config.MySQL.Addresses) > 0 {
		s.Address, err = mysql.AddressOf(ctx, db)
	}
	return db, s.answered(err)
}

// writable says which servers take writes. It ought to be one.
func (s *status) writable(ctx context.Context, db *sql.DB, used string) {
	for _, member := range mysql.Members(ctx, db) {
		switch {
		case !member.Writable:
		case member.Address == used:
			s.Writable = append([]string{used}, s.Writable...)
		default:
			s.Writable = append(s.Writable, member.Address)
		}
	}
	switch {
	case len(s.Writable) == 0:
		s.unusable("MySQL is read-only: nothing can be changed (promote the server: SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF)")
	case len(s.Writable) > 1:
		s.problem("%d servers of MySQL take writes and only one can be the source, %s is used (on each other one run: SET PERSIST super_read_only = ON)",
			len(s.Writable), used)
	}
}

func (a *app) redisStatus(ctx context.Context) serverStatus {
	s := serverStatus{Name: "redis"}
	if len(a.config.Redis.Addresses) == 0 {
		s.Error = "not configured"
		return s
	}
	s.Address = a.config.Redis.Addresses[0]
	cache := redis.Open(a.config.Redis, a.log)
	defer func() { _ = cache.Close() }() // nothing was written
	var err error
	s.Version, err = cache.Version(ctx)
	return s.answered(err)
}

func (s serverStatus) answered(err error) serverStatus {
	if s.Reachable = err == nil; !s.Reachable {
		s.Error = err.Error()
	}
	return s
}

// elasticStatus is what Elasticsearch says.
type elasticStatus struct {
	state        indexer.State
	stateErr     error
	deadLetters  *int64
	oldestLetter *time.Time
	kinds        []kindStatus
	problems     []string
}

func (a *app) elasticStatus(ctx context.Context) (elasticStatus, serverStatus) {
	s := serverStatus{Name: "elasticsearch", Address: plainAddress(a.config.Elasticsearch.Addresses[0])}
	var e elasticStatus
	client, err := a.elasticsearch()
	if err == nil {
		s.Version, err = client.Version(ctx)
	}
	if err != nil {
		e.stateErr = err
		return e, s.answered(err)
	}
	e.state, e.stateErr = elastic.NewStateStore(client).LoadState(ctx)
	if n, oldest, err := client.CountDeadLetters(ctx); err == nil {
		e.deadLetters, e.oldestLetter = &n, oldest
	}
	for _, k := range catalog.Kinds() {
		e.kinds = append(e.kinds, e.kind(ctx, client, k))
	}
	return e, s.answered(nil)
}

func (e *elasticStatus) kind(ctx context.Context, client *elastic.Client, k catalog.Kind) kindStatus {
	s := kindStatus{Kind: k, Alias: client.Alias(k), Generations: []string{}}
	for _, g := range e.state.Live {
		if g.Kind == k {
			s.Generations = append(s.Generations, fmt.Sprintf("%s (%s)", g.Index, g.Stage))
		}
	}
	var err error
	if s.Wants, err = mappings.Version(k); err != nil {
		e.problems = append(e.problems, err.Error())
	}
	indices, err := client.AliasOf(ctx, k)
	switch {
	case err != nil:
		e.problems = append(e.problems, err.Error())
		return s
	case len(indices) == 0:
		return s
	case len(indices) > 1:
		e.problems = append(e.problems, fmt.Sprintf("the alias %s leads to %d indices (xunke doctor)", s.Alias, len(indices)))
	}
	s.Index = indices[0]
	if g := e.state.Generation(s.Index); g != nil {
		s.Mapping = g.Mapping
		s.NeedsReindex = g.Mapping != s.Wants
	}
	if n, err := client.Searchable(ctx, s.Index); err == nil {
		s.Documents = &n
	}
	for _, t := range e.state.FanOut {
		if t.Relation.Target() == k {
			s.FanOut++
		}
	}
	return s
}

// indices adds what Elasticsearch says.
func (s *status) indices(e elasticStatus) {
	s.Kinds, s.DeadLetters, s.OldestLetter = e.kinds, e.deadLetters, e.oldestLetter
	s.Problems = append(s.Problems, e.problems...)
	if e.stateErr != nil {
		s.unusable("the indexer's state cannot be read: %v", e.stateErr)
		return
	}
	state := e.state
	s.Leader.Host, s.Leader.PID = state.Leader, state.PID
	s.Reconciled = state.Reconciled
	s.Epoch, s.Recovery, s.Recoveries = state.Epoch, state.Recovery, state.Recoveries
	if r := s.Recovery; r.Running() {
		s.problem("everything is read again since %s ago, and the documents there are serve meanwhile: %s (%s)", ago(r.Began), r.Why, r.Hint)
	}
	s.addFreshness(state.Freshness)
	s.Reindex, s.LastError, s.ErrorAt, s.SavedAt = state.Reindex, state.LastError, state.ErrorAt, state.SavedAt
	if state.FanOut != nil {
		s.FanOut = state.FanOut
	}
	for i := range s.Kinds {
		k := &s.Kinds[i]
		k.Lag = s.Lag
		if k.Index == "" {
			s.unusable("there is no index of %s yet (run: xunke index)", k.Kind.Plural())
		}
		if k.NeedsReindex {
			s.problem("needs reindex: %s has mapping version %d and the program %d (run: xunke reindex --kind %s)", k.Index, k.Mapping, k.Wants, k.Kind)
		}
	}
	if s.Reconciled != nil {
		if sum := s.Reconciled.Sum(); sum.Found() > sum.Repaired {
			s.problem("%d documents are not as their rows (run: xunke verify --fix)", sum.Found()-sum.Repaired)
		}
	}
	if s.DeadLetters != nil && *s.DeadLetters > 0 {
		s.problem("Elasticsearch refused %d documents (run: xunke deadletters list)", *s.DeadLetters)
	}
}

// lag adds what MySQL says of the indexer.
func (s *status) lag(ctx context.Context, db *sql.DB, prefix string, e elasticStatus) {
	held, err := mysql.NewLease(db, prefix).Held(ctx)
	if err != nil {
		s.problem("MySQL does not say who leads: %v", err)
	} else if s.Leader.Leads = &held; !held {
		s.problem("no indexer leads: changes are not indexed (run: xunke index)")
	}
	if e.stateErr != nil || e.state.Epoch == 0 {
		return
	}
	oracle := mysql.NewOracle(db)
	executed, err := oracle.Executed(ctx)
	var n uint64
	if err == nil {
		n, err = oracle.Lacks(ctx, executed, e.state.Acked)
	}
	if err != nil {
		s.problem("the lag is unknown: %v", err)
		return
	}
	s.Lag.Transactions = &n
	since := func(t time.Time) *float64 {
		age := max(0, time.Since(t).Seconds())
		return &age
	}
	switch {
	case n == 0:
		s.Lag.OldestAge = new(float64)
	case !e.state.OldestUnacked.IsZero():
		s.Lag.OldestAge = since(e.state.OldestUnacked)
	case !held && err == nil:
		// They were committed since an indexer last looked.
		s.Lag.OldestAge, s.Lag.AtMost = since(e.state.SavedAt), true
	}
}
