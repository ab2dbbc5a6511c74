package indexer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/vectors"
	"github.com/xunke/xunke/internal/gtid"
	"github.com/xunke/xunke/internal/retry"
	"github.com/xunke/xunke/mappings"
)

// Deps is what an indexer works with.
type Deps struct {
	Reader   Reader
	Source   Source
	Lease    Lease
	Requests Requests
	Writer   Writer
	Indices  Indices
	Lister   Lister
	States   func() StateStore // a new one for each leadership
	Follower Follower          // nil: none
	Scoring  catalog.Scoring   // zero: the standard one
	Log      *slog.Logger

	VectorStore vectors.Store // nil: courses get no vectors
	Embedder    vectors.Embedder

	Sizer      Sizer      // nil: fan-outs do not tell how far they are
	Reconciler Reconciler // nil: none
	Sentinel   Sentinel   // nil: how fresh searches are is not measured
}

// Options are the settings of an indexer.
type Options struct {
	Stream    StreamOptions
	BatchSize int           // documents a bulk request
	Grace     time.Duration // how long a generation stays live after it was swapped out

	ReconcileEvery time.Duration // from one comparison with the rows to the next; 0: never

	VectorShare float64 // of one processor that vectors of courses may take

	SumsEvery time.Duration // the least time from one reading of an org's or a teacher's sums to the next

	SentinelEvery  time.Duration // from one sentinel to the next; 0: none is written
	SentinelWithin time.Duration // how long it is looked for
}

// saveEvery is how often what was acknowledged is written down. What was acknowledged
// and not yet written down is done again after a crash, which changes nothing.
const saveEvery = 200 * time.Millisecond

// checkEvery is how often the preconditions are looked at while running.
const checkEvery = time.Minute

// errRestart ends a leadership that is to begin again at once.
var errRestart = errors.New("start again with the new state")

// leader is one leadership: from the moment the lease is held until it is lost or
// something fails. It is the only writer of the state.
type leader struct {
	Deps
	options Options
	apply   *applier
	store   StateStore
	queue   *queue

	mu      sync.Mutex // guards what follows
	state   State
	acked   gtid.Set
	dirty   bool
	parents parentQueue
	changed chan struct{} // closed and replaced at every change of the state
	drained time.Time     // commit time of the oldest transaction of the batch in hand; zero: none is
	writing bool          // there is a batch in hand

	saving sync.Mutex // keeps saves in order

	statements statements // about tables that the stream has told of

	pace pace // of the slower lane, which alone uses it

	redefined chan struct{} // a table's definition has changed: the preconditions may have, too

	touched  atomic.Int64 // keys that the drain has got
	received atomic.Int64 // bytes that came from the source's binlog
	heard    atomic.Int64 // row events of the tables that came
}

// lead runs a leadership until ctx ends or something fails. It calls begun once the
// preconditions are fulfilled and the state is its own.
func lead(ctx context.Context, d Deps, o Options, begun func()) error {
	l := &leader{Deps: d, options: o, store: d.States(), queue: newQueue(), redefined: make(chan struct{}, 1), changed: make(chan struct{})}
	var err error
	if l.apply, err = newApplier(d, o.BatchSize, l.isLive); err != nil {
		return err
	}
	l.apply.source = l.source
	if d.VectorStore != nil {
		l.apply.vectors = vectors.NewLane(d.VectorStore, d.Embedder, o.VectorShare, d.Log)
	}
	if err := l.Source.Check(ctx, o.Stream.ServerID); err != nil {
		l.tellWhyNot(ctx, err)
		return err
	}
	if err := l.begin(ctx); err != nil {
		return err
	}
	if err := l.sign(ctx); err != nil {
		return err
	}
	begun()
	group, leading := errgroup.WithContext(ctx)
	group.Go(func() error { return l.runStream(leading) })
	group.Go(func() error { return l.runDrain(leading) })
	group.Go(func() error { return l.runSingles(leading) })
	group.Go(func() error { return l.runFanOut(leading) })
	group.Go(func() error { return l.runParents(leading) })
	group.Go(func() error { return l.runRequests(leading) })
	group.Go(func() error { return l.runSaver(leading) })
	group.Go(func() error { return l.runChecks(leading) })
	group.Go(func() error { return l.runWatch(leading) })
	group.Go(func() error { return l.runTables(leading) })
	group.Go(func() error { return l.runHearing(leading) })
	group.Go(func() error { return l.runReconcile(leading) })
	group.Go(func() error { return l.runSentinel(leading) })
	if lane := l.apply.vectors; lane != nil {
		told, _ := l.look()
		group.Go(func() error {
			return lane.Run(leading, told.Vectors, func(p vectors.Progress) { l.update(func(s *State) { s.Vectors = &p }) })
		})
	}
	if l.Follower != nil {
		group.Go(func() error { return l.Follower.Run(leading) })
	}
	err = group.Wait()
	l.farewell(context.WithoutCancel(ctx), err)
	return err
}

