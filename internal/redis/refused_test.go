package redis_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/testenv"
)

// TestRefusedCallsAreLoggedOnce: a Redis without memory once had a line for each event.
func TestRefusedCallsAreLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	client := redis.Open(redis.Options(testenv.Config(t).Redis), slog.New(slog.NewTextHandler(&log, nil)))
	defer func() { _ = client.Close() }()
	for range 50 {
		for _, what := range []string{"record an event", "rank"} {
			err := client.Call(t.Context(), redis.WorkerTimeout, what, func(ctx context.Context, server goredis.UniversalClient) error {
				return server.Do(ctx, "NOSUCHCOMMAND").Err()
			})
			if err == nil {
				t.Fatal("Redis knows the command")
			}
		}
	}
	if n := strings.Count(log.String(), "redis refuses a call"); n != 2 {
		t.Errorf("%d lines, want one for each kind of call:\n%.600s", n, log.String())
	}
}
