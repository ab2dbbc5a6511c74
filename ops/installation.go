package ops

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/mappings"
)

// statusWithin bounds what one server may take to answer.
const statusWithin = 5 * time.Second

// Installation says where the parts of an installation are and how they are reached. They
// are opened anew for each status, so that one made after a failover is of the new servers.
type Installation struct {
	MySQLAddress string // shown until the server itself has said one
	OpenMySQL    func(ctx context.Context) (MySQL, error)

	ElasticsearchAddress string
	OpenElasticsearch    func() (Elasticsearch, States, error)

	RedisAddress string // empty: none is configured
	OpenRedis    func() Redis

	RunDir string // where the pid files are; empty: there are none
}

// Status asks all servers at once and puts together what those say that answer.
func (i Installation) Status(ctx context.Context) Status {
	s := Status{At: time.Now().UTC(), Usable: true, Problems: []string{}, FanOut: []indexer.Task{}}
	ctx, cancel := context.WithTimeout(ctx, statusWithin)
	defer cancel()
	var wg sync.WaitGroup
	var index indexStatus
	var db MySQL
	servers := make([]ServerStatus, 3)
	wg.Go(func() { db, servers[0] = i.askMySQL(ctx) })
	wg.Go(func() { index, servers[1] = i.askElasticsearch(ctx) })
	wg.Go(func() { servers[2] = i.askRedis(ctx) })
	wg.Wait()
	s.Servers = servers
	s.Processes = Processes(i.RunDir)
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
		s.addWritable(db.Writable(ctx), servers[0].Address)
	}
	if db != nil {
		defer func() { _ = db.Close() }() // nothing was written
		s.addLag(ctx, db, index)
	}
	if servers[1].Reachable {
		s.addIndices(index)
	}
	return s
}

func (i Installation) askMySQL(ctx context.Context) (MySQL, ServerStatus) {
	s := ServerStatus{Name: "mysql", Address: i.MySQLAddress}
	db, err := i.OpenMySQL(ctx)
	if err != nil {
		return nil, s.answer(err)
	}
	var address string
	if s.Version, address, err = db.Server(ctx); address != "" {
		s.Address = address
	}
	return db, s.answer(err)
}

func (i Installation) askRedis(ctx context.Context) ServerStatus {
	s := ServerStatus{Name: "redis", Address: i.RedisAddress}
	if i.RedisAddress == "" {
		s.Error = "not configured"
		return s
	}
	cache := i.OpenRedis()
	defer func() { _ = cache.Close() }() // nothing was written
	var err error
	s.Version, err = cache.Version(ctx)
	return s.answer(err)
}

// indexStatus is what Elasticsearch says.
type indexStatus struct {
	state        indexer.State
	stateErr     error
	deadLetters  *int64
	oldestLetter *time.Time
	kinds        []KindStatus
	problems     []string
}

func (i Installation) askElasticsearch(ctx context.Context) (indexStatus, ServerStatus) {
	s := ServerStatus{Name: "elasticsearch", Address: i.ElasticsearchAddress}
	var index indexStatus
	client, states, err := i.OpenElasticsearch()
	if err == nil {
		s.Version, err = client.Version(ctx)
	}
	if err != nil {
		index.stateErr = err
		return index, s.answer(err)
	}
	index.state, index.stateErr = states.LoadState(ctx)
	if n, oldest, err := client.CountDeadLetters(ctx); err == nil {
		index.deadLetters, index.oldestLetter = &n, oldest
	}
	for _, k := range catalog.Kinds() {
		index.kinds = append(index.kinds, index.kind(ctx, client, k))
	}
	return index, s.answer(nil)
}

