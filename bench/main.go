// Command bench measures Xunke on real servers beside what the same servers can do at
// best, in the same run: absolute figures move from machine to machine, their ratios
// hardly do. It works in a database and on indices of its own and removes them.
//
//	go run ./bench [flags] [part...]
//
// The servers are those of XUNKE_TEST_MYSQL_DSN, XUNKE_TEST_ELASTICSEARCH and
// XUNKE_TEST_REDIS, as `make bench` sets them, and must be on this machine. Rankings start a Redis of
// their own, XUNKE_TEST_REDIS_SERVER.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parseFlags(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	var r report
	switch {
	case err != nil:
	case o.from != "":
		r, err = readReport(o.from)
	default:
		r, err = bench(ctx, o)
	}
	if err == nil {
		err = r.write(os.Stdout, o.json)
	}
	if err == nil && o.folder != "" {
		err = r.document(o.folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// options are the flags. Every count and every duration is bounded by one of them.
type options struct {
	json    bool
	from    string // figures to read in the place of measuring
	folder  string // where the document is written; empty: nowhere
	binary  string // empty: it is built
	courses int    // of the catalogue
	updates int    // single-row updates whose freshness is measured
	fanOut  int    // courses of the org that is renamed
	rate    int    // updates a second during the reindex
	burst   int    // courses that are imported under the indexer
	// The org of which some courses are viewed at once.
	siblings int           // its courses
	days     int           // with counts of each of them
	clients  int           // that search at the same time
	search   time.Duration // each of the searches' measurements
	within   time.Duration // all of it
	sizes    sizeList      // courses of the catalogues of the part growth
	parts    []string
}

// part is something that can be measured. It notes its figures in the report.
type part struct {
	name    string
	measure func(ctx context.Context, i *installation, o options, r *report) error
}

// parts are what can be measured, in the order in which it is: what changes the catalogue
// most comes last. Growth makes catalogues of its own.
var parts = []part{
	{"freshness", func(ctx context.Context, i *installation, o options, r *report) (err error) {
		r.Freshness, err = i.freshness(ctx, o.updates)
		return err
	}},
	{"fanout", func(ctx context.Context, i *installation, o options, r *report) (err error) {
		r.FanOut, err = i.fanOut(ctx, o.updates, min(o.fanOut, o.courses*4/5))
		return err
	}},
	{"search", func(ctx context.Context, i *installation, o options, r *report) (err error) {
		r.Search, err = i.search(ctx, o.clients, o.search)
		return err
	}},
	{"alternatives", func(ctx context.Context, i *installation, o options, r *report) (err error) {
		r.Alternatives, err = i.alternatives(ctx, o.clients, o.search)
		return err
	}},
	{"repeated", func(ctx context.Context, i *installation, o options, r *report) (err error) {
		r.Repeated, err = i.repeated(ctx, o.clients, o.search)
		return err
	}},
	{"rankings", func(ctx context.Context, i *installation, o options, r *report) (err error) {
		r.Rankings, err = i.rankings(ctx, o.clients, o.search)
		return err
	}},
	{"meaning", func(ctx context.Context, i *installation, o options, r *report) (err error) {
		r.Meaning, err = i.meaning(ctx, o.clients, o.search)
		return err
	}},
	{"reindex", func(ctx context.Context, i *installation, o options, r *report) (err error) {
		r.Reindex, err = i.reindex(ctx, o.rate)
		return err
	}},
	{"burst", func(ctx context.Context, i *installation, o options, r *report) (err error) {
		r.Burst, err = i.burst(ctx, o)
		return err
	}},
	{growthPart, func(ctx context.Context, i *installation, o options, r *report) (err error) {
		r.Growth, err = growth(ctx, i.binary, o.sizes, o.search)
		return err
	}},
}

// growthPart is only measured when it is asked for: its catalogues take long to make.
const growthPart = "growth"

func partNames() []string {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return names
}

func parseFlags(args []string) (options, error) {
	o := options{sizes: sizeList{10_000, 100_000, 1_000_000}}
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	set.BoolVar(&o.json, "json", false, "print JSON for machines")
	set.StringVar(&o.from, "from", "", "a file of figures to print instead of measuring")
	set.StringVar(&o.folder, "document", "", "a folder for "+documentFile+", its figures and plots")
	set.StringVar(&o.binary, "binary", "", "the program to measure (default: it is built)")
	set.IntVar(&o.courses, "courses", 200_000, "courses of the catalogue")
	set.IntVar(&o.updates, "updates", 500, "single-row updates whose freshness is measured")
	set.IntVar(&o.fanOut, "fanout", 40_000, "courses of the org that is renamed, at most four fifths of -courses")
	set.IntVar(&o.rate, "rate", 200, "updates a second during the reindex")
	set.IntVar(&o.burst, "burst", 20_000, "courses that are imported under the indexer")
	set.IntVar(&o.siblings, "siblings", 2000, "courses of the org of which a fifth is viewed at once")
	set.IntVar(&o.days, "days", 180, "days with counts of each of these")
	set.IntVar(&o.clients, "clients", 8, "clients that search at the same time")
	set.DurationVar(&o.search, "search", 10*time.Second, "how long each measurement of searches and rankings takes")
	set.Var(&o.sizes, "sizes", "courses of the catalogues that the part "+growthPart+" compares")
	set.DurationVar(&o.within, "within", time.Hour, "how long all of it may take")
	set.Usage = func() {
		fmt.Fprintf(set.Output(), "usage: go run ./bench [flags] [%s]\n", strings.Join(partNames(), "] ["))
		set.PrintDefaults()
	}
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if o.parts = set.Args(); len(o.parts) == 0 {
		o.parts = slices.DeleteFunc(partNames(), func(name string) bool { return name == growthPart })
	}
	for _, name := range o.parts {
		if !slices.Contains(partNames(), name) {
			return o, fmt.Errorf("there is no part %q: they are %v", name, partNames())
		}
	}
	for name, n := range map[string]int{"courses": o.courses, "updates": o.updates, "fanout": o.fanOut, "burst": o.burst, "siblings": o.siblings, "days": o.days, "rate": o.rate, "clients": o.clients} {
		if n < 1 {
			return o, fmt.Errorf("-%s = %d: must be at least 1", name, n)
		}
	}
	return o, nil
}

// bench prepares a catalogue and measures what was asked for.
func bench(ctx context.Context, o options) (r report, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, o.within, fmt.Errorf("not done within %s", o.within))
	defer cancel()
	defer func() {
		if cause := context.Cause(ctx); cause != nil && err != nil {
			err = errors.Join(cause, err)
		}
	}()
	i, err := install(ctx, o.binary)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, i.remove()) }()
	r = report{Began: time.Now().UTC(), Courses: o.courses}
	if r.Machine, err = i.machine(ctx); err != nil {
		return r, err
	}
	if !slices.Equal(o.parts, []string{growthPart}) {
		if i.indexing, err = i.prepare(ctx, o.courses, &r); err != nil {
			return r, err
		}
	}
	for _, p := range parts {
		if !slices.Contains(o.parts, p.name) {
			continue
		}
		if err := p.measure(ctx, i, o, &r); err != nil {
			return r, err
		}
	}
	r.Machine.LoadAfter = loadAverage()
	r.Seconds = time.Since(r.Began).Seconds()
	return r, nil
}

func (r report) write(w io.Writer, asJSON bool) error {
	if !asJSON {
		_, err := io.WriteString(w, r.String())
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// say tells on standard error what is being done.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
}
