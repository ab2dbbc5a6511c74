package indexer

import (
	"context"
	"time"

	"github.com/xunke/xunke/internal/retry"
	"github.com/xunke/xunke/mappings"
)

// embed makes and writes the vectors that courses of a page lack, and rests in between, so
// that the lane takes no more than its share of a processor. None waits longer than within to be written.
func (l *leader) embed(ctx context.Context, model string, page []Passage, within time.Duration) error {
	lane := l.apply.vectors
	var batch []Vector
	began := time.Now()
	save := func() error {
		if err := lane.store.Save(ctx, model, batch); err != nil {
			return err
		}
		lane.progress.Made += int64(len(batch))
		if took := time.Since(began).Seconds(); len(batch) > 0 && took > 0 {
			lane.progress.Rate = float64(len(batch)) / took
		}
		batch, began = nil, time.Now()
		if time.Since(lane.progress.At) >= vectorLook {
			l.tellVectors(ctx, lane.progress)
		}
		return nil
	}
	for _, p := range page {
		hash := mappings.PassageHash(p.Text)
		if p.Model == model && p.Hash == hash {
			continue
		}
		start := time.Now()
		numbers, err := lane.embedder.Embed(ctx, model, p.Text)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && lane.embedder.Model() != model {
			break // the next sweep is of that one
		}
		if err != nil {
			lane.progress.Failed++
			l.Log.Warn("a course gets no vector", "id", p.ID, "err", err)
			continue
		}
		batch = append(batch, Vector{ID: p.ID, Hash: hash, Numbers: numbers})
		if len(batch) >= vectorBatch || time.Since(began) >= within {
			if err := save(); err != nil {
				return err
			}
		}
		if rest := time.Duration(float64(time.Since(start)) * (1/lane.share - 1)); rest > 0 {
			if err := retry.Sleep(ctx, min(rest, time.Second)); err != nil {
				return err
			}
		}
	}
	return save()
}
