package index_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/index"
)

// TestWriteRefusesWhatIsTooLarge has a server whose limits are a thousand times smaller
// than those that can be set on a real one.
func TestWriteRefusesWhatIsTooLarge(t *testing.T) {
	for name, refuse := range map[string]func(w http.ResponseWriter, size int){
		"content length": func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusRequestEntityTooLarge) },
		"indexing pressure": func(w http.ResponseWriter, size int) {
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprintf(w, `{"error":{"type":"es_rejected_execution_exception","reason":"rejected execution of coordinating operation [`+
				`coordinating_and_primary_bytes=0, replica_bytes=0, all_bytes=0, coordinating_operation_bytes=%d, max_coordinating_bytes=1000]"},"status":429}`, size)
		},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				w.Header().Set("X-Elastic-Product", "Elasticsearch")
				w.Header().Set("Content-Type", "application/json")
				requests++
				if len(body) > 1000 {
					refuse(w, len(body))
					return
				}
				fmt.Fprint(w, `{"items":[{"index":{"status":201}}]}`)
			}))
			defer server.Close()
			client, err := elastic.Open(elastic.Options{Addresses: []string{server.URL}, Prefix: "x"})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			small, large := []byte(fmt.Sprintf(`{"name":"%600d"}`, 1)), []byte(fmt.Sprintf(`{"name":"%2000d"}`, 1))
			outcomes, err := index.NewWriter(client).Write(t.Context(), "x-courses-v1-g1", []indexer.Document{
				{ID: 1, Body: small}, {ID: 2, Body: large}, {ID: 3, Body: small},
			})
			if err != nil || len(outcomes) != 3 || outcomes[0].Status != 201 || outcomes[1].Status != 413 || outcomes[1].Reason == "" || outcomes[2].Status != 201 {
				t.Errorf("%+v, %v", outcomes, err)
			}
			if requests != 5 {
				t.Errorf("%d requests", requests)
			}
		})
	}
}
