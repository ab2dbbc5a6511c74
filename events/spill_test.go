package events_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/xunke/xunke/events"
)

func newSpill(t *testing.T, dir string, limit int64) *events.Spill {
	t.Helper()
	s, err := events.NewSpill(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSpillKeepsOrderAndStopsWhereItMust(t *testing.T) {
	dir := t.TempDir()
	s := newSpill(t, dir, 1<<20)
	for i := range 5 {
		if err := s.Append(fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	stop := errors.New("stop")
	n, err := s.Replay(func(line []byte) error {
		if string(line) == "3" {
			return stop
		}
		got = append(got, string(line))
		return nil
	})
	if n != 3 || !errors.Is(err, stop) {
		t.Fatalf("replayed %d, %v", n, err)
	}
	// Another process appends, and a third one goes on with what was left.
	if err := newSpill(t, dir, 1<<20).Append([]byte("5")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, err = newSpill(t, dir, 1<<20).Replay(func(line []byte) error {
			got = append(got, string(line))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"0", "1", "2", "3", "4", "5"}; !slices.Equal(got, want) {
		t.Errorf("replayed %v, want %v", got, want)
	}
}

func TestSpillIsBounded(t *testing.T) {
	s := newSpill(t, t.TempDir(), 10)
	for _, line := range []string{"1234", "5678"} {
		if err := s.Append([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Append([]byte("9")); !errors.Is(err, events.ErrSpillFull) {
		t.Errorf("beyond the limit: %v", err)
	}
}

func TestSpillsOfSeveralProcessesShareAFolder(t *testing.T) {
	dir := t.TempDir()
	const processes, lines = 4, 100
	var mu sync.Mutex
	seen := map[string]int{}
	replay := func() error {
		_, err := newSpill(t, dir, 1<<20).Replay(func(line []byte) error {
			mu.Lock()
			defer mu.Unlock()
			seen[string(line)]++
			return nil
		})
		return err
	}
	var all sync.WaitGroup
	for p := range processes {
		s := newSpill(t, dir, 1<<20)
		all.Go(func() {
			for i := range lines {
				if err := s.Append(fmt.Appendf(nil, "%d-%d", p, i)); err != nil {
					t.Error(err)
				}
				if i%10 == 0 {
					if err := replay(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	for range 2 { // what was being read, and what was appended meanwhile
		if err := replay(); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != processes*lines {
		t.Errorf("%d lines of %d", len(seen), processes*lines)
	}
	for line, n := range seen {
		if n != 1 {
			t.Errorf("%s was replayed %d times", line, n)
		}
	}
}
