package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/rankings"
	"github.com/xunke/xunke/searchapi"
	"github.com/xunke/xunke/searchlog"
)

// eventPath is the way of events from visitors to the daily counts.
type eventPath struct {
	events   *redis.Events
	searches *rankings.SearchLog
	consumer *rankings.Consumer
}

var _ searchapi.Events = (*eventPath)(nil)

// newEventPath puts the way together. Without a run_dir there is no file for what Redis
// does not take, and it is dropped.
func newEventPath(db *sql.DB, cache *redis.Client, runDir string, log *slog.Logger) (*eventPath, error) {
	var spill *redis.Spill
	if runDir != "" {
		var err error
		if spill, err = redis.NewSpill(filepath.Join(runDir, "events"), redis.SpillLimit); err != nil {
			return nil, err
		}
	}
	events := redis.NewEvents(cache, spill, nil, log)
	return &eventPath{
		events:   events,
		searches: rankings.NewSearchLog(events),
		consumer: &rankings.Consumer{Queue: redis.NewQueue(cache), Counter: store.NewEventCounter(db), Log: log},
	}, nil
}

// Record implements searchapi.Events.
func (p *eventPath) Record(ctx context.Context, e searchapi.Event) error {
	return p.events.Record(ctx, rankings.Event{
		Type: rankings.EventType(e.Type), Item: e.Item, Visitor: e.Visitor,
		SearchID: e.SearchID, Position: e.Position, At: e.At,
	})
}

// Searched implements searchapi.Events.
func (p *eventPath) Searched(visitor string, s searchlog.Search, at time.Time) {
	p.searches.Add(visitor, s, at)
}

// run carries events on until ctx ends.
func (p *eventPath) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.events.Run(ctx) })
	group.Go(func() error { return p.searches.Run(ctx) })
	group.Go(func() error { return p.consumer.Run(ctx) })
	return group.Wait()
}

// register adds the figures of the way to a registry.
func (p *eventPath) register(r prometheus.Registerer) error {
	sums := map[string]func() int64{
		"recorded": func() int64 { return p.events.Stats().Recorded },
		"repeated": func() int64 { return p.events.Stats().Repeated },
		"spilled":  func() int64 { return p.events.Stats().Spilled },
		"replayed": func() int64 { return p.events.Stats().Replayed },
		"lost":     func() int64 { return p.events.Stats().Dropped + p.searches.Dropped() },
		"counted":  func() int64 { return p.consumer.Stats().Added },
		"unknown":  func() int64 { return p.consumer.Stats().Dropped },
	}
	for outcome, sum := range sums {
		err := r.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "xunke_events_total", Help: "What became of visitors' events, by outcome.",
			ConstLabels: prometheus.Labels{"outcome": outcome},
		}, func() float64 { return float64(sum()) }))
		if err != nil {
			return fmt.Errorf("register metrics of events: %w", err)
		}
	}
	for _, t := range rankings.EventTypes() {
		err := r.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "xunke_events_taken_total", Help: "Visitors' events that came, by type.",
			ConstLabels: prometheus.Labels{"type": string(t)},
		}, func() float64 { return float64(p.events.Taken(t)) }))
		if err != nil {
			return fmt.Errorf("register metrics of events: %w", err)
		}
	}
	return nil
}
