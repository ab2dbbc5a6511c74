package breaker

import "github.com/prometheus/client_golang/prometheus"

// Gauge is the figure that tells whether the breaker in front of a server is open: 1 while
// calls are refused and answers come from substitutes, else 0.
func Gauge(server string, open func() bool) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "xunke_breaker_open", ConstLabels: prometheus.Labels{"server": server},
		Help: "Whether a server does not answer and is not asked for now: 1 if so, else 0.",
	}, func() float64 {
		if open() {
			return 1
		}
		return 0
	})
}
