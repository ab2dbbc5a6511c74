// Package breaker spares callers the wait for a server that does not answer: after some
// calls without an answer, calls fail at once, until a probe beside them has been answered.
package breaker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/singleflight"

	"github.com/xunke/xunke/catalog"
)

// ErrOpen is the cause of a CodeUnavailable that was not asked of the server at all.
var ErrOpen = errors.New("it did not answer lately")

const (
	failures     = 3           // in a row, and the breaker opens
	openFor      = time.Second // from one probe to the next
	probeTimeout = time.Second
	// patience is how long the caller with whom a probe begins waits for it: a server that is
	// back answers by then, and the call goes through.
	patience = 100 * time.Millisecond
	// suspectAfter is how long a call may take before a probe finds out whether the server
	// answers at all. If it does not within suspectProbe, the call ends and the breaker opens.
	suspectAfter = time.Second
	suspectProbe = 1500 * time.Millisecond
)

// errStandsStill is why a call ended before its time.
var errStandsStill = errors.New("neither the call nor a probe beside it was answered")

// Options say what a breaker stands in front of.
type Options struct {
	Server string // as errors and the log call it
	// Failed says whether an error means that the server does not answer. What it refuses
	// is an answer. Errors of callers who gave up are not asked about.
	Failed func(error) bool
	// Probe asks the server something cheap that it has to do its work for.
	Probe func(ctx context.Context) error
	// WarmUp, if any, gets a server that was away and has answered a probe ready for callers,
	// who are refused until it returns. ctx ends when the breaker is closed for good.
	WarmUp func(ctx context.Context)
	Log    *slog.Logger
}

// Breaker stands in front of one server. It is safe for concurrent use.
type Breaker struct {
	Options
	circuit *gobreaker.CircuitBreaker[struct{}]
	still   atomic.Bool // a call is ending because a probe beside it was not answered
	checks  singleflight.Group

	mu      sync.Mutex // of what follows
	probing bool
	end     context.CancelFunc // of the warm-up of the latest probe
	closed  bool
	probes  sync.WaitGroup
}

// New makes a breaker, closed: calls go through.
func New(o Options) *Breaker {
	b := &Breaker{Options: o}
	b.circuit = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name:        o.Server,
		MaxRequests: 1,
		Timeout:     openFor,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= failures || b.still.Load() },
		// What a caller gave up says nothing about the server.
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
		IsSuccessful: func(err error) bool { return err == nil || !errors.Is(err, errStandsStill) && !o.Failed(err) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch {
			case to == gobreaker.StateOpen && from == gobreaker.StateClosed:
				o.Log.Warn("server does not answer; going on without it", "server", o.Server)
			case to == gobreaker.StateClosed:
				o.Log.Info("server answers again", "server", o.Server)
			}
		},
	})
	return b
}

// Do makes a call, unless the server has not answered lately: then it returns a
// catalog.Error of CodeUnavailable with ErrOpen at once. Errors of the call come back as
// they are. Probes go on beside the callers.
func (b *Breaker) Do(ctx context.Context, call func(ctx context.Context) error) error {
	switch b.circuit.State() {
	case gobreaker.StateOpen:
		return b.refusal()
	case gobreaker.StateHalfOpen:
		if !b.probe(ctx) {
			return b.refusal()
		}
	}
	_, err := b.circuit.Execute(func() (struct{}, error) {
		err := b.watch(ctx, call)
		if err != nil && errors.Is(ctx.Err(), context.Canceled) {
			err = fmt.Errorf("%w (%w)", context.Canceled, err)
		}
		return struct{}{}, err
	})
	if errors.Is(err, errStandsStill) {
		b.still.Store(false) // the breaker has counted it
	}
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return b.refusal()
	}
	return err
}

// watch makes a call and ends it early when the server stands still: one that is slow with
// this call still answers a probe.
func (b *Breaker) watch(ctx context.Context, call func(ctx context.Context) error) error {
	watched, end := context.WithCancelCause(ctx)
	defer end(nil)
	timer := time.AfterFunc(suspectAfter, func() {
		if b.standsStill(ctx) {
			end(errStandsStill)
		}
	})
	defer timer.Stop()
	err := call(watched)
	if err != nil && errors.Is(context.Cause(watched), errStandsStill) {
		b.still.Store(true)
		return catalog.Unavailable(b.Server, errStandsStill) // err says only that the call was ended
	}
	return err
}

// standsStill asks the server a probe, one for all calls that are slow at a time, and says
// whether it was left without an answer.
func (b *Breaker) standsStill(ctx context.Context) bool {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return false
	}
	b.probes.Add(1)
	b.mu.Unlock()
	defer b.probes.Done()
	_, err, _ := b.checks.Do("", func() (any, error) {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), suspectProbe)
		defer cancel()
		return nil, b.Probe(limited)
	})
	return err != nil && b.Failed(err)
}

// Open says whether calls are refused.
func (b *Breaker) Open() bool { return b.circuit.State() != gobreaker.StateClosed }

func (b *Breaker) refusal() error { return catalog.Unavailable(b.Server, ErrOpen) }

// probe asks the server beside the callers, once at a time, and says whether it has
// answered by now.
func (b *Breaker) probe(ctx context.Context) bool {
	b.mu.Lock()
	if b.probing || b.closed {
		b.mu.Unlock()
		return false
	}
	b.probing = true
	unlimited, end := context.WithCancel(context.WithoutCancel(ctx))
	b.end = end
	answered := make(chan struct{})
	b.probes.Go(func() {
		defer close(answered)
		defer end()
		limited, cancel := context.WithTimeout(unlimited, probeTimeout)
		defer cancel()
		_, _ = b.circuit.Execute(func() (struct{}, error) {
			err := b.Probe(limited)
			if b.WarmUp != nil && (err == nil || !b.Failed(err)) {
				b.WarmUp(unlimited)
			}
			return struct{}{}, err
		})
		b.mu.Lock()
		b.probing = false
		b.mu.Unlock()
	})
	b.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-answered:
		return !b.Open()
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// Close ends a warm-up and waits for a probe that is under way. Calls that are made later
// begin none.
func (b *Breaker) Close() error {
	b.mu.Lock()
	b.closed = true
	if b.end != nil {
		b.end()
	}
	b.mu.Unlock()
	b.probes.Wait()
	return nil
}
