package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/xunke/xunke/internal/retry"
)

const (
	// jobTimeout bounds one attempt, and lease is longer: who has a job does it or has
	// given it up before another gets it.
	jobTimeout = 30 * time.Second
	lease      = 2 * time.Minute
	// atOnce is how many jobs a process does at a time: connections to a mail server.
	atOnce = 4
	// lookEvery is how often a process looks for jobs while there are none, and countEvery
	// how often it counts them for the metrics.
	lookEvery  = 500 * time.Millisecond
	countEvery = 10 * time.Second
	// maxAttempts with the pauses of backoff take some five hours: a mail server that is
	// away for a night's work loses nothing, and a letter from yesterday is of no use.
	maxAttempts = 14
)

var backoff = retry.Backoff{First: 5 * time.Second, Max: time.Hour}

// Worker does jobs until it is stopped. It is made by NewWorker.
type Worker struct {
	store    Store
	handlers map[string]Handler
	log      *slog.Logger
	pauses   retry.Backoff

	backlog atomic.Pointer[Backlog]
	done    atomic.Int64
	failed  atomic.Int64
	buried  atomic.Int64
}

// NewWorker makes a worker with a handler for each kind of job.
func NewWorker(store Store, handlers map[string]Handler, log *slog.Logger) *Worker {
	return &Worker{store: store, handlers: handlers, log: log, pauses: backoff}
}

// WithPauses sets the pauses between attempts, for tests.
func (w *Worker) WithPauses(b retry.Backoff) *Worker {
	w.pauses = b
	return w
}

// Run does jobs until ctx ends, and then finishes those that it has begun. It returns nil.
func (w *Worker) Run(ctx context.Context) error {
	counted := time.Time{}
	failures := 0
	for ctx.Err() == nil {
		if time.Since(counted) >= countEvery {
			if b, err := w.store.Backlog(ctx); err == nil {
				w.backlog.Store(&b)
			}
			counted = time.Now()
		}
		took, err := w.Work(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			if failures == 0 {
				w.log.Warn("jobs cannot be looked for", "err", err)
			}
			_ = backoff.Sleep(ctx, failures) // ends with ctx, as the loop does
			failures++
		case took == 0:
			failures = 0
			_ = retry.Sleep(ctx, lookEvery)
		default:
			failures = 0
		}
	}
	return nil
}

// Work does the jobs that are due, a few at most, and says how many it began.
func (w *Worker) Work(ctx context.Context) (int, error) {
	jobs, err := w.store.Take(ctx, atOnce, lease)
	if err != nil {
		return 0, err
	}
	var group sync.WaitGroup
	for _, j := range jobs {
		group.Go(func() { w.do(context.WithoutCancel(ctx), j) })
	}
	group.Wait()
	return len(jobs), nil
}

// do makes one attempt. What cannot be noted is found again when the lease has ended.
func (w *Worker) do(ctx context.Context, j Job) {
	err := w.attempt(ctx, j)
	noting, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	var note error
	switch {
	case err == nil:
		w.done.Add(1)
		note = w.store.Finish(noting, j)
	case IsPermanent(err) || j.Attempts >= maxAttempts:
		w.buried.Add(1)
		w.log.Error("a job is a dead letter", "job", j.ID, "kind", j.Kind, "attempt", j.Attempts, "err", reasonOf(err),
			"hint", "run: xunke jobs show "+fmt.Sprint(j.ID))
		note = w.store.Bury(noting, j, reasonOf(err))
	default:
		w.failed.Add(1)
		pause := w.pauses.Pause(j.Attempts - 1)
		w.log.Warn("a job failed", "job", j.ID, "kind", j.Kind, "attempt", j.Attempts, "err", reasonOf(err), "retry_in", pause)
		note = w.store.Retry(noting, j, pause, reasonOf(err))
	}
	if note != nil {
		w.log.Warn("what became of a job cannot be noted; it is done again", "job", j.ID, "kind", j.Kind, "err", note)
	}
}

func (w *Worker) attempt(ctx context.Context, j Job) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	handle, ok := w.handlers[j.Kind]
	if !ok {
		return fmt.Errorf("this program knows no job %q", j.Kind) // a newer one may
	}
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	return handle(ctx, j.Payload)
}

// Register adds the figures of jobs to a registry.
func (w *Worker) Register(r prometheus.Registerer) error {
	figures := []prometheus.Collector{
		outcomeCounter("done", &w.done), outcomeCounter("failed", &w.failed), outcomeCounter("dead", &w.buried),
		w.gauge("xunke_jobs_waiting", "Jobs such as mails that are to be done, up to ten seconds ago.", func(b Backlog) float64 { return float64(b.Waiting) }),
		w.gauge("xunke_jobs_dead", "Jobs that failed too often; xunke jobs list shows them.", func(b Backlog) float64 { return float64(b.Dead) }),
		w.gauge("xunke_jobs_overdue_seconds", "How long the oldest job that is due has been so.", func(b Backlog) float64 { return b.Overdue.Seconds() }),
	}
	for _, f := range figures {
		if err := r.Register(f); err != nil {
			return fmt.Errorf("register metrics of jobs: %w", err)
		}
	}
	return nil
}

func outcomeCounter(outcome string, n *atomic.Int64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "xunke_jobs_total", Help: "Attempts at jobs such as mails, by outcome.", ConstLabels: prometheus.Labels{"outcome": outcome},
	}, func() float64 { return float64(n.Load()) })
}

func (w *Worker) gauge(name, help string, of func(Backlog) float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		if b := w.backlog.Load(); b != nil {
			return of(*b)
		}
		return 0
	})
}
