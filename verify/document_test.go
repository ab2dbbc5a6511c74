package verify_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/index"
)

// document reads what serves for a key.
func (h *harness) document(t *testing.T, key catalog.Key) map[string]json.RawMessage {
	t.Helper()
	found, err := index.NewLister(h.Client).Sample(t.Context(), h.Client.Alias(key.Kind), []int64{key.ID})
	if err != nil {
		t.Fatal(err)
	}
	document, ok := found[key.ID]
	if !ok {
		t.Fatalf("%s: there is no document", key)
	}
	return objectOf(t, document.Source)
}

// has checks some fields of a document; "" means that there is no such field.
func (h *harness) has(t *testing.T, key catalog.Key, want map[string]string) {
	t.Helper()
	fields := h.document(t, key)
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
