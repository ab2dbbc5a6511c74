package accounts_test

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
)

// BenchmarkLogIns measures the part of log-ins that costs something, two at once: how many a
// second there are, and what becomes of ten times as many for five seconds.
func BenchmarkLogIns(b *testing.B) {
	h := accounts.NewHasher(accounts.StandardParams(), 2)
	kept, err := h.Hash(b.Context(), password)
	if err != nil {
		b.Fatal(err)
	}
	const span = 5 * time.Second
	for b.Loop() {
		rate := measureLogIns(b, h, kept, span, 0)
		measureLogIns(b, h, kept, span, 10*rate)
	}
}

// measureLogIns verifies passwords for a while, so many begun a second or, with 0, as soon as
// another has ended, and returns how many a second were served.
func measureLogIns(b *testing.B, h *accounts.Hasher, kept string, span time.Duration, offered float64) float64 {
	var mu sync.Mutex
	var group sync.WaitGroup
	var took []time.Duration
	refused, memory := 0, uint64(0)
	one := func() {
		began := time.Now()
		right, _, err := h.Verify(b.Context(), kept, password)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil && right:
			took = append(took, time.Since(began))
		case catalog.CodeOf(err) == catalog.CodeUnavailable:
			refused++
		default:
			b.Error(right, err)
		}
	}
	began := time.Now()
	if offered == 0 {
		for range 2 {
			group.Go(func() {
				for time.Since(began) < span {
					one()
				}
			})
		}
	} else {
		tick := time.NewTicker(time.Duration(float64(time.Second) / offered))
		defer tick.Stop()
		for time.Since(began) < span {
			<-tick.C
			group.Go(one)
			var m runtime.MemStats
			if runtime.ReadMemStats(&m); m.HeapInuse > memory {
				memory = m.HeapInuse
			}
		}
	}
	group.Wait()
	all := time.Since(began)
	slices.Sort(took)
	rate := float64(len(took)) / all.Seconds()
	b.Logf("offered %.0f/s (0: one after the other): %.1f/s served in %v, median %v, p95 %v; %d refused; heap at most %d MB",
		offered, rate, all.Round(time.Millisecond), took[len(took)/2].Round(time.Millisecond), took[len(took)*95/100].Round(time.Millisecond), refused, memory>>20)
	return rate
}
