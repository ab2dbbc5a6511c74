package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/searchapi"
)

// writePID notes the process in run_dir. A folder that is full or cannot be written to is no
// reason not to start.
func (a *app) writePID(role string) (release func(), err error) {
	release, err = ops.WritePID(a.config.RunDir, role)
	if err == nil || errors.Is(err, ops.ErrRunning) {
		return release, err
	}
	a.log.Warn("run_dir cannot be written to: xunke status does not know of this process, and two of them may run", "role", role, "err", err)
	return func() {}, nil
}

// warnOfVariables tells of variables that mean nothing, most of them mistyped.
func (a *app) warnOfVariables() {
	for _, name := range config.UnknownVariables() {
		a.log.Warn("there is no setting of this variable", "variable", name, "hint", "xunke config lists the settings; Kubernetes makes such variables for a service called xunke (enableServiceLinks: false)")
	}
}

// warnings are what /readyz tells beside: of the index, of servers that do not answer, of events that were lost, of a Redis
// that is nearly full.
func (a *app) warnings(ctx context.Context, index *ops.Metrics, path *events.Path, cache *redis.Client, breakers map[string]func() bool) []searchapi.Warning {
	var all []searchapi.Warning
	recent := index.Recent()
	for _, w := range append(recent.Warnings(), ops.BreakerWarnings(breakers)...) {
		all = append(all, searchapi.Warning(w))
	}
	if total, last, lately := path.Losses(); lately {
		all = append(all, searchapi.Warning{
			Component: "events", Message: "visitors' events were lost: neither Redis nor run_dir took them", Count: &total, Oldest: &last,
			Hint: "look at the log, at redis.addresses and at the room in run_dir",
		})
	}
	if !cache.IsConfigured() {
		return all
	}
	if used, full, err := cache.Memory(ctx); err == nil && full {
		all = append(all, searchapi.Warning{
			Component: "redis", Message: fmt.Sprintf("Redis uses %.0f%% of its memory; at 100%% it refuses views and rankings", 100*used),
			Hint: "raise maxmemory; run: xunke doctor",
		})
	}
	return all
}