func (i *indexStatus) kind(ctx context.Context, client Elasticsearch, k catalog.Kind) KindStatus {
	s := KindStatus{Kind: k, Alias: client.Alias(k), Generations: []string{}}
	for _, g := range i.state.Live {
		if g.Kind == k {
			s.Generations = append(s.Generations, fmt.Sprintf("%s (%s)", g.Index, g.Stage))
		}
	}
	var err error
	if s.Wants, err = mappings.Version(k); err != nil {
		i.problems = append(i.problems, err.Error())
	}
	indices, err := client.AliasOf(ctx, k)
	switch {
	case err != nil:
		i.problems = append(i.problems, err.Error())
		return s
	case len(indices) == 0:
		return s
	case len(indices) > 1:
		i.problems = append(i.problems, fmt.Sprintf("the alias %s leads to %d indices (xunke doctor)", s.Alias, len(indices)))
	}
	s.Index = indices[0]
	if g := i.state.Generation(s.Index); g != nil {
		s.Mapping = g.Mapping
		s.NeedsReindex = g.Mapping != s.Wants
	}
	if n, err := client.Searchable(ctx, s.Index); err == nil {
		s.Documents = &n
	}
	for _, t := range i.state.FanOut {
		if t.Relation.Target() == k {
			s.FanOut++
		}
	}
	return s
}

// answer notes whether a server answered.
func (s ServerStatus) answer(err error) ServerStatus {
	if s.Reachable = err == nil; !s.Reachable {
		s.Error = err.Error()
	}
	return s
}

// addWritable adds which servers take writes. It ought to be one.
func (s *Status) addWritable(addresses []string, used string) {
	for _, address := range addresses {
		if address == used {
			s.Writable = slices.Insert(s.Writable, 0, used)
		} else {
			s.Writable = append(s.Writable, address)
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

// addIndices adds what Elasticsearch says.
func (s *Status) addIndices(index indexStatus) {
	s.Kinds, s.DeadLetters, s.OldestLetter = index.kinds, index.deadLetters, index.oldestLetter
	s.Problems = append(s.Problems, index.problems...)
	if index.stateErr != nil {
		s.unusable("the indexer's state cannot be read: %v", index.stateErr)
		return
	}
	state := index.state
	s.Leader.Host, s.Leader.PID = state.Leader, state.PID
	s.Reconciled, s.Vectors = state.Reconciled, state.Vectors
	s.Epoch, s.Recovery, s.Recoveries = state.Epoch, state.Recovery, state.Recoveries
	if r := s.Recovery; r.Running() {
		s.problem("everything is read again since %s ago, and the documents there are serve meanwhile: %s (%s)", ago(r.Began), r.Why, r.Hint)
	}
	s.addFreshness(state.Freshness)
	s.Reindex, s.LastError, s.ErrorAt, s.SavedAt = state.Reindex, state.LastError, state.ErrorAt, state.SavedAt
	if state.FanOut != nil {
		s.FanOut = state.FanOut
	}
	s.Parents = state.Parents.Len()
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
	if w := s.driftWarning(); w != nil {
		s.problem("%s (%s)", w.Message, w.Hint)
	}
	if s.DeadLetters != nil && *s.DeadLetters > 0 {
		s.problem("Elasticsearch refused %d documents (run: xunke deadletters list)", *s.DeadLetters)
	}
}

// addLag adds what MySQL says of the indexer.
func (s *Status) addLag(ctx context.Context, db MySQL, index indexStatus) {
	leads, err := db.Leads(ctx)
	if err != nil {
		s.problem("MySQL does not say who leads: %v", err)
	} else if s.Leader.Leads = &leads; !leads {
		s.problem("no indexer leads: changes are not indexed (run: xunke index)")
	}
	if index.stateErr != nil || index.state.Epoch == 0 {
		return
	}
	n, err := db.Unindexed(ctx, index.state.Acked)
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
	case !index.state.OldestUnacked.IsZero():
		s.Lag.OldestAge = since(index.state.OldestUnacked)
	case !leads:
		// They were committed since an indexer last looked.
		s.Lag.OldestAge, s.Lag.AtMost = since(index.state.SavedAt), true
	}
}
