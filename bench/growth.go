package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
)

// growthClients search at the same time while catalogues of several sizes are compared.
const growthClients = 2

// sizeFigures are what a catalogue of one size costs.
type sizeFigures struct {
	Courses      int       `json:"courses"`
	FirstIndex   float64   `json:"first_index_documents_per_second"`
	Reindex      float64   `json:"reindex_documents_per_second"`
	Search       quantiles `json:"search"` // of single requests, no query asked twice if there are enough
	Indexer      int64     `json:"indexer_peak_memory_bytes"`
	API          int64     `json:"api_peak_memory_bytes"`
	IndexPerItem float64   `json:"index_bytes_per_document"`
	Load         string    `json:"load_average"`
}

// growthFigures are the same measurements over catalogues of growing size.
type growthFigures struct {
	Clients int           `json:"clients"`
	Sizes   []sizeFigures `json:"sizes"`
}

// growth measures each size in an installation of its own, one after the other.
func growth(ctx context.Context, binary string, sizes []int, each time.Duration) (*growthFigures, error) {
	out := &growthFigures{Clients: growthClients}
	for _, courses := range sizes {
		f, err := growthOf(ctx, binary, courses, each)
		if err != nil {
			return nil, fmt.Errorf("measure %d courses: %w", courses, err)
		}
		out.Sizes = append(out.Sizes, f)
	}
	return out, nil
}

func growthOf(ctx context.Context, binary string, courses int, each time.Duration) (f sizeFigures, err error) {
	i, err := install(ctx, binary)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, i.remove()) }()
	var r report
	if i.indexing, err = i.prepare(ctx, courses, &r); err != nil {
		return f, err
	}
	f.Courses, f.FirstIndex = courses, ratio(float64(courses), r.FirstSeconds)
	say("reindexing %d courses", courses)
	began := time.Now()
	if _, err := i.run(ctx, "reindex", "--kind", string(catalog.KindCourse), "--json"); err != nil {
		return f, err
	}
	f.Reindex = ratio(float64(courses), time.Since(began).Seconds())
	if f.IndexPerItem, err = i.bytesPerDocument(ctx, catalog.KindCourse); err != nil {
		return f, err
	}
	queries, err := i.pieces(ctx, alternativesQueries)
	if err != nil {
		return f, err
	}
	base, api, err := i.startAPI(ctx)
	if err != nil {
		return f, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: growthClients}}
	defer client.CloseIdleConnections()
	say("searching %d courses for %s with %d clients", courses, each, growthClients)
	took, err := measureInTurn(ctx, way{"API", func(ctx context.Context, query string) error {
		return fetch(ctx, client, base+"/api/v1/search?type=course&q="+url.QueryEscape(query), whole)
	}}, queries, 0, growthClients, each)
	if err != nil {
		return f, err
	}
	f.Search, f.Load = quantilesOf(took), loadAverage()
	if f.Indexer, err = i.indexing.peakMemory(); err != nil {
		return f, err
	}
	if f.API, err = api.peakMemory(); err != nil {
		return f, err
	}
	return f, api.stop(ctx)
}

// bytesPerDocument is what an index takes on disk, a document that is not deleted.
func (i *installation) bytesPerDocument(ctx context.Context, k catalog.Kind) (float64, error) {
	var stats struct {
		All struct {
			Primaries struct {
				Docs struct {
					Count int64 `json:"count"`
				} `json:"docs"`
				Store struct {
					Bytes int64 `json:"size_in_bytes"`
				} `json:"store"`
			} `json:"primaries"`
		} `json:"_all"`
	}
	if err := i.client.Do(ctx, "GET", "/"+i.client.Alias(k)+"/_stats/docs,store", nil, &stats); err != nil {
		return 0, err
	}
	return ratio(float64(stats.All.Primaries.Store.Bytes), float64(stats.All.Primaries.Docs.Count)), nil
}

func (g *growthFigures) print(line line) {
	if g == nil {
		return
	}
	line("\ngrowth, %d clients search", g.Clients)
	line("  %10s %16s %16s %10s %10s %12s %10s %14s", "courses", "first index/s", "reindex/s", "p50", "p99", "indexer", "API", "index bytes")
	for _, s := range g.Sizes {
		line("  %10d %16.0f %16.0f %7.1f ms %7.1f ms %9d MB %7d MB %14.0f",
			s.Courses, s.FirstIndex, s.Reindex, s.Search.P50, s.Search.P99, s.Indexer>>20, s.API>>20, s.IndexPerItem)
	}
}

// sizeList is a flag: numbers of courses with commas between them.
type sizeList []int

func (l *sizeList) String() string {
	raw, _ := json.Marshal([]int(*l)) // numbers can be encoded
	return strings.Trim(string(raw), "[]")
}

// Set implements flag.Value.
func (l *sizeList) Set(text string) error {
	*l = nil
	for field := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not a number of courses", field)
		}
		*l = append(*l, n)
	}
	return nil
}
