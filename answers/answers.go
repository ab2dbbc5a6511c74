// Package answers keeps what searches, lists and suggestions were answered, so that what
// many ask is asked of the index once. An answer is kept until the index has changed: Watch
// asks the index itself for that several times in a refresh interval, and nobody gets an
// answer that is older than one such interval, whatever happens to the watch.
package answers

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/xunke/xunke/catalog"
)

// Searcher answers what is not kept. Errors are catalog.Error values.
type Searcher interface {
	Search(ctx context.Context, q catalog.Query) (catalog.Answer, error)
	Suggest(ctx context.Context, text string, limit int) ([]catalog.Suggestion, error)
	Ready(ctx context.Context) error
}

// Options are what a Keeper works with.
type Options struct {
	Bytes int64  // that the answers may take together; 0: none is kept
	Watch *Watch // of the index that is searched
	// Revision tells of everything else that answers depend on, such as synonyms: answers
	// that were made under another one are not used. It is asked with every question and
	// must be quick; nil: there is nothing else.
	Revision func() string
	// Price is what a query costs beyond an ordinary one; nil: nothing.
	Price func(catalog.Query) int
	Log   *slog.Logger
	Now   func() time.Time // nil: time.Now
}

// askWithin bounds the work on an answer that several wait for, once whoever asked first
// may have gone away.
const askWithin = 10 * time.Second

// Keeper is a Searcher that keeps answers. It is safe for concurrent use.
type Keeper struct {
	Searcher
	options Options
	cache   *cache
	flights flights
	figures *figures
}

// New puts a Keeper in front of a Searcher.
func New(searcher Searcher, o Options) *Keeper {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Revision == nil {
		o.Revision = func() string { return "" }
	}
	if o.Price == nil {
		o.Price = func(catalog.Query) int { return 0 }
	}
	k := &Keeper{Searcher: searcher, options: o, cache: newCache(o.Bytes), flights: flights{under: map[string]*flight{}}}
	k.figures = newFigures(k)
	return k
}

// Search answers a query, from what is kept where that is right. Errors are those of the
// Searcher. What it returns is shared: nobody may change what its pointers, maps and slices
// lead to.
func (k *Keeper) Search(ctx context.Context, q catalog.Query) (catalog.Answer, error) {
	if !k.keeps(q) {
		k.figures.passed.Inc()
		return k.Searcher.Search(ctx, q)
	}
	if kept := k.find(ctx, q); kept != nil {
		return kept.Answer, nil
	}
	k.figures.missed.Inc()
	q = normal(q)
	kept, err := k.fly(ctx, k.key(q), k.asks(q))
	if err != nil {
		return catalog.Answer{}, err
	}
	answer := kept.Answer
	answer.TookMS = kept.took // of those who waited for it
	return answer, nil
}

// Find is the answer to a query that is kept and right, nil where it has to be asked for.
func (k *Keeper) Find(ctx context.Context, q catalog.Query) *Kept {
	if !k.keeps(q) {
		return nil
	}
	return k.find(ctx, q)
}

func (k *Keeper) find(ctx context.Context, q catalog.Query) *Kept {
	q = normal(q)
	return k.recall(ctx, k.key(q), q.Kinds, k.asks(q))
}

// Peek is Find for who does not answer with it: it counts as no use of the answer.
func (k *Keeper) Peek(q catalog.Query) *Kept {
	if !k.keeps(q) {
		return nil
	}
	q = normal(q)
	now := k.options.Now()
	kept := k.cache.peek(k.key(q))
	if kept == nil || !k.options.Watch.look(kept, q.Kinds, now).usable {
		return nil
	}
	return kept
}

// Suggest completes what has been typed. Errors are those of the Searcher. The lines are
// shared: nobody may change them.
func (k *Keeper) Suggest(ctx context.Context, text string, limit int) ([]catalog.Suggestion, error) {
	kept, err := k.Suggestions(ctx, text, limit)
	if err != nil {
		return nil, err
	}
	return kept.Lines, nil
}

