package vectors

import (
	"context"
	"time"

	"github.com/xunke/xunke/internal/retry"
	"github.com/xunke/xunke/mappings"
)

// embed makes and writes the vectors that courses of a page lack, and rests in between, so
// that the lane takes no more than its share of a processor. None waits longer than within to be written.
func (l *Lane) embed(ctx context.Context, model string, page []Passage, within time.Duration) error {
	var batch []Vector
	began := time.Now()
	save := func() error {
		if err := l.store.Save(ctx, model, batch); err != nil {
			return err
		}
		l.progress.Made += int64(len(batch))
		if took := time.Since(began).Seconds(); len(batch) > 0 && took > 0 {
			l.progress.Rate = float64(len(batch)) / took
		}
		batch, began = nil, time.Now()
		if time.Since(l.progress.At) >= lookEvery {
			l.tellProgress(ctx, l.progress)
		}
		return nil
	}
	for _, p := range page {
		hash := mappings.PassageHash(p.Text)
		if p.Model == model && p.Hash == hash {
			continue
		}
		start := time.Now()
		numbers, err := l.embedder.Embed(ctx, model, p.Text)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && l.embedder.Model() != model {
			break // the next sweep is of that one
		}
		if err != nil {
			l.progress.Failed++
			l.log.Warn("a course gets no vector", "id", p.ID, "err", err)
			continue
		}
		batch = append(batch, Vector{ID: p.ID, Hash: hash, Numbers: numbers})
		if len(batch) >= batchSize || time.Since(began) >= within {
			if err := save(); err != nil {
				return err
			}
		}
		if rest := time.Duration(float64(time.Since(start)) * (1/l.share - 1)); rest > 0 {
			if err := retry.Sleep(ctx, min(rest, time.Second)); err != nil {
				return err
			}
		}
	}
	return save()
}
