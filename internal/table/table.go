// Package table prints rows of cells in straight columns on a terminal.
package table

import (
	"strings"

	"golang.org/x/text/width"
)

// Rows is rows of cells, the first row being the head. It prints in columns that are
// straight on a terminal, where a Hanzi takes two places. A column of figures is set to
// the right.
type Rows [][]string

// String is the table, each row on a line.
func (t Rows) String() string {
	var widths []int
	for _, row := range t {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], places(cell))
		}
	}
	figures := make([]bool, len(widths))
	for i := range figures {
		figures[i] = t.figures(i)
	}
	var b strings.Builder
	for _, row := range t {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			padding := strings.Repeat(" ", widths[i]-places(cell))
			if figures[i] {
				line.WriteString(padding + cell)
			} else {
				line.WriteString(cell + padding)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// figures says whether a column has figures below its head, and nothing else.
func (t Rows) figures(column int) bool {
	some := false
	for i, row := range t {
		if i == 0 || column >= len(row) || row[column] == "" {
			continue
		}
		cell := row[column]
		if strings.Trim(cell, "0123456789,.%") != "" || strings.Count(cell, ".") > 1 {
			return false
		}
		some = true
	}
	return some
}

// places is how many places of a terminal a text takes.
func places(text string) int {
	n := 0
	for _, r := range text {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
