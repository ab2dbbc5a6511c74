package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/valyala/fasthttp"
)

// rankedMembers is how long the sorted set is that the raw requests read, and rankedItems
// how many items each request asks for.
const (
	rankedMembers = 10_000
	rankedItems   = 10
)

// rankingsFigures are requests for rankings beside the cheapest question that Redis can be
// asked through the same driver, and the same requests without Redis.
type rankingsFigures struct {
	Clients int          `json:"clients"`
	Ways    []wayFigures `json:"ways"` // the first is raw
}

// rankings measures on a Redis of its own, which it stops and kills.
func (i *installation) rankings(ctx context.Context, clients int, each time.Duration) (_ *rankingsFigures, err error) {
	address, server, err := i.ownRedis(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = server.Process.Kill(); _ = server.Wait() }() // it may be stopped, or gone
	before := i.env
	defer func() { i.env = before }()
	i.env = append(append([]string{}, before...), "XUNKE_REDIS_ADDRESSES="+address)
	raw := goredis.NewClient(&goredis.Options{Addr: address, PoolSize: clients, DisableIdentity: true})
	defer func() { err = errors.Join(err, raw.Close()) }()
	for n := range rankedMembers {
		if err := raw.ZAdd(ctx, "bench", goredis.Z{Score: float64(n), Member: n}).Err(); err != nil {
			return nil, fmt.Errorf("fill a sorted set: %w", err)
		}
	}
	if _, err := i.run(ctx, "rankings", "rebuild", "--json"); err != nil {
		return nil, err
	}
	base, api, err := i.startAPI(ctx)
	if err != nil {
		return nil, err
	}
	client := &fasthttp.Client{MaxConnsPerHost: 2 * clients}
	defer client.CloseIdleConnections()
	get := func(degraded bool) func(context.Context, string) error {
		return func(_ context.Context, query string) error {
			good := []string{fmt.Sprintf(`"degraded":%t`, degraded)}
			if query != "rising" { // it may be that nothing rises
				good = append(good, `"rank":1,`)
			}
			return fetchQuick(client, base+"/api/v1/rankings/courses?limit=10&window="+query, good...)
		}
	}
	spans, filtered := []string{"day", "week", "month", "all"}, []string{"week&level=beginner", "month&level=advanced"}
	out := &rankingsFigures{Clients: clients}
	for _, w := range []struct {
		way
		queries []string
		first   func() error
	}{
		{way{"raw ZREVRANGE WITHSCORES", func(ctx context.Context, _ string) error {
			return raw.ZRevRangeWithScores(ctx, "bench", 0, rankedItems-1).Err()
		}}, spans, nil},
		{way{"API: day, week, month, all", get(false)}, spans, nil},
		{way{"API: of one level", get(false)}, filtered, nil},
		{way{"API: what rises", get(false)}, []string{"rising"}, nil},
		{way{"Redis stands still (SIGSTOP)", get(true)}, spans, func() error { return server.Process.Signal(syscall.SIGSTOP) }},
		{way{"Redis is gone (SIGKILL)", get(true)}, spans, func() error { return server.Process.Signal(syscall.SIGKILL) }},
	} {
		say("rankings for %s with %d clients: %s", each, clients, w.name)
		if w.first == nil {
			if err := warmUp(ctx, w.way, w.queries); err != nil {
				return nil, err
			}
		} else if err := w.first(); err != nil {
			return nil, fmt.Errorf("stop Redis: %w", err)
		}
		took, err := measure(ctx, w.way, w.queries, clients, each)
		if err != nil {
			return nil, err
		}
		f := wayFigures{Name: w.name, PerSecond: float64(len(took)) / each.Seconds(), Latency: quantilesOf(took)}
		out.Ways = append(out.Ways, f)
		f.Ratio, f.Ratio50 = ratio(f.PerSecond, out.Ways[0].PerSecond), ratio(f.Latency.P50, out.Ways[0].Latency.P50)
		out.Ways[len(out.Ways)-1] = f
	}
	return out, api.stop(ctx)
}

// ownRedis starts a Redis that may be stopped and killed.
func (i *installation) ownRedis(ctx context.Context) (address string, server *exec.Cmd, err error) {
	if address, err = freeAddress(ctx); err != nil {
		return "", nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	server = exec.CommandContext(ctx, cmp.Or(os.Getenv("XUNKE_TEST_REDIS_SERVER"), "redis-server"), "--bind", "127.0.0.1", "--port", port, "--save", "",
		"--dir", i.dir, "--logfile", filepath.Join(i.dir, "redis.log"))
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := server.Start(); err != nil {
		return "", nil, fmt.Errorf("start a Redis of its own: %w", err)
	}
	raw := goredis.NewClient(&goredis.Options{Addr: address, DisableIdentity: true})
	defer func() { _ = raw.Close() }()
	for raw.Ping(ctx).Err() != nil {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return "", nil, ctx.Err()
		}
	}
	return address, server, nil
}

func (s *rankingsFigures) print(line line) {
	if s == nil {
		return
	}
	line("\nrankings of %d, %d clients", rankedItems, s.Clients)
	for _, w := range s.Ways {
		line("  %-42s %6.0f requests/s (× %.2f)  p50 %.2f ms (× %.2f), p99 %.1f ms, at most %.0f ms",
			w.Name, w.PerSecond, w.Ratio, w.Latency.P50, w.Ratio50, w.Latency.P99, w.Latency.Max)
	}
}