// Suggestions is Suggest for who wants what was made of the lines before as well.
func (k *Keeper) Suggestions(ctx context.Context, text string, limit int) (*Kept, error) {
	ask := func(ctx context.Context) (*Kept, error) {
		lines, err := k.Searcher.Suggest(ctx, text, limit)
		return &Kept{Lines: lines}, err
	}
	if k.options.Bytes == 0 {
		k.figures.passed.Inc()
		return ask(ctx)
	}
	key := k.suggestKey(text, limit)
	if kept := k.recall(ctx, key, catalog.Kinds(), ask); kept != nil {
		return kept, nil
	}
	k.figures.missed.Inc()
	return k.fly(ctx, key, ask)
}

// keeps says whether answers to a query are kept. A page that a cursor leads to is asked
// for once, by one visitor, and what explains itself is for admins.
func (k *Keeper) keeps(q catalog.Query) bool {
	return k.options.Bytes > 0 && q.Cursor == nil && !q.Explain
}

// ask makes an answer.
type ask func(ctx context.Context) (*Kept, error)

func (k *Keeper) asks(q catalog.Query) ask {
	return func(ctx context.Context) (*Kept, error) {
		answer, err := k.Searcher.Search(ctx, q)
		took := answer.TookMS
		answer.TookMS = 0
		return &Kept{Answer: answer, Price: k.options.Price(q), took: took}, err
	}
}

// recall is what is kept and right. What the index has outlived is used a last time while
// it may be, and made anew beside that.
func (k *Keeper) recall(ctx context.Context, key string, kinds []catalog.Kind, ask ask) *Kept {
	now := k.options.Now()
	kept := k.cache.get(key)
	if kept == nil {
		k.options.Watch.wake(now)
		return nil
	}
	found := k.options.Watch.look(kept, kinds, now)
	switch {
	case !found.usable:
		return nil
	case found.outdated:
		k.figures.stale.Inc()
		k.flights.renew(ctx, k, key, ask)
	default:
		k.figures.hit.Inc()
	}
	k.figures.age.Observe(now.Sub(kept.began).Seconds())
	return kept
}

// fly asks once for all who ask the same at the same time.
func (k *Keeper) fly(ctx context.Context, key string, ask ask) (*Kept, error) {
	f := k.flights.join(ctx, k, key, ask)
	select {
	case <-f.done:
		return f.kept, f.err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for an answer: %w", ctx.Err())
	}
}

// make asks for an answer and keeps it, unless it lacks something. A panic is an error like
// any other: it happens on nobody's request.
func (k *Keeper) make(ctx context.Context, key string, began time.Time, ask ask) (kept *Kept, err error) {
	defer func() {
		if r := recover(); r != nil {
			kept, err = nil, fmt.Errorf("panic: %v", r)
			k.options.Log.Error("making an answer panicked", "err", err, "stack", string(debug.Stack()))
		}
	}()
	ctx, passing := catalog.WithPassing(ctx)
	// What the index is known to have before it is asked: whatever it gets later outdates
	// the answer.
	counts := k.options.Watch.counts()
	kept, err = ask(ctx)
	if err != nil {
		return nil, err
	}
	kept.began, kept.counts = began, counts
	until, limited := passing.Until()
	if limited {
		kept.until = until
	}
	if !kept.Answer.Degraded && (!limited || k.options.Now().Before(until)) && !slices.ContainsFunc(kept.Answer.Notices, isPartial) {
		k.cache.put(key, kept)
	}
	return kept, nil
}

func isPartial(n catalog.Notice) bool {
	return n.Code == catalog.NoticePartial || n.Code == catalog.NoticeDegraded
}

// Register adds the figures to a registry.
func (k *Keeper) Register(r prometheus.Registerer) error {
	if err := k.figures.register(r); err != nil {
		return fmt.Errorf("register metrics of kept answers: %w", err)
	}
	return nil
}

// Run follows the index until ctx ends, and returns nil.
func (k *Keeper) Run(ctx context.Context) error {
	if k.options.Bytes == 0 {
		return nil
	}
	return k.options.Watch.run(ctx)
}
