package ops

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/xunke/xunke/indexer/vectors"
	"github.com/xunke/xunke/internal/progress"
)

// The figures of vectors, by which courses are found whose words are others.
var (
	vectorsMissing = prometheus.NewDesc("xunke_vectors_missing",
		"Visible courses that have no vector of the model in use yet.", []string{"model"}, nil)
	vectorsOldest = prometheus.NewDesc("xunke_vectors_oldest_seconds",
		"Since when a course waits for its vector, or all are looked at; 0 if none waits.", nil, nil)
	vectorsMade = prometheus.NewDesc("xunke_vectors_made_total",
		"Vectors that the indexer that leads has made.", nil, nil)
)

func collectVectors(v *vectors.Progress, out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(vectorsOldest, vectorLag(v).Seconds())
	out <- prometheus.MustNewConstMetric(vectorsMade, prometheus.CounterValue, float64(v.Made))
	if v.Model != "" {
		gauge(vectorsMissing, float64(v.Courses-v.Have), v.Model)
	}
}

// vectorLag is since when something waits.
func vectorLag(v *vectors.Progress) time.Duration {
	if v.Since.IsZero() {
		return 0
	}
	return max(0, time.Since(v.Since))
}

// vectorsLine tells how far the vectors of courses are; without any, what is missing.
func vectorsLine(v *vectors.Progress) string {
	switch {
	case v == nil:
		return "none yet"
	case v.Model == "":
		return "none: the indexer has no model, so searches go by words (xunke doctor)"
	}
	line := fmt.Sprintf("%s of %s courses, by %s", progress.Thousands(v.Have), progress.Thousands(v.Courses), v.Model)
	if lag := vectorLag(v); lag > 0 {
		line += fmt.Sprintf("; at it for %s", progress.Duration(lag))
		if v.Rate > 0 {
			line += fmt.Sprintf(", %.0f/s, about %s left", v.Rate, progress.Duration(time.Duration(float64(v.Courses-v.Have)/v.Rate*float64(time.Second))))
		}
	}
	if v.Failed > 0 {
		line += fmt.Sprintf("; %d texts gave none (log of the indexer)", v.Failed)
	}
	return line
}
