package events

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Register adds the figures of the way to a registry.
func (p *Path) Register(r prometheus.Registerer) error {
	sums := map[string]func() int64{
		"recorded": func() int64 { return p.recorder.Stats().Recorded },
		"repeated": func() int64 { return p.recorder.Stats().Repeated },
		"capped":   func() int64 { return p.recorder.Stats().Capped },
		"spilled":  func() int64 { return p.recorder.Stats().Spilled },
		"replayed": func() int64 { return p.recorder.Stats().Replayed },
		"lost":     func() int64 { return p.recorder.Stats().Dropped + p.searches.DroppedCount() },
		"counted":  func() int64 { return p.consumer.Stats().Added },
		"unknown":  func() int64 { return p.consumer.Stats().Dropped + p.recorder.Stats().Unknown },
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
	for _, t := range Types() {
		err := r.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "xunke_events_taken_total", Help: "Visitors' events that came, by type.",
			ConstLabels: prometheus.Labels{"type": string(t)},
		}, func() float64 { return float64(p.recorder.AcceptedCount(t)) }))
		if err != nil {
			return fmt.Errorf("register metrics of events: %w", err)
		}
	}
	return nil
}
