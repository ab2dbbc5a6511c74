// Package redistest gives tests a Redis under a prefix of their own.
package redistest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/testenv"
)

// Noon is the time of these tests: no test depends on when it runs.
var Noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// AtNoon is a clock that stands still.
func AtNoon() time.Time { return Noon }

// Server is a Redis under a prefix of the test's own, and a raw client to look behind the
// scenes.
type Server struct {
	Config config.Config
	Client *redis.Client
	Raw    *goredis.Client
}

// New connects to the server of the tests. Connections are closed when the test ends.
func New(t *testing.T) Server {
	t.Helper()
	c := testenv.Config(t)
	// These tests are of what is kept, and not of how soon: of that there are some with a Redis
	// that stands still and a client of their own.
	client := redis.Open(redis.Options(c.Redis), slog.New(slog.DiscardHandler)).WithLeastTimeout(time.Minute)
	s := Server{Config: c, Client: client}
	s.Raw = goredis.NewClient(&goredis.Options{Addr: c.Redis.Addresses[0], DisableIdentity: true})
	t.Cleanup(func() {
		_ = s.Client.Close()
		_ = s.Raw.Close()
	})
	return s
}

// Keys lists the keys of this installation that match a pattern.
func (s Server) Keys(t *testing.T, pattern string) []string {
	t.Helper()
	var keys []string
	all := s.Raw.Scan(context.Background(), 0, "{"+s.Config.Redis.Prefix+":*}:"+pattern, 1000).Iterator()
	for all.Next(context.Background()) {
		keys = append(keys, all.Val())
	}
	if err := all.Err(); err != nil {
		t.Fatal(err)
	}
	return keys
}
