package redis_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/redistest"
)

// TestLimitIsOneForAllProcesses also sees that nobody can be told from what is kept.
func TestLimitIsOneForAllProcesses(t *testing.T) {
	s := redistest.New(t)
	secret := []byte("a secret of the tests")
	one := redis.NewLimit(s.Client, "asking", 3, time.Hour, secret, nil)
	other := redis.NewLimit(s.Client, "asking", 3, time.Hour, secret, nil)
	const who = "192.0.2.7"
	for i, l := range []*redis.Limit{one, other, one} {
		if wait := l.Take(t.Context(), who); wait != 0 {
			t.Fatalf("time %d: wait %v", i+1, wait)
		}
	}
	if wait := one.Wait(t.Context(), who); wait <= 19*time.Minute || wait > 20*time.Minute {
		t.Errorf("asked only, it is %v", wait)
	}
	for range 2 { // what is refused does not count
		if wait := other.Take(t.Context(), who); wait <= 19*time.Minute || wait > 20*time.Minute {
			t.Errorf("the fourth has to wait %v", wait)
		}
	}
	for range 4 { // asking is no taking
		if wait := other.Wait(t.Context(), "192.0.2.8"); wait != 0 {
			t.Errorf("asked only, somebody else has to wait %v", wait)
		}
	}
	if wait := other.Take(t.Context(), "192.0.2.8"); wait != 0 {
		t.Errorf("somebody else has to wait %v", wait)
	}
	paid := redis.NewLimit(s.Client, "paying", 10, time.Minute, secret, nil)
	if wait := paid.TakeMany(t.Context(), who, 0); wait != 0 {
		t.Errorf("what costs nothing has to wait %v", wait)
	}
	for i, want := range []bool{false, true} { // 7 of 10, then 7 more
		if wait := paid.TakeMany(t.Context(), who, 7); (wait > 0) != want {
			t.Errorf("time %d: wait %v", i+1, wait)
		}
	}
	if wait := paid.TakeMany(t.Context(), "192.0.2.9", 1000); wait != 0 {
		t.Errorf("what costs more than there is at once has to wait %v", wait)
	}
	if wait := redis.NewLimit(s.Client, "reading", 3, time.Hour, secret, nil).Take(t.Context(), who); wait != 0 {
		t.Errorf("something else has to wait %v", wait)
	}
	if wait := redis.NewLimit(s.Client, "asking", 0, time.Hour, secret, nil).Take(t.Context(), who); wait != 0 {
		t.Errorf("without a limit one has to wait %v", wait)
	}
	keys := s.Keys(t, "limit:*")
	if len(keys) != 5 || strings.Contains(strings.Join(keys, " "), "192.0.2") {
		t.Errorf("kept: %q", keys)
	}
	for _, key := range keys {
		if left := s.Raw.PTTL(t.Context(), key).Val(); left <= 0 || left > time.Hour {
			t.Errorf("%s is kept for %v", key, left)
		}
	}
}

func TestLimitWithoutRedis(t *testing.T) {
	client := redis.Open(redis.Options{Addresses: []string{"127.0.0.1:1"}, Prefix: "x"}, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = client.Close() })
	now := redistest.Noon
	l := redis.NewLimit(client, "asking", 2, time.Minute, nil, func() time.Time { return now })
	take := func(who string) time.Duration { return l.Take(t.Context(), who) }
	if a, b := take("a"), take("a"); a != 0 || b != 0 {
		t.Fatalf("the first two have to wait %v and %v", a, b)
	}
	if wait := take("a"); wait != 30*time.Second {
		t.Errorf("the third has to wait %v", wait)
	}
	if wait := l.Wait(t.Context(), "a"); wait != 30*time.Second {
		t.Errorf("asked only, it is %v", wait)
	}
	for range 3 { // asking is no taking
		if wait := l.Wait(t.Context(), "b"); wait != 0 {
			t.Errorf("asked only, somebody else has to wait %v", wait)
		}
	}
	if wait := take("b"); wait != 0 {
		t.Errorf("somebody else has to wait %v", wait)
	}
	now = now.Add(30 * time.Second)
	if a, b := take("a"), take("a"); a != 0 || b != 30*time.Second {
		t.Errorf("half a minute later: %v, then %v", a, b)
	}
}

// TestLimitForgetsTheOldestFirst: whoever sends from many addresses does not clear the
// memory of those who were refused just now.
func TestLimitForgetsTheOldestFirst(t *testing.T) {
	client := redis.Open(redis.Options{Addresses: []string{"127.0.0.1:1"}, Prefix: "x"}, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = client.Close() })
	l := redis.NewLimit(client, "asking", 1, time.Hour, nil, func() time.Time { return redistest.Noon })
	for i := range 9_990 {
		l.Take(t.Context(), fmt.Sprint("early ", i))
	}
	l.Take(t.Context(), "last")
	for i := range 9_000 {
		l.Take(t.Context(), fmt.Sprint("late ", i))
	}
	if wait := l.Take(t.Context(), "last"); wait != time.Hour {
		t.Errorf("who was refused has to wait %v", wait)
	}
	if wait := l.Take(t.Context(), "early 0"); wait != 0 {
		t.Errorf("who came first has to wait %v", wait)
	}
}
