package main

import (
	"fmt"
	"slices"

	"github.com/xunke/xunke/eval"
	"github.com/xunke/xunke/internal/table"
)

// evalTables are all figures of one system, or the main ones of several beside each other.
func evalTables(reports []eval.Report) string {
	switch len(reports) {
	case 0:
		return ""
	case 1:
		return reports[0].System + "\n" + evalTable(reports[0]).String() + "\n"
	default:
		return comparison(reports).String() + "\n"
	}
}

func evalTable(r eval.Report) table.Rows {
	t := table.Rows{{"class", "queries", "success@3", "95 %", "success@1", "nDCG@10", "MRR", "recall@50", "zero", "false"}}
	for _, c := range append(slices.Clone(r.Classes), r.All) {
		n := c.Queries - c.MustBeEmpty
		t = append(t, []string{
			c.Name, fmt.Sprint(c.Queries), figure(c.Mean.Success3, n), interval(c),
			figure(c.Mean.Success1, n), figure(c.Mean.NDCG, n), figure(c.Mean.MRR, n), figure(c.Mean.Recall, n),
			figure(c.Mean.Zero, n), figure(c.Mean.False, c.MustBeEmpty),
		})
	}
	return t
}

// comparison has three columns for each system: success@3 with its interval, and nDCG@10;
// of what must be empty, how often it is not.
func comparison(reports []eval.Report) table.Rows {
	head := []string{"class", "queries"}
	for _, r := range reports {
		head = append(head, r.System+" @3", "95 %", "nDCG@10", "false")
	}
	t := table.Rows{head}
	for i, c := range append(slices.Clone(reports[0].Classes), reports[0].All) {
		row := []string{c.Name, fmt.Sprint(c.Queries)}
		for _, r := range reports {
			c := append(slices.Clone(r.Classes), r.All)[i] // all have the classes of the same queries
			n := c.Queries - c.MustBeEmpty
			row = append(row, figure(c.Mean.Success3, n), interval(c), figure(c.Mean.NDCG, n), figure(c.Mean.False, c.MustBeEmpty))
		}
		t = append(t, row)
	}
	return t
}

// figure is empty where it is about no query.
func figure(v float64, of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", v)
}

func interval(c eval.Class) string {
	if n := c.Queries - c.MustBeEmpty; n > 0 {
		return figure(c.Low.Success3, n) + "–" + figure(c.High.Success3, n)
	}
	return ""
}
