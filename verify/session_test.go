package verify_test

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/testenv"
)

// session runs statements on one connection, which is then thrown away with its settings.
func (h *harness) session(t *testing.T, statements ...string) {
	t.Helper()
	conn, err := h.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }()
	for _, s := range statements {
		if _, err := conn.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%.200s: %v", s, err)
		}
	}
}

// has checks some fields of a document; "" means that there is no such field.
func (h *harness) has(t *testing.T, key catalog.Key, want map[string]string) {
	t.Helper()
	found, err := index.NewLister(h.client).Sample(t.Context(), h.client.Alias(key.Kind), []int64{key.ID})
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(found[key.ID].Source, &fields); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	for name, value := range want {
		var a, b any
		if value != "" {
			if err := json.Unmarshal([]byte(value), &a); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if raw, ok := fields[name]; ok {
			_ = json.Unmarshal(raw, &b) // Elasticsearch has taken it
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %s is %.300s and should be %.300s", key, name, fields[name], value)
		}
	}
}

// quiet waits until all that is committed is in the index, with what it fans out to, and
// returns the indexer's state.
func (h *harness) quiet(t *testing.T) (state indexer.State) {
	t.Helper()
	executed, err := h.v.Oracle.Executed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, patience, "quiet", func() (bool, string) {
		var lacks uint64
		if state, err = h.v.States.LoadState(t.Context()); err == nil {
			lacks, err = h.v.Oracle.Lacks(t.Context(), executed, state.Acked)
		}
		return err == nil && lacks == 0 && len(state.FanOut) == 0, fmt.Sprintf("%d transactions, %v, %v", lacks, state.FanOut, err)
	})
	return state
}
