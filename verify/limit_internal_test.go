package verify

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestRowsPerSecond(t *testing.T) {
	for _, c := range []struct {
		name    string
		options Options
		want    time.Duration // for ten pages, of which the first is read at once
	}{
		{"pages of a second", Options{RowsPerSecond: 500}, 9 * time.Second},
		{"pages of a fifth of a second", Options{RowsPerSecond: 500, Batch: 100}, 9 * time.Second / 5},
		{"no limit", Options{}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := c.options.withDefaults()
			limit, began := o.rowLimit(), time.Now()
			for range 10 {
				if err := limit.WaitN(t.Context(), o.Batch); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(began).Round(time.Millisecond); took != c.want {
				t.Errorf("%s: ten pages took %s, want %s", c.name, took, c.want)
			}
		})
	}
}