// tellWhyNot says in the saved state that a leadership cannot begin, and why: whoever led
// before may have ended in order, and told nothing.
func (l *leader) tellWhyNot(ctx context.Context, cause error) {
	state, err := l.store.LoadState(ctx)
	if err != nil || state.Epoch == 0 || state.LastError == cause.Error() || ctx.Err() != nil {
		return
	}
	l.state, l.drained, l.parents = state, state.OldestUnacked, newParentQueue(state.Parents, l.options.SumsEvery)
	l.farewell(ctx, cause)
}

// begin loads the state, compares its history with the source's and cleans up what a
// crash has left.
func (l *leader) begin(ctx context.Context) error {
	state, err := l.store.LoadState(ctx)
	if err != nil {
		return err
	}
	position, err := l.Source.Position(ctx)
	if err != nil {
		return err
	}
	l.state = state
	if state.Epoch == 0 {
		l.Log.Info("no usable checkpoint: taking a snapshot", "position", position.Executed)
		l.state.Epoch, l.state.ServerUUID, l.state.Acked, l.state.Seen = 1, position.ServerUUID, position.Executed, position.Executed
	} else if b, err := compareHistory(state, position); err != nil {
		return err
	} else if b != nil {
		l.newEpoch(position, *b)
	}
	l.scoreAnew()
	l.parents = newParentQueue(l.state.Parents, l.options.SumsEvery)
	if l.acked, err = gtid.Parse(l.state.Acked); err != nil {
		return err
	}
	if err := l.cleanUp(ctx); err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("name this host: %w", err)
	}
	l.state.Leader, l.state.PID = host, os.Getpid()
	if err := l.save(ctx); err != nil {
		return err
	}
	l.Log.Info("leading", "epoch", l.state.Epoch, "acked", l.state.Acked, "generations", len(l.state.Live))
	for _, g := range l.state.Live {
		if version, err := mappings.Version(g.Kind); err == nil && g.Stage == StageServing && g.Mapping != version {
			l.Log.Warn("needs reindex: the mapping has changed", "kind", g.Kind, "index", g.Index,
				"has", g.Mapping, "wants", version, "hint", "run: xunke reindex --kind "+string(g.Kind))
		}
	}
	return nil
}

// cleanUp forgets generations whose index is gone and deletes indices that belong to no
// generation and serve nobody: a crash between two steps leaves such.
func (l *leader) cleanUp(ctx context.Context) error {
	existing, err := l.Indices.List(ctx)
	if err != nil {
		return err
	}
	serving, err := l.Indices.Serving(ctx)
	if err != nil {
		return err
	}
	if len(serving) > 0 && len(l.state.Live) == 0 && l.state.Recovery == nil {
		l.recover(ReasonCheckpoint, "the indexer's state is gone from Elasticsearch and indices serve")
	}
	l.state.Live = slices.DeleteFunc(l.state.Live, func(g Gen) bool {
		gone := !slices.Contains(existing, g.Index)
		if gone && g.Stage == StageServing {
			l.recover(ReasonIndex, "the index "+g.Index+" is gone")
		} else if gone {
			l.Log.Warn("the index of a generation is gone", "index", g.Index, "stage", g.Stage)
		}
		return gone
	})
	// A crash between the swap of the aliases and the save of the state leaves them apart.
	// The state decides: the request that was under way is taken up again and swaps again.
	astray := map[catalog.Kind]string{}
	for _, k := range catalog.Kinds() {
		if g := l.state.Serving(k); g != nil && serving[k] != g.Index {
			astray[k], serving[k] = g.Index, g.Index
		}
	}
	if len(astray) > 0 {
		l.Log.Warn("pointing aliases back at the generations that serve", "to", astray)
		if err := l.Indices.Swap(ctx, astray); err != nil {
			return err
		}
	}
	for _, index := range existing {
		l.state.Next = max(l.state.Next, generationOf(index))
		if l.state.Generation(index) != nil {
			continue
		}
		orphan := true
		for _, s := range serving {
			orphan = orphan && s != index
		}
		if orphan {
			l.Log.Info("deleting an index that a crash has left", "index", index)
			if err := l.Indices.Delete(ctx, index); err != nil {
				return err
			}
		}
	}
	return nil
}

