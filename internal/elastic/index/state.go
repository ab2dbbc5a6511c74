package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
)

const stateID = "indexer"

type indexedSource struct {
	Source json.RawMessage `json:"_source"`
}

// StateStore keeps the indexer's state in one document, replaced only when nobody else
// has replaced it since it was loaded (if_seq_no and if_primary_term).
type StateStore struct {
	c       *elastic.Client
	mu      sync.Mutex
	seqNo   int64
	primary int64
}

var _ indexer.StateStore = (*StateStore)(nil)

// NewStateStore makes a store. Each leadership needs its own.
func NewStateStore(c *elastic.Client) *StateStore { return &StateStore{c: c} }

// LoadState implements indexer.StateStore.
func (s *StateStore) LoadState(ctx context.Context) (indexer.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var state indexer.State
	var answer struct {
		SeqNo   int64 `json:"_seq_no"`
		Primary int64 `json:"_primary_term"`
		Found   bool  `json:"found"`
		indexedSource
	}
	err := s.c.Do(ctx, "GET", "/"+s.c.State()+"/_doc/"+stateID, nil, &answer)
	if elastic.IsStatus(err, 404) {
		s.seqNo, s.primary = -1, 0
		return state, nil
	}
	if err != nil {
		return state, fmt.Errorf("load the indexer's state: %w", err)
	}
	var wrapped struct {
		State json.RawMessage `json:"state"`
	}
	if err := json.Unmarshal(answer.Source, &wrapped); err != nil {
		return state, fmt.Errorf("decode the indexer's state: %w", err)
	}
	if err := json.Unmarshal(wrapped.State, &state); err != nil {
		return state, fmt.Errorf("decode the indexer's state: %w", err)
	}
	s.seqNo, s.primary = answer.SeqNo, answer.Primary
	return state, nil
}

// SaveState implements indexer.StateStore.
func (s *StateStore) SaveState(ctx context.Context, state indexer.State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := "/" + s.c.State() + "/_doc/" + stateID
	if s.seqNo < 0 {
		if err := ensureIndex(ctx, s.c, s.c.State(), map[string]any{"state": map[string]any{"type": "object", "enabled": false}}); err != nil {
			return fmt.Errorf("create the index of the state: %w", err)
		}
		path += "?op_type=create"
	} else {
		path += fmt.Sprintf("?if_seq_no=%d&if_primary_term=%d", s.seqNo, s.primary)
	}
	var answer struct {
		SeqNo   int64 `json:"_seq_no"`
		Primary int64 `json:"_primary_term"`
	}
	err := s.c.Do(ctx, "PUT", path, map[string]any{"state": state}, &answer)
	if elastic.IsStatus(err, 409) {
		return indexer.ErrStateMoved
	}
	if err != nil {
		return fmt.Errorf("save the indexer's state: %w", err)
	}
	s.seqNo, s.primary = answer.SeqNo, answer.Primary
	return nil
}

// ensureIndex makes a small strict index of the indexer's own unless it is there.
func ensureIndex(ctx context.Context, c *elastic.Client, name string, properties map[string]any) error {
	err := c.Do(ctx, "HEAD", "/"+name, nil, nil)
	if err == nil || !elastic.IsStatus(err, 404) {
		return err
	}
	err = c.Do(ctx, "PUT", "/"+name, map[string]any{
		"settings": map[string]any{"number_of_shards": 1, "auto_expand_replicas": "0-1"},
		"mappings": map[string]any{"dynamic": "strict", "properties": properties},
	}, nil)
	if status, ok := errors.AsType[*elastic.StatusError](err); ok && status.Type == "resource_already_exists_exception" {
		return nil
	}
	return err
}
