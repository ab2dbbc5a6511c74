package httpserver

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are the figures of the HTTP side. Routes are patterns, never paths, so that
// their number is bounded.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
	degraded *prometheus.CounterVec

	connections *connectionMetrics
}

// NewRegistry is a registry with the figures of the process and of the Go runtime.
func NewRegistry(version string) *prometheus.Registry {
	r := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "xunke_build_info", Help: "The running version; always 1.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	r.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "xunke_http_requests_total", Help: "Requests answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "xunke_http_request_seconds", Help: "Time from the whole request read to the answer made, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "xunke_http_requests_in_flight", Help: "Requests being answered now.",
		}),
		degraded: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "xunke_degraded_answers_total", Help: "Answers that came from a substitute or lack something, by route.",
		}, []string{"route"}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.inFlight, m.degraded} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	var err error
	m.connections, err = newConnectionMetrics(r)
	return m, err
}

func (m *metrics) observe(route, method string, status int, took time.Duration, degraded bool) {
	m.requests.WithLabelValues(route, knownMethod(method), strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
	if degraded {
		m.degraded.WithLabelValues(route).Inc()
	}
}

// knownMethod keeps invented methods out of the labels.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions:
		return m
	default:
		return "other"
	}
}

// methods are those that each path takes or refuses by 405 and Allow; any other is 501.
// QUERY is the safe method with a body that HTTP has got of late.
var methods = append(slices.Clone(fiber.DefaultMethods), "QUERY")

// isRouted says whether the router knows a method.
func isRouted(m string) bool { return slices.Contains(methods, m) }

// connectionMetrics are the figures of the connections.
type connectionMetrics struct {
	open     prometheus.Gauge
	refused  *prometheus.CounterVec
	shed     prometheus.Counter
	failures prometheus.Counter
}

func newConnectionMetrics(r prometheus.Registerer) (*connectionMetrics, error) {
	m := &connectionMetrics{
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "xunke_http_connections", Help: "Connections that are open now."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "xunke_http_connections_refused_total", Help: "Connections that were not taken: too many in all (full) or from one address (network).",
		}, []string{"reason"}),
		shed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "xunke_http_connections_shed_total", Help: "Idle connections that were closed to make room.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "xunke_http_accept_failures_total", Help: "Times that no connection could be accepted, mostly for want of file descriptors.",
		}),
	}
	m.refused.WithLabelValues("full")
	m.refused.WithLabelValues("network")
	for _, c := range []prometheus.Collector{m.open, m.refused, m.shed, m.failures} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
