package answers

import "github.com/prometheus/client_golang/prometheus"

// figures tell how much the kept answers are worth.
type figures struct {
	hit, stale, missed, joined, passed prometheus.Counter
	age                                prometheus.Histogram
	all                                []prometheus.Collector
}

func newFigures(k *Keeper) *figures {
	outcomes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "xunke_answers_total",
		Help: "Searches, lists and suggestions by how they were answered: hit (kept), stale (kept, the index has changed a moment ago), miss (asked of the index), joined (of those, together with somebody else), passed (never kept).",
	}, []string{"outcome"})
	age := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "xunke_answers_age_seconds", Help: "Ages of kept answers when they were used.",
		Buckets: []float64{.1, .5, 1, 5, 30, 120, 600},
	})
	f := &figures{
		hit: outcomes.WithLabelValues("hit"), stale: outcomes.WithLabelValues("stale"), missed: outcomes.WithLabelValues("miss"),
		joined: outcomes.WithLabelValues("joined"), passed: outcomes.WithLabelValues("passed"), age: age,
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	f.all = []prometheus.Collector{
		outcomes, age,
		gauge("xunke_answers_kept", "Answers that are kept.", func() float64 { n, _, _ := k.cache.sums(); return float64(n) }),
		gauge("xunke_answers_bytes", "Memory that kept answers take.", func() float64 { _, bytes, _ := k.cache.sums(); return float64(bytes) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "xunke_answers_evicted_total", Help: "Answers that had to make room for others.",
		}, func() float64 { _, _, evicted := k.cache.sums(); return float64(evicted) }),
		gauge("xunke_answers_watch_age_seconds", "Time since the index last said whether it has changed; it is asked while visitors ask.",
			func() float64 { return k.options.Watch.age().Seconds() }),
	}
	return f
}

func (f *figures) register(r prometheus.Registerer) error {
	for _, c := range f.all {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	return nil
}
