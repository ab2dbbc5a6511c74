package verify

import (
	"context"
	"time"
)

// pace keeps a reader to a number of rows a second, on the average since its beginning.
type pace struct {
	rows  int // a second; 0: as fast as it goes
	began time.Time
	done  int64
}

// wait returns when as many rows more may have been read.
func (p *pace) wait(ctx context.Context, rows int) error {
	if p.rows <= 0 {
		return nil
	}
	p.done += int64(rows)
	timer := time.NewTimer(time.Until(p.began.Add(time.Duration(float64(p.done) / float64(p.rows) * float64(time.Second)))))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
