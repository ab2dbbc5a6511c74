package indexer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/indexer/histories"
	"github.com/xunke/xunke/indexer/vectors"
	"github.com/xunke/xunke/internal/logging"
	"github.com/xunke/xunke/internal/retry"
	"github.com/xunke/xunke/mappings"
	"github.com/xunke/xunke/rankings"
)

// Follower is called with everything that was read and written, in the order of the versions
// of each item or with its version. It may not fail: what it misses it repairs itself.
type Follower interface {
	// Run runs in the background for as long as the leadership lasts.
	Run(ctx context.Context) error
	Update(ctx context.Context, entries []rankings.Entry) error
}

// writeBackoff is for what Elasticsearch puts off.
var writeBackoff = retry.Backoff{First: 100 * time.Millisecond, Max: 10 * time.Second}

// applier is the one way into the indices: a versioned read, written to generations,
// until every document is settled. The drain, the fan-out, the scan of a reindex and
// repairs all go through it.
type applier struct {
	reader    Reader
	writer    Writer
	follower  Follower // nil: none
	log       *slog.Logger
	batchSize int
	fields    map[catalog.Kind][]string // of the current mappings
	live      func(index string) bool   // whether a generation is still one
	source    func() string             // the server that rows are read from; nil: any
	vectors   *vectors.Lane             // nil: courses get none
	warnings  logging.KeyedLimiter      // about writes that were put off, by index
	scoring   catalog.Scoring
	histories *histories.Cache
	retries   atomic.Int64 // how often Elasticsearch has put writes off
}

func newApplier(d Deps, batchSize int, live func(string) bool) (*applier, error) {
	a := &applier{
		reader: d.Reader, writer: d.Writer, follower: d.Follower, log: d.Log,
		batchSize: batchSize, fields: map[catalog.Kind][]string{}, live: live, scoring: cmp.Or(d.Scoring, catalog.StandardScoring()),
		histories: histories.New(),
	}
	for _, k := range catalog.Kinds() {
		fields, err := mappings.Fields(k)
		if err != nil {
			return nil, err
		}
		a.fields[k] = fields
	}
	return a, nil
}

// pagesAhead is how many pages are in flight. Two bulk requests saturate Elasticsearch
// (measured on two cores); the third is being read meanwhile.
const pagesAhead = 3

// apply reads keys, once wait is executed, and writes what was read to the generations
// of their kinds. It returns when every document is settled in each of them: written,
// outdone by a newer one, or refused and kept as a dead letter. A key is in one page only, so
// that the order of pages does not matter.
func (a *applier) apply(ctx context.Context, epoch int64, wait string, keys []catalog.Key, live []Gen) error {
	return a.applyChanges(ctx, epoch, wait, keys, nil, live)
}

// applyChanges does so, and of the keys in changed reads the counts of no more days than it
// must. The caller is the lane of these.
func (a *applier) applyChanges(ctx context.Context, epoch int64, wait string, keys []catalog.Key, changed histories.Changes, live []Gen) error {
	if len(keys) <= a.batchSize {
		return a.applyPage(ctx, epoch, wait, keys, changed, live)
	}
	group, applying := errgroup.WithContext(ctx)
	group.SetLimit(pagesAhead)
	for page := range slices.Chunk(keys, a.batchSize) {
		group.Go(func() error { return a.applyPage(applying, epoch, wait, page, changed.Of(page), live) })
	}
	return group.Wait()
}

