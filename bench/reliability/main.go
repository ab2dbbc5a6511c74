// Command reliability does to a site that `make up` started what happens to servers, one
// after the other, while requests come at a steady rate over all sorts of routes, and prints
// a table of what visitors saw: errors, 95 of 100 answers, the same once it is known that a
// server does not answer ("p95 once": eight seconds after the beginning of the fault to its
// end; 300 ms are the aim), of searches and of details alone as well, the slowest answer, and how long after the end of a fault everything was whole again.
//
//	make reliability            (or: go run ./bench/reliability -rate 20 -for 15s)
//	make load                   what others see while 0, 8 and 64 clients ask the costliest searches
//
// It stops, kills and restarts the servers of that site. Everything is as before when it ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() { os.Exit(run()) }

var errNoNumber = errors.New("is no list of numbers")

// options are the flags.
type options struct {
	url     string
	rate    int           // requests a second
	fault   time.Duration // how long a server is stopped
	within  time.Duration // how long everything may take to be whole again
	paths   []string      // empty: all sorts
	only    string        // the name of one fault; empty: all
	restart string        // the command that restarts API and indexer

	attackers []int // how many there are, one measurement after the other; empty: faults are measured
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flag.StringVar(&o.url, "url", "http://127.0.0.1:8080", "where the site is")
	flag.IntVar(&o.rate, "rate", 20, "requests a second")
	flag.DurationVar(&o.fault, "for", 15*time.Second, "how long a server is stopped")
	flag.DurationVar(&o.within, "within", 2*time.Minute, "how long everything may take to be whole again")
	flag.StringVar(&o.only, "only", "", "one fault, such as 'stop mysql'; empty: all")
	paths := flag.String("paths", "", "the paths to ask for, with commas between them; empty: all sorts")
	flag.StringVar(&o.restart, "restart", "docker/stack.sh restart", "the command that restarts API and indexer")
	flag.Func("attackers", "measure no faults, but what others see while so many clients ask the costliest searches; several with commas between them", func(list string) error {
		for text := range strings.SplitSeq(list, ",") {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return errNoNumber
			}
			o.attackers = append(o.attackers, n)
		}
		return nil
	})
	flag.Parse()
	if *paths != "" {
		o.paths = strings.Split(*paths, ",")
	}
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "reliability:", err)
		return 1
	}
	return 0
}

// measure prints a line for each fault. The error names those after which not everything
// became whole again.
func measure(ctx context.Context, o options) error {
	routes, err := o.paths, error(nil)
	if len(routes) == 0 {
		routes, err = findRoutes(ctx, o.url)
	}
	if err != nil {
		return err
	}
	if len(o.attackers) > 0 {
		return measureAttacks(ctx, o, routes)
	}
	var failed []error
	fmt.Printf("%-22s %9s %8s %9s %9s %9s %9s %9s %9s %9s  %s\n", "fault", "requests", "errors", "degraded", "p95 ms", "p95 once", "searches", "details", "slowest", "recovery", "errors by route")
	for _, f := range faults(o) {
		if o.only != "" && o.only != f.name {
			continue
		}
		began, t := time.Now(), startTraffic(ctx, o, routes)
		err := f.happen(ctx)
		ended := time.Now()
		if err == nil {
			err = t.untilWhole(ctx, ended, o.within)
		}
		t.stop()
		fmt.Printf("%-22s %s\n", f.name, t.summary(began, ended))
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", f.name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// fault is something that happens to a server and ends.
type fault struct {
	name   string
	happen func(ctx context.Context) error // returns when the server is to answer again
}

func faults(o options) []fault {
	all := []fault{{"none", func(ctx context.Context) error { return pause(ctx, o.fault) }}}
	for _, role := range []string{"elasticsearch", "mysql", "redis"} {
		all = append(all,
			fault{"stop " + role, func(ctx context.Context) error { return suspend(ctx, role, o.fault) }},
			fault{"kill " + role, func(ctx context.Context) error { return kill(ctx, role) }})
	}
	return append(all, fault{"restart the API", func(ctx context.Context) error { return command(ctx, o.restart) }})
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// quantile is a value of a sorted list.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*q))]
}

func milliseconds(all []time.Duration, q float64) int64 {
	slices.Sort(all)
	return quantile(all, q).Milliseconds()
}
