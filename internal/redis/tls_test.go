package redis_test

import (
	"context"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/redistest"
	"github.com/xunke/xunke/internal/testenv"
)

// TestWaysToRedis goes every way to a real Redis with TLS, users and the ACL that
// docs/OPERATIONS.md has, and wants each fault told from the others.
func TestWaysToRedis(t *testing.T) {
	authority := testenv.NewAuthority(t)
	certificate, key := authority.Issue(time.Hour, "redis.school.example")
	port := strconv.Itoa(testenv.FreePort(t))
	encrypted := net.JoinHostPort("127.0.0.1", port)
	plain, _ := redistest.Own(t, "--tls-port", port, "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no")
	raw := goredis.NewClient(&goredis.Options{Addr: plain, DisableIdentity: true})
	t.Cleanup(func() { _ = raw.Close() })
	for _, rules := range [][]any{
		{"xunke", "on", ">a password", "resetkeys", "~{xunke:*", "+@all", "-@admin", "-@dangerous", "+info", "+config|get"},
		{"reader", "on", ">a password", "~*", "+ping"},
		{"default", "resetpass", ">another", "on"},
	} {
		if err := raw.Do(t.Context(), append([]any{"ACL", "SETUSER"}, rules...)...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	over := redis.Options{Addresses: []string{encrypted}, TLS: true, CA: authority.File, ServerName: "redis.school.example", Username: "xunke", Password: "a password", Prefix: "xunke"}
	for name, c := range map[string]struct {
		change func(o *redis.Options)
		hint   string // part of what is to be done; empty: nothing is wrong
	}{
		"as it should be":       {func(*redis.Options) {}, ""},
		"an unknown authority":  {func(o *redis.Options) { o.CA = "" }, "redis.ca"},
		"a file without any":    {func(o *redis.Options) { o.CA = key }, "redis.addresses"},
		"another name":          {func(o *redis.Options) { o.ServerName = "" }, "redis.server_name"},
		"no TLS at a TLS port":  {func(o *redis.Options) { o.TLS = false }, "redis.tls (XUNKE_REDIS_TLS) to true"},
		"TLS at a plain port":   {func(o *redis.Options) { o.Addresses = []string{plain} }, "redis.tls (XUNKE_REDIS_TLS) to false"},
		"nobody listens":        {func(o *redis.Options) { o.Addresses = []string{"127.0.0.1:1"} }, "nothing listens there"},
		"a wrong password":      {func(o *redis.Options) { o.Password = "wrong" }, "refuses the password"},
		"no password":           {func(o *redis.Options) { o.Username, o.Password = "", "" }, "wants a password"},
		"a user with no rights": {func(o *redis.Options) { o.Username = "reader" }, "ACL"},
	} {
		t.Run(name, func(t *testing.T) {
			o := over
			c.change(&o)
			client := redis.Open(o, slog.New(slog.DiscardHandler))
			defer func() { _ = client.Close() }()
			first := redis.Examine(t.Context(), client, o.Addresses[0])[0]
			if c.hint == "" {
				if first.Status != doctor.OK || !strings.Contains(first.Found, "over TLS") {
					t.Errorf("%+v", first)
				}
				return
			}
			if first.Status != doctor.Failure || !strings.Contains(first.Fix, c.hint) {
				t.Errorf("%s\n%s\nwant %s", first.Found, first.Fix, c.hint)
			}
		})
	}
	t.Run("the keys of the pattern and no others", func(t *testing.T) {
		client := redis.Open(over, slog.New(slog.DiscardHandler))
		defer func() { _ = client.Close() }()
		write := func(key string) error {
			return client.Call(t.Context(), time.Second, "write", func(ctx context.Context, server goredis.UniversalClient) error {
				return server.Set(ctx, key, 1, time.Minute).Err()
			})
		}
		if err := write(client.Keys("limits") + "a"); err != nil {
			t.Error(err)
		}
		err := write("{other:limits}:a")
		if err == nil || !strings.Contains(err.Error(), "NOPERM") {
			t.Errorf("a key of somebody else: %v", err)
		}
	})
}
