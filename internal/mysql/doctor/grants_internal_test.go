package doctor

import "testing"

// TestGrantsCover has the patterns in which MySQL writes down what a grant is for.
func TestGrantsCover(t *testing.T) {
	for _, c := range []struct {
		on, database string
		covers       bool
	}{
		{"*.*", "xunke", true},
		{"`xunke`.*", "xunke", true},
		{"`xunke`.*", "xunke2", false},
		{"`xunke`.`courses`", "xunke", false},
		{"`xun%`.*", "xunke", true},
		{"`a_b`.*", "axb", true},
		{"`a\\_b`.*", "axb", false},
		{"`a\\_b`.*", "a_b", true},
		{"`a.b`.*", "axb", false},
	} {
		if got := (grant{on: c.on}).covers(c.database); got != c.covers {
			t.Errorf("%s covers %s: %v", c.on, c.database, got)
		}
	}
}
