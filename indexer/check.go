package indexer

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/retry"
)

const (
	// checkSample is how many documents of a new generation are compared field by field.
	checkSample = 200
	// checkTries is how often the counts may differ while changes are in flight.
	checkTries = 20
	// checkPause is between two counts.
	checkPause = 100 * time.Millisecond
)

// check compares a new generation with MySQL before it serves: how many documents, and a
// sample of them field by field. A difference that stays is a catalog.Error.
func (l *leader) check(ctx context.Context, g Gen) error {
	if err := l.checkCount(ctx, g); err != nil {
		return err
	}
	return l.checkSample(ctx, g)
}

// checkCount counts on both sides. While rows come and go the counts may differ by those
// on their way, and no more: by as many keys as the drain got from the first count to the
// moment at which all that could be in the second one had come through.
func (l *leader) checkCount(ctx context.Context, g Gen) error {
	var rows, documents int64
	for range checkTries {
		drained := l.touched.Load()
		var err error
		if rows, err = l.Reader.Count(ctx, g.Kind); err != nil {
			return err
		}
		if err := l.catchUp(ctx); err != nil {
			return err
		}
		if documents, err = l.Lister.Count(ctx, g.Index); err != nil {
			return err
		}
		if documents == rows {
			return nil
		}
		if err := l.catchUp(ctx); err != nil {
			return err
		}
		if max(documents-rows, rows-documents) <= l.touched.Load()-drained {
			return nil
		}
		if err := retry.Sleep(ctx, checkPause); err != nil {
			return err
		}
	}
	return &catalog.Error{
		Code:    catalog.CodeInvalid,
		Message: fmt.Sprintf("the new index %s has %d documents and MySQL %d visible %s", g.Index, documents, rows, g.Kind.Plural()),
		Hint:    "the old index keeps serving; look for refused documents: xunke status",
	}
}

// checkSample compares documents evenly spread over the ids.
func (l *leader) checkSample(ctx context.Context, g Gen) error {
	keys, err := l.sample(ctx, g.Kind)
	if err != nil || len(keys) == 0 {
		return err
	}
	for range checkTries {
		// First what MySQL says, then, once all of that must have come through, what is
		// stored. A document of a later version than the read is one that has changed
		// since, and is not compared; one that still waits for a fan-out is not blamed.
		state, _ := l.look()
		documents, err := l.apply.read(ctx, state.Epoch, "", keys, nil)
		if err != nil {
			return err
		}
		if err := l.catchUp(ctx); err != nil {
			return err
		}
		state, _ = l.look() // before the documents: a fan-out may end meanwhile
		parents := l.waitingParents()
		stored, err := l.Lister.Sample(ctx, g.Index, idsOf(keys))
		if err != nil {
			return err
		}
		if keys, err = l.compare(g, documents, stored); err != nil {
			return err
		}
		keys = slices.DeleteFunc(keys, parents.Has)
		if keys, err = l.withoutQueued(ctx, state.FanOut, keys); err != nil || len(keys) == 0 {
			return err
		}
	}
	return &catalog.Error{
		Code:    catalog.CodeInvalid,
		Message: fmt.Sprintf("in the new index %s documents differ from MySQL, the first is %s", g.Index, keys[0]),
		Hint:    "the old index keeps serving; run: xunke verify --kind " + string(g.Kind),
	}
}

func (l *leader) waitingParents() Parents {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.parents.save()
}

// withoutQueued leaves out the keys, ascending and of one kind, that a queued fan-out is
// still going to read again.
func (l *leader) withoutQueued(ctx context.Context, queued []Task, keys []catalog.Key) ([]catalog.Key, error) {
	for _, task := range queued {
		if len(keys) == 0 || task.Relation.Target() != keys[0].Kind {
			continue
		}
		var left []catalog.Key
		next := int64(0) // the smallest document of the relation from the last key on
		for _, key := range keys {
			if key.ID > max(task.Cursor, next) {
				ids, err := l.Reader.Page(ctx, task.FanOut, key.ID-1, 1)
				if err != nil {
					return nil, err
				}
				if next = math.MaxInt64; len(ids) > 0 {
					next = ids[0]
				}
			}
			if key.ID <= task.Cursor || key.ID != next {
				left = append(left, key)
			}
		}
		keys = left
	}
	return keys, nil
}

func (l *leader) compare(g Gen, p page, stored map[int64]Stored) ([]catalog.Key, error) {
	var differs []catalog.Key
	for _, b := range p.built {
		body, err := project(b.body, l.apply.fields[g.Kind], g.Fields)
		if err != nil {
			return nil, err
		}
		have, ok := stored[b.key.ID]
		if !ok && b.entry.Deleted {
			continue
		}
		if !ok || (have.Version <= p.version && !sameJSON(body, have.Source)) {
			differs = append(differs, b.key)
		}
	}
	return differs, nil
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// sample picks rows at even distances of the id space.
func (l *leader) sample(ctx context.Context, k catalog.Kind) ([]catalog.Key, error) {
	every := binlog.FanOut{Relation: binlog.Every(k)}
	total, err := l.Reader.Count(ctx, k)
	if err != nil {
		return nil, err
	}
	var keys []catalog.Key
	step := max(total/checkSample, 1)
	for after := int64(0); len(keys) < checkSample; {
		ids, err := l.Reader.Page(ctx, every, after, 1)
		if err != nil || len(ids) == 0 {
			return keys, err
		}
		keys = append(keys, catalog.Key{Kind: k, ID: ids[0]})
		after = ids[0] + min(step-1, math.MaxInt64-ids[0])
	}
	return keys, nil
}

func idsOf(keys []catalog.Key) []int64 {
	ids := make([]int64, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	return ids
}
