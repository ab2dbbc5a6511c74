package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
)

// ambiguousSyllables are pinyin that many Hanzi share: searches for rows of them cost most.
var ambiguousSyllables = strings.Fields("shi yi ji li zhi xi yu xian jian fu qi wei hua ye jing xin zhong sheng xue shu")

// attackedWords is how many of them a query of an attacker has.
const attackedWords = 16

// costlyPath is a search that has not been asked before.
func costlyPath() string {
	words := make([]string, attackedWords)
	for i := range words {
		words[i] = ambiguousSyllables[rand.IntN(len(ambiguousSyllables))] //nolint:gosec // nothing is kept secret by it
	}
	return "/api/v1/search?q=" + url.QueryEscape(strings.Join(words, " "))
}

// attackers are clients that ask the costliest searches one after the other, as fast as they
// are answered or refused.
type attackers struct {
	end     context.CancelFunc
	running sync.WaitGroup
	asked   atomic.Int64
	refused atomic.Int64 // 429 and 503
}

func startAttackers(ctx context.Context, base string, n int) *attackers {
	a := &attackers{}
	ctx, a.end = context.WithCancel(ctx)
	for range n {
		a.running.Go(func() {
			for ctx.Err() == nil {
				status, _, err := get(ctx, base+costlyPath())
				if err != nil {
					continue
				}
				a.asked.Add(1)
				if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
					a.refused.Add(1)
				}
			}
		})
	}
	return a
}

// stop waits for the last answers.
func (a *attackers) stop() {
	a.end()
	a.running.Wait()
}

// measureAttacks prints what others see while more and more clients attack, a line each. The
// error names numbers of attackers with which others had errors.
func measureAttacks(ctx context.Context, o options, routes []string) error {
	var failed []error
	fmt.Printf("%-9s %9s %8s %9s %9s %9s  %s\n", "attackers", "requests", "errors", "p50 ms", "p95 ms", "slowest", "searches of attackers, refused of these")
	for _, n := range o.attackers {
		a := startAttackers(ctx, o.url, n)
		t := startTraffic(ctx, o, routes)
		err := pause(ctx, o.fault)
		t.stop()
		a.stop()
		if err != nil {
			return err
		}
		f := t.figures()
		fmt.Printf("%-9d %9d %8d %9d %9d %9d  %d, %d\n", n, len(f.took), f.failed, milliseconds(f.took, .5), milliseconds(f.took, .95), milliseconds(f.took, 1), a.asked.Load(), a.refused.Load())
		if f.failed > 0 {
			failed = append(failed, fmt.Errorf("with %d attackers: %s", n, f.failures))
		}
	}
	return errors.Join(failed...)
}