func generationOf(index string) int {
	var n int
	if at := strings.LastIndex(index, "-g"); at >= 0 {
		_, _ = fmt.Sscanf(index[at:], "-g%d", &n)
	}
	return n
}

// update changes the state, marks it to be saved and tells those who wait for a change.
func (l *leader) update(change func(*State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.state)
	l.endRecovery()
	l.dirty = true
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *leader) isLive(index string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.Generation(index) != nil
}

// source is the server_uuid of the server whose history is followed.
func (l *leader) source() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.ServerUUID
}

// look returns a copy of the state and a channel that is closed at its next change.
func (l *leader) look() (State, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.clone(), l.changed
}

// saveGrace is how long a save may still take when the leadership ends.
const saveGrace = 5 * time.Second

// save writes the state down. One that is under way when ctx ends goes on for a while: of a
// save that is broken off nobody knows whether it was done, and whatever the farewell says
// would then be taken for that of a leader who lost the state to another.
func (l *leader) save(ctx context.Context) error {
	saving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(saveGrace, cancel) })()
	l.saving.Lock()
	defer l.saving.Unlock()
	l.mu.Lock()
	l.state.SavedAt = time.Now().UTC()
	l.state.OldestUnacked = l.drained
	if l.drained.IsZero() {
		l.state.OldestUnacked = l.queue.oldest()
	}
	l.state.Parents = l.parents.save()
	state := l.state.clone()
	l.dirty = false
	l.mu.Unlock()
	return l.store.SaveState(saving, state)
}

func (l *leader) runSaver(ctx context.Context) error {
	return retry.Every(ctx, saveEvery, func(ctx context.Context) error {
		if !l.worthSaving() {
			return nil
		}
		return l.save(ctx)
	})
}

// worthSaving says whether something was acknowledged since the last save. While something
// waits, once a second will do, too: status tells from the saved state how far behind it is.
func (l *leader) worthSaving() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	waits := !l.drained.IsZero() || !l.queue.oldest().IsZero()
	return l.dirty || waits && time.Since(l.state.SavedAt) >= time.Second
}

// runChecks looks at the preconditions and at the source's position now and then, and at
// once when a table that documents are made of was altered: a key that cascades may be what
// was added. It also lets go of retired generations whose grace is over.
func (l *leader) runChecks(ctx context.Context) error {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		if err := l.letGo(ctx); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-l.redefined:
			// What is on the binlog may take a moment until everybody sees it.
			state, _ := l.look()
			if _, err := l.Reader.Read(ctx, state.Acked, nil, nil); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := l.Source.Check(ctx, l.options.Stream.ServerID); err != nil {
			return err
		}
		position, err := l.Source.Position(ctx)
		if err != nil {
			return err
		}
		l.update(func(s *State) { s.Seen = position.Executed })
	}
}

// farewell saves what was acknowledged last, so that a stop in order repeats nothing,
// and why the leadership ended.
func (l *leader) farewell(ctx context.Context, cause error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if cause != nil && !errors.Is(cause, context.Canceled) && !errors.Is(cause, errRestart) {
		l.update(func(s *State) { s.LastError, s.ErrorAt = cause.Error(), time.Now().UTC() })
	}
	if err := l.save(ctx); err != nil && !errors.Is(err, ErrStateMoved) {
		l.Log.Warn("could not save the last position; the transactions since the one before are repeated", "err", err)
	}
}
