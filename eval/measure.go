package eval

import (
	"math"
	"slices"
)

// Depths at which the figures look.
const (
	gainDepth   = 10 // nDCG@10
	recallDepth = 50 // recall@50
)

// Figures are what is measured of one query, or the means over several: False over those
// that must find nothing, everything else over those that have something relevant.
type Figures struct {
	NDCG     float64 `json:"ndcg_10"`      // graded gain of the first ten over that of the best order
	MRR      float64 `json:"mrr"`          // 1 / rank of the first good item
	Recall   float64 `json:"recall_50"`    // share of the relevant items among the first fifty
	Success1 float64 `json:"success_1"`    // something good is first
	Success3 float64 `json:"success_3"`    // something good is among the first three
	Zero     float64 `json:"zero_results"` // nothing was shown
	False    float64 `json:"false_hits"`   // something was found where nothing should be

	mustBeEmpty bool // of one query
}

// Measure compares a result list with the judgements.
func Measure(j Judged, found []Item) Figures {
	f := Figures{mustBeEmpty: len(j.Relevant) == 0}
	if len(found) == 0 {
		f.Zero = 1
	}
	if f.mustBeEmpty {
		f.False, f.Zero = 1-f.Zero, 0
		return f
	}
	grades := make(map[Item]int, len(j.Relevant))
	ideal := make([]int, 0, len(j.Relevant))
	for _, r := range j.Relevant {
		grades[Item{Type: r.Type, Key: r.Key}] = r.Grade
		ideal = append(ideal, r.Grade)
	}
	slices.SortFunc(ideal, func(a, b int) int { return b - a })
	best := 0.0
	for i, g := range ideal[:min(gainDepth, len(ideal))] {
		best += gain(g, i)
	}
	relevant := 0
	for i, item := range found[:min(recallDepth, len(found))] {
		g := grades[item]
		if g == 0 {
			continue
		}
		relevant++
		if g >= j.good() && f.MRR == 0 {
			f.MRR = 1 / float64(i+1)
			if i == 0 {
				f.Success1 = 1
			}
			if i < 3 {
				f.Success3 = 1
			}
		}
		if i < gainDepth {
			f.NDCG += gain(g, i) / best
		}
	}
	f.Recall = float64(relevant) / float64(len(grades))
	return f
}

// gain is what an item of a grade is worth at a rank that counts from 0: Burges et al.,
// "Learning to Rank using Gradient Descent", ICML 2005.
func gain(grade, rank int) float64 {
	return (math.Exp2(float64(grade)) - 1) / math.Log2(float64(rank)+2)
}

// values are the figures in a fixed order, for sums and intervals.
func (f *Figures) values() [7]*float64 {
	return [7]*float64{&f.NDCG, &f.MRR, &f.Recall, &f.Success1, &f.Success3, &f.Zero, &f.False}
}

// Mean is the mean of each figure over the queries that it is about; over none it is zero.
func Mean(all []Figures) Figures {
	var sum Figures
	to := sum.values()
	empty := 0
	for i := range all {
		if all[i].mustBeEmpty {
			empty++
		}
		for n, v := range all[i].values() {
			*to[n] += *v
		}
	}
	for _, v := range to {
		over := len(all) - empty
		if v == &sum.False {
			over = empty
		}
		if over > 0 {
			*v /= float64(over)
		}
	}
	return sum
}
