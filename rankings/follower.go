package rankings

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/xunke/xunke/catalog"
)

const (
	// settleMost is how many entries one write has: boards answer nobody while they are
	// written, so a write must be short.
	settleMost = 100
	tendEvery  = 30 * time.Second
	// The waits between attempts to reach boards that do not answer.
	retryFirst = time.Second
	retryLast  = time.Minute
)

// Follower keeps the boards equal to what the indexer settles. It never holds the indexer
// up: what cannot be written is missed, and whatever was missed is made good by a rebuild
// as soon as the boards answer again. A follower that starts does not know what was missed
// before it and rebuilds once.
type Follower struct {
	writer  Writer
	rebuild *Rebuild
	log     *slog.Logger
	now     func() time.Time
	wake    chan struct{}

	mu         sync.Mutex // also keeps the writes in their order
	token      string     // empty: not claimed
	superseded bool       // another follower has claimed the boards
	off        bool       // no boards are configured
	sequence   int64
	due        bool // a rebuild is
	missed     int  // entries since the last rebuild began
	rebuilds   int  // that were finished
}

// NewFollower returns a follower; Run starts it.
func NewFollower(w Writer, r *Rebuild, log *slog.Logger) *Follower {
	now := r.Now
	if now == nil {
		now = time.Now
	}
	return &Follower{writer: w, rebuild: r, log: log, now: now, wake: make(chan struct{}, 1), due: true}
}

// FollowerStatus is how a follower is doing.
type FollowerStatus struct {
	Due      bool `json:"rebuild_due"` // something was missed and has not been made good yet
	Missed   int  `json:"missed"`      // entries since the last rebuild began
	Rebuilds int  `json:"rebuilds"`    // finished since the start
}

// Status may be asked at any time.
func (f *Follower) Status() FollowerStatus {
	f.mu.Lock()
	defer f.mu.Unlock()
	return FollowerStatus{Due: f.due, Missed: f.missed, Rebuilds: f.rebuilds}
}

// Update writes what versioned reads found, in the order of the calls. It takes entries
// of every visible item that was read, with or without a history, and of every deleted
// one. Boards that do not answer are no error: Run makes good what was missed. The error
// is that of ctx.
func (f *Follower) Update(ctx context.Context, entries []Entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(entries) > 0 && ctx.Err() == nil && !f.off {
		some := entries[:min(len(entries), settleMost)]
		if f.token == "" {
			f.miss(len(entries), "the follower has not started")
			return nil
		}
		sequence, err := f.writer.Settle(ctx, f.token, some, f.now())
		if err != nil {
			f.handleError(len(entries), err)
			return ctx.Err()
		}
		if sequence != f.sequence+1 {
			f.miss(0, "the boards have lost writes")
		}
		f.sequence = sequence
		entries = entries[len(some):]
	}
	return ctx.Err()
}

// handleError notes what an error of the writer means.
func (f *Follower) handleError(entries int, err error) {
	switch {
	case errors.Is(err, ErrSuperseded):
		f.superseded = true
	case errors.Is(err, ErrLost):
		f.token = "" // to be claimed anew
	}
	f.miss(entries, err.Error())
}

// miss notes that the boards lack something. It logs the first time only.
func (f *Follower) miss(entries int, why string) {
	f.missed += entries
	if !f.due {
		f.due = true
		f.log.Warn("rankings have missed changes and will be rebuilt", "reason", why)
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run claims the boards, rebuilds them and then tends them, rebuilding again whenever
// something was missed. It ends with ctx, and then returns nil. Only the leading indexer
// runs it; one whose claim was taken by another stops writing and waits for ctx, and so
// does one for which no boards are configured.
func (f *Follower) Run(ctx context.Context) error {
	defer f.release()
	f.demand()
	wait := retryFirst
	for ctx.Err() == nil {
		rebuilt, err := f.round(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, catalog.ErrNotConfigured):
			<-ctx.Done()
			return nil
		case errors.Is(err, ErrSuperseded):
			f.release()
			f.log.Warn("another indexer keeps the rankings now")
			<-ctx.Done()
			return nil
		case err != nil:
			f.log.Warn("rankings are not up to date", "err", err, "retry_in", wait)
		case !rebuilt:
			wait = retryFirst
			f.sleep(ctx, tendEvery, f.wake)
			continue
		}
		// Neither failures nor boards that keep losing writes may turn this into a busy loop.
		f.sleep(ctx, wait, nil)
		wait = min(2*wait, retryLast)
	}
	return nil
}

// round brings the boards up to date once: a claim if there is none, a rebuild if one is
// due, a look at whether they still are what was written.
func (f *Follower) round(ctx context.Context) (rebuilt bool, err error) {
	if err := f.claim(ctx); err != nil {
		return false, err
	}
	if f.beginIfDue() {
		done, err := f.rebuild.Run(ctx)
		if err != nil {
			f.demand()
			return false, err
		}
		f.mu.Lock()
		f.rebuilds++
		f.mu.Unlock()
		f.log.Info("rankings rebuilt", "items", done.Items, "took", done.Took)
		rebuilt = true
	}
	return rebuilt, f.tend(ctx)
}

// tend looks without holding up Update: the number must lie between what was written
// before and what has been written since.
func (f *Follower) tend(ctx context.Context) error {
	f.mu.Lock()
	token, before := f.token, f.sequence
	f.mu.Unlock()
	got, err := f.writer.Tend(ctx, token, f.now())
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err != nil:
		f.handleError(0, err)
		return err
	case got < before || got > f.sequence:
		f.miss(0, "the boards have lost writes")
		f.sequence = got
	}
	return nil
}

func (f *Follower) claim(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.superseded:
		return ErrSuperseded
	case f.token != "":
		return nil
	}
	token := rand.Text()
	sequence, err := f.writer.Claim(ctx, token)
	if err != nil {
		f.off = errors.Is(err, catalog.ErrNotConfigured)
		return err
	}
	f.token, f.sequence = token, sequence
	return nil
}

func (f *Follower) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.token, f.superseded = "", false
}

// demand makes a rebuild due without a word in the log.
func (f *Follower) demand() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.due = true
}

// beginIfDue says whether a rebuild is due. What is missed from here on makes the next
// one due, because this one may have read past it already.
func (f *Follower) beginIfDue() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.due
	f.due, f.missed = false, 0
	return was
}

// sleep waits for a time, for ctx, or for a wake (nil: none).
func (f *Follower) sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
	}
}
