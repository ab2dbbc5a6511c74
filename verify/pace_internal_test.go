package verify

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := pace{rows: 500, began: began}
		for range 10 {
			if err := p.wait(t.Context(), 500); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("5,000 rows took %s", took)
		}
		free := pace{began: time.Now()}
		if err := free.wait(t.Context(), 1_000_000); err != nil || time.Since(began) != 10*time.Second {
			t.Errorf("without a bound: %v after %s", err, time.Since(began))
		}
	})
}
