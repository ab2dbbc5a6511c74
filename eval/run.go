package eval

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/xunke/xunke/catalog"
)

// Searcher is a system that is measured. An error ends the measurement.
type Searcher interface {
	Keys(ctx context.Context, kinds []catalog.Kind, text string, limit int) (Results, error)
}

// Results is the keys of what a system shows, best first, in a list for each kind: its hits,
// and what it shows apart from them, which is no hit.
type Results struct {
	Hits map[catalog.Kind][]string
	Near map[catalog.Kind][]string
}

// searchDepth is how many hits of each kind are asked for: enough for recall after those
// of other catalogues are left out.
const searchDepth = 100

// Report is what was measured of one system. Classes are sorted by name.
type Report struct {
	System  string   `json:"system"`
	Classes []Class  `json:"classes"`
	All     Class    `json:"all"`
	Misses  []string `json:"misses"` // queries whose first three hits have nothing relevant, or that find what they must not
}

// Class is the figures of all queries of one class: the mean, and the interval in which
// the mean of other queries of the same kind would be, 95 times in 100.
type Class struct {
	Name        string  `json:"name"`
	Queries     int     `json:"queries"`
	MustBeEmpty int     `json:"must_be_empty"` // of them
	Mean        Figures `json:"mean"`
	Low         Figures `json:"low"`
	High        Figures `json:"high"`
}

// Run asks every query and measures what comes back. progress is told after each.
func Run(ctx context.Context, system string, s Searcher, judged []Judged, progress func(done int)) (Report, error) {
	r := Report{System: system, Misses: []string{}}
	classes := map[string][]Figures{}
	var all []Figures
	for i, j := range judged {
		found, err := s.Keys(ctx, j.Kinds(), j.Query, searchDepth)
		if err != nil {
			return Report{}, fmt.Errorf("ask %s for %q: %w", system, j.Query, err)
		}
		f := Measure(j, j.read(found))
		if f.False > 0 || len(j.Relevant) > 0 && f.Success3 == 0 {
			r.Misses = append(r.Misses, j.Class+": "+j.Query)
		}
		classes[j.Class] = append(classes[j.Class], f)
		all = append(all, f)
		progress(i + 1)
	}
	for name, figures := range classes {
		r.Classes = append(r.Classes, classOf(name, figures))
	}
	slices.SortFunc(r.Classes, func(a, b Class) int { return strings.Compare(a.Name, b.Name) })
	r.All = classOf("all", all)
	return r, nil
}

// resamples is how many times the queries of a class are drawn again for its interval.
const resamples = 1000

// classOf computes a class with percentile bootstrap intervals: B. Efron, "Bootstrap
// Methods: Another Look at the Jackknife", 1979. The draws are the same every time.
func classOf(name string, figures []Figures) Class {
	c := Class{Name: name, Queries: len(figures), Mean: Mean(figures)}
	for _, f := range figures {
		if f.mustBeEmpty {
			c.MustBeEmpty++
		}
	}
	if len(figures) == 0 {
		return c
	}
	random := rand.New(rand.NewPCG(uint64(len(figures)), resamples))
	drawn := make([]Figures, len(figures))
	means := make([]Figures, resamples)
	for i := range means {
		for n := range drawn {
			drawn[n] = figures[random.IntN(len(figures))]
		}
		means[i] = Mean(drawn)
	}
	low, high := c.Low.values(), c.High.values()
	column := make([]float64, resamples)
	for n := range low {
		for i := range means {
			column[i] = *means[i].values()[n]
		}
		slices.Sort(column)
		*low[n], *high[n] = column[resamples*25/1000], column[resamples*975/1000]
	}
	return c
}

// tolerance is how much a class may lose before it counts as worse: two points of a hundred.
const tolerance = 0.02

// Change is a class that a report has worse than an older one.
type Change struct {
	Class  string  `json:"class"`
	Figure string  `json:"figure"`
	Before float64 `json:"before"`
	Now    float64 `json:"now"`
}

// Worse lists the classes whose nDCG@10, success@3 or false-hit rate is more than two
// points worse than it was. A class that is gone is worse; a new one is not.
func Worse(before, now Report) []Change {
	var out []Change
	for _, old := range before.Classes {
		i := slices.IndexFunc(now.Classes, func(c Class) bool { return c.Name == old.Name })
		var mean Figures
		if i >= 0 {
			mean = now.Classes[i].Mean
		}
		for _, figure := range []struct {
			name          string
			before, now   float64
			worseIfHigher bool
		}{
			{"ndcg_10", old.Mean.NDCG, mean.NDCG, false},
			{"success_3", old.Mean.Success3, mean.Success3, false},
			{"false_hits", old.Mean.False, mean.False, true},
		} {
			lost := figure.before - figure.now
			if figure.worseIfHigher {
				lost = -lost
			}
			if lost > tolerance {
				out = append(out, Change{Class: old.Name, Figure: figure.name, Before: figure.before, Now: figure.now})
			}
		}
	}
	return out
}