func (a *applier) applyPage(ctx context.Context, epoch int64, wait string, keys []catalog.Key, changed histories.Changes, live []Gen) error {
	documents, err := a.read(ctx, epoch, wait, keys, changed)
	if err != nil {
		return err
	}
	documents.cause = wait
	// The follower is told under ctx: writing ends with the group's Wait.
	group, writing := errgroup.WithContext(ctx)
	for _, g := range live {
		group.Go(func() error { return a.write(writing, g, documents) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	a.noteVectors(documents.built)
	if a.follower == nil {
		return nil
	}
	entries := make([]rankings.Entry, 0, len(documents.built))
	for _, b := range documents.built {
		if b.key != binlog.Sentinel() {
			entries = append(entries, b.entry)
		}
	}
	return a.follower.Update(ctx, entries)
}

// noteVectors tells of which model the vectors of courses are.
func (a *applier) noteVectors(documents []built) {
	if a.vectors == nil {
		return
	}
	models := map[int64]string{}
	for _, d := range documents {
		if d.vectored {
			models[d.key.ID] = d.vectorModel
		}
	}
	a.vectors.Note(models)
}

// page is a page of documents that one read made, all of one version.
type page struct {
	version int64
	cause   string // GTID set of what made them dirty; empty: a scan or a repair
	built   []built
}

func (a *applier) read(ctx context.Context, epoch int64, wait string, keys []catalog.Key, changed histories.Changes) (page, error) {
	reading := a.histories.Begin(changed)
	snapshot, err := a.reader.Read(ctx, wait, keys, reading.Days())
	if err != nil {
		return page{}, err
	}
	// While another server takes the place of the source a connection may lead to either.
	// The number of executed transactions is that of one history.
	if a.source != nil && a.source() != snapshot.ServerUUID {
		return page{}, fmt.Errorf("%w: the source is %s and rows came from %s", errHistoryMoved, a.source(), snapshot.ServerUUID)
	}
	if !reading.End(snapshot.Histories) {
		return a.read(ctx, epoch, wait, keys, nil)
	}
	p := page{version: Version(epoch, snapshot.Executed)}
	p.built, err = build(snapshot, keys, p.version, a.scoring)
	return p, err
}

// write writes the documents of a generation's kind until all are settled.
func (a *applier) write(ctx context.Context, g Gen, p page) error {
	pending := make([]Document, 0, len(p.built))
	for _, b := range p.built {
		if b.key.Kind != g.Kind {
			continue
		}
		body, err := project(b.body, a.fields[g.Kind], g.Fields)
		if err != nil {
			return err
		}
		pending = append(pending, Document{ID: b.key.ID, Version: p.version, Body: body})
	}
	for attempt := 0; len(pending) > 0; attempt++ {
		outcomes, err := a.writer.Write(ctx, g.Index, pending)
		if err == nil {
			if pending, err = a.settle(ctx, g, p.cause, pending, outcomes); err == nil {
				if len(pending) == 0 {
					return nil
				}
				err = fmt.Errorf("%d documents were put off: %s", len(pending), outcomes[slices.IndexFunc(outcomes, needsRetry)].Reason)
			}
		}
		if errors.Is(err, ErrIndexGone) && !a.live(g.Index) {
			return nil
		}
		if errors.Is(err, ErrIndexGone) || ctx.Err() != nil {
			return err
		}
		a.retries.Add(1)
		if suppressed, ok := a.warnings.Allow(g.Index); ok {
			a.log.Warn("Elasticsearch puts writes off, trying again", "index", g.Index, "attempt", attempt+1, "err", err, "not_logged", suppressed)
		}
		if err := writeBackoff.Sleep(ctx, attempt); err != nil {
			return err
		}
	}
	return nil
}

func needsRetry(o Outcome) bool { return !o.isSettled() && !o.isRefused() }

// settle returns the documents that have to be sent again.
func (a *applier) settle(ctx context.Context, g Gen, cause string, sent []Document, outcomes []Outcome) ([]Document, error) {
	var again []Document
	var letters []DeadLetter
	for i, o := range outcomes {
		switch {
		case o.isSettled():
		case o.isRefused():
			letters = append(letters, DeadLetter{
				Kind: g.Kind, ID: sent[i].ID, Index: g.Index, Reason: o.Reason, GTID: cause,
				At: time.Now().UTC().Format(time.RFC3339Nano),
			})
		default:
			again = append(again, sent[i])
		}
	}
	if len(letters) > 0 {
		a.log.Error("Elasticsearch refused documents; they are kept as dead letters",
			"index", g.Index, "documents", len(letters), "first", letters[0].ID, "reason", letters[0].Reason)
		if err := a.writer.SaveDeadLetters(ctx, letters); err != nil {
			return sent, err
		}
	}
	return again, nil
}
