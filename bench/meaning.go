package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/vectors"
	"github.com/xunke/xunke/internal/embed"
	"github.com/xunke/xunke/internal/embed/e5"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/mappings"
)

const (
	// meaningTexts is how many queries and how many courses get vectors by the model.
	meaningTexts = 300
	// meaningRounds is how often both APIs take turns with each way of asking.
	meaningRounds = 4
	// vectorsPage is how many rows of vectors are written at a time.
	vectorsPage = 500
)

// meaningFigures say what searches by meaning cost: the same requests to an API with the
// model and to one without, in turns. Courses have vectors of chance, since those of the
// model would take hours; how many a second it makes is measured by itself.
type meaningFigures struct {
	Model      string        `json:"model"`
	Query      quantiles     `json:"query_vector"`              // one text after the other, each once
	PerSecond  float64       `json:"course_vectors_per_second"` // on one processor
	Bytes      twice[int64]  `json:"index_bytes_per_course"`
	Memory     twice[int64]  `json:"api_memory_bytes"` // resident, after the requests
	Clients    int           `json:"clients"`
	Ways       []meaningWays `json:"ways"`
	NearShares float64       `json:"questions_with_near"` // of the questions, by the API with the model
	Related    meaningWays   `json:"related"`             // before courses have vectors and after
}

// twice is a figure without the model and with it.
type twice[T any] struct {
	Without T `json:"without"`
	With    T `json:"with"`
}

// meaningWays is one way of asking both APIs. Processor time is that of the API and of
// Elasticsearch together: unlike latency it says the same on a busy machine.
type meaningWays struct {
	Name      string           `json:"name"`
	Latency   twice[quantiles] `json:"latency"`
	Ratio50   float64          `json:"ratio_p50"`
	Processor twice[float64]   `json:"processor_ms"` // a request
	Ratio     float64          `json:"ratio_processor"`
}

// sample is what was measured of one way of asking, piece by piece.
type sample struct {
	latencies []time.Duration
	used      time.Duration // of processors
}

// processorMS is the processor time of a request.
func (s sample) processorMS() float64 {
	return ratio(s.used.Seconds()*1000, float64(len(s.latencies)))
}

// waysOf compares what was measured without something and with it.
func waysOf(name string, without, with sample) meaningWays {
	f := meaningWays{
		Name: name, Latency: twice[quantiles]{quantilesOf(without.latencies), quantilesOf(with.latencies)},
		Processor: twice[float64]{without.processorMS(), with.processorMS()},
	}
	f.Ratio50, f.Ratio = ratio(f.Latency.With.P50, f.Latency.Without.P50), ratio(f.Processor.With, f.Processor.Without)
	return f
}

func (i *installation) meaning(ctx context.Context, clients int, each time.Duration) (_ *meaningFigures, err error) {
	path := os.Getenv("XUNKE_TEST_MODEL")
	if path == "" {
		return nil, errors.New("XUNKE_TEST_MODEL says where the model is (make bench sets it)")
	}
	model, err := e5.Open(path)
	if err != nil {
		return nil, err
	}
	known, err := i.queries(ctx)
	if err != nil {
		return nil, err
	}
	questions := joinPieces(known)
	out := &meaningFigures{Model: embed.ID(model), Clients: clients}
	store := source.NewVectors(i.db)
	if err := out.embed(ctx, model, store, questions); err != nil {
		return nil, err
	}
	if out.Bytes.Without, err = i.bytesPerCourse(ctx); err != nil {
		return nil, err
	}
	before, err := i.relatedCourses(ctx, store, clients, each)
	if err != nil {
		return nil, err
	}
	if err := i.fillVectors(ctx, store, out.Model); err != nil {
		return nil, err
	}
	if out.Bytes.With, err = i.bytesPerCourse(ctx); err != nil {
		return nil, err
	}
	after, err := i.relatedCourses(ctx, store, clients, each)
	if err != nil {
		return nil, err
	}
	out.Related = waysOf("related courses", before, after)
	names, err := namesOf(ctx, store)
	if err != nil {
		return nil, err
	}
	return out, i.askTwice(ctx, out, path, each, [][]string{questions, names, known, known})
}

// namesOf are whole names of courses, which are found without asking for anything near.
func namesOf(ctx context.Context, store source.Vectors) ([]string, error) {
	page, err := store.Page(ctx, 0, searchQueries)
	names := make([]string, len(page))
	for n, p := range page {
		names[n], _, _ = strings.Cut(p.Text, "\n")
	}
	return names, err
}

// joinPieces makes questions that no course has all words of, so that each is asked by its
// meaning, too: pieces of two names that have nothing to do with each other.
func joinPieces(pieces []string) []string {
	var questions []string
	for n := range pieces {
		questions = append(questions, pieces[n]+" "+pieces[(n+len(pieces)/2)%len(pieces)])
	}
	return questions
}

// embed measures the model by itself.
func (f *meaningFigures) embed(ctx context.Context, model *e5.Model, store source.Vectors, questions []string) error {
	say("making vectors of %d queries and %d courses", meaningTexts, meaningTexts)
	var took []time.Duration
	for n := range meaningTexts {
		began := time.Now()
		if _, err := model.Query(ctx, questions[n%len(questions)]+strconv.Itoa(n/len(questions))); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	f.Query = quantilesOf(took)
	page, err := store.Page(ctx, 0, meaningTexts)
	if err != nil {
		return err
	}
	began := time.Now()
	for _, p := range page {
		if _, err := model.Passage(ctx, p.Text); err != nil {
			return err
		}
	}
	f.PerSecond = ratio(float64(len(page)), time.Since(began).Seconds())
	return nil
}

// fillVectors gives every course a vector of chance, and waits until documents have them.
func (i *installation) fillVectors(ctx context.Context, store source.Vectors, model string) error {
	say("writing a vector of chance for every course")
	random := rand.New(rand.NewPCG(searchSeed, 0)) //nolint:gosec // the same in every run
	for after := int64(0); ; {
		page, err := store.Page(ctx, after, vectorsPage)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].ID
		made := make([]vectors.Vector, len(page))
		for n, p := range page {
			numbers := make([]int8, mappings.VectorDimensions)
			for d := range numbers {
				numbers[d] = int8(random.IntN(255) - 127) //nolint:gosec // between -127 and 127
			}
			made[n] = vectors.Vector{ID: p.ID, Hash: mappings.PassageHash(p.Text), Numbers: numbers}
		}
		if err := store.Save(ctx, model, made); err != nil {
			return err
		}
	}
	_, courses, err := store.Count(ctx, model)
	if err != nil {
		return err
	}
	return i.wait(ctx, i.indexing, func() (bool, error) {
		var found struct {
			Count int64 `json:"count"`
		}
		body := map[string]any{"query": map[string]any{"term": map[string]any{"vector_model": model}}}
		err := i.client.Do(ctx, http.MethodPost, "/"+i.client.Alias(catalog.KindCourse)+"/_count", body, &found)
		return found.Count == courses, err
	})
}

// bytesPerCourse is what a course takes of the index, merged into one segment.
func (i *installation) bytesPerCourse(ctx context.Context) (int64, error) {
	alias := "/" + i.client.Alias(catalog.KindCourse)
	if err := i.client.Do(ctx, http.MethodPost, alias+"/_forcemerge?max_num_segments=1", nil, nil); err != nil {
		return 0, err
	}
	if err := i.client.Do(ctx, http.MethodPost, alias+"/_flush?force=true", nil, nil); err != nil {
		return 0, err
	}
	// Sizes of segments, since the size of the store is only looked at every ten seconds.
	var found struct {
		Indices map[string]struct {
			Shards map[string][]struct {
				Segments map[string]struct {
					Docs int64 `json:"num_docs"`
					Size int64 `json:"size_in_bytes"`
				} `json:"segments"`
			} `json:"shards"`
		} `json:"indices"`
	}
	if err := i.client.Do(ctx, http.MethodGet, alias+"/_segments", nil, &found); err != nil {
		return 0, err
	}
	var docs, size int64
	for _, index := range found.Indices {
		for _, copies := range index.Shards {
			for _, shard := range copies {
				for _, segment := range shard.Segments {
					docs, size = docs+segment.Docs, size+segment.Size
				}
			}
		}
	}
	return size / max(1, docs), nil
}

// relatedCourses asks an API for what is related to courses, each in its turn.
func (i *installation) relatedCourses(ctx context.Context, store source.Vectors, clients int, each time.Duration) (out sample, err error) {
	page, err := store.Page(ctx, 0, searchQueries)
	if err != nil {
		return out, err
	}
	ids := make([]string, len(page))
	for n, p := range page {
		ids[n] = strconv.FormatInt(p.ID, 10)
	}
	defer func(before []string) { i.env = before }(i.env)
	base, api, err := i.startAPI(ctx)
	if err != nil {
		return out, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	one := way{"related courses", func(ctx context.Context, id string) error {
		return fetch(ctx, client, base+"/api/v1/courses/"+id+"/related", whole)
	}}
	say("asking for related courses with %d clients: %s", clients, each)
	if err := warmUp(ctx, one, ids); err != nil {
		return out, err
	}
	return out, errors.Join(i.sample(ctx, &out, api, one, ids, clients, each), api.stop(ctx))
}

// sample asks an API for a while and adds what came of it.
func (i *installation) sample(ctx context.Context, out *sample, api *process, w way, queries []string, clients int, each time.Duration) error {
	elasticsearch, err := i.elasticsearchPID(ctx)
	if err != nil {
		return err
	}
	used := func() time.Duration { return processorTime(api.cmd.Process.Pid) + processorTime(elasticsearch) }
	began := used()
	some, err := measure(ctx, w, queries, clients, each)
	out.used += used() - began
	out.latencies = append(out.latencies, some...)
	return err
}

// elasticsearchPID is the process of the node.
func (i *installation) elasticsearchPID(ctx context.Context) (int, error) {
	var found struct {
		Nodes map[string]struct {
			Process struct {
				ID int `json:"id"`
			} `json:"process"`
		} `json:"nodes"`
	}
	if err := i.client.Do(ctx, http.MethodGet, "/_nodes/process", nil, &found); err != nil {
		return 0, err
	}
	for _, node := range found.Nodes {
		return node.Process.ID, nil
	}
	return 0, errors.New("find the process of Elasticsearch: there is no node")
}

// askTwice puts the same requests to an API with the model and to one without, in turns:
// queries are those of each way of asking.
func (i *installation) askTwice(ctx context.Context, out *meaningFigures, model string, each time.Duration, queries [][]string) error {
	before := i.env
	defer func() { i.env = before }()
	var apis [2]struct {
		base    string
		process *process
	}
	for n, path := range []string{"", model} {
		folder, err := os.MkdirTemp(i.dir, "run-")
		if err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
		// No answer may come out of a cache: each is to be made.
		i.env = append(append([]string{}, before...), "XUNKE_RUN_DIR="+folder,
			"XUNKE_MEANING_MODEL="+path, "XUNKE_MEANING_TIMEOUT=2s", "XUNKE_API_CACHE_BYTES=0")
		if apis[n].base, apis[n].process, err = i.startAPI(ctx); err != nil {
			return err
		}
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: out.Clients}}
	defer client.CloseIdleConnections()
	if err := out.countNear(ctx, client, apis[1].base, queries[0]); err != nil {
		return err
	}
	for kind, w := range []struct{ name, path string }{
		{"questions, nearest vectors asked", "/api/v1/search?type=course&q="},
		{"names of courses", "/api/v1/search?type=course&q="},
		{"pieces of names, some of them rare", "/api/v1/search?type=course&q="},
		{"suggestions", "/api/v1/suggest?q="},
	} {
		var took [2]sample
		for range meaningRounds {
			for n := range apis {
				one := way{w.name, func(ctx context.Context, query string) error {
					return fetch(ctx, client, apis[n].base+w.path+url.QueryEscape(query), whole)
				}}
				say("searching for %s with %d clients: %s, %s the model", each/meaningRounds, out.Clients, w.name, [2]string{"without", "with"}[n])
				if err := warmUp(ctx, one, queries[kind]); err != nil {
					return err
				}
				if err := i.sample(ctx, &took[n], apis[n].process, one, queries[kind], out.Clients, each/meaningRounds); err != nil {
					return err
				}
			}
		}
		out.Ways = append(out.Ways, waysOf(w.name, took[0], took[1]))
	}
	out.Memory = twice[int64]{residentBytes(apis[0].process), residentBytes(apis[1].process)}
	return errors.Join(apis[0].process.stop(ctx), apis[1].process.stop(ctx))
}

// countNear asks every question once, until the API knows that all courses have vectors, and
// says how many have something near.
func (f *meaningFigures) countNear(ctx context.Context, client *http.Client, base string, questions []string) error {
	with := 0
	for _, q := range questions {
		err := fetch(ctx, client, base+"/api/v1/search?type=course&q="+url.QueryEscape(q), func(a answered) bool {
			if a.Courses != nil && len(a.Courses.Near) > 0 {
				with++
			}
			return !a.Degraded
		})
		if err != nil {
			return err
		}
	}
	f.NearShares = ratio(float64(with), float64(len(questions)))
	return nil
}

// residentBytes is the memory that a process has; 0 where the kernel does not say.
func residentBytes(p *process) int64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	for line := range strings.Lines(string(raw)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmRSS:" {
			kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}

func (f *meaningFigures) print(line line) {
	if f == nil {
		return
	}
	line("\nmeaning, by %s", f.Model)
	line("  a query's vector  p50 %.1f ms, p99 %.1f ms; courses %.1f a second on one processor", f.Query.P50, f.Query.P99, f.PerSecond)
	line("  index  %d bytes a course without vectors, %d with (vectors of chance)", f.Bytes.Without, f.Bytes.With)
	line("  memory of the API  %d MB without the model, %d with", f.Memory.Without>>20, f.Memory.With>>20)
	line("  %.0f%% of the questions have something near; %d clients, without and with the model in turns:", 100*f.NearShares, f.Clients)
	for _, w := range f.Ways {
		w.print(line)
	}
	line("  before courses have vectors and after:")
	f.Related.print(line)
}

func (w meaningWays) print(line line) {
	line("  %-34s p50 %.1f ms and %.1f ms (× %.2f), p99 %.1f ms and %.1f ms; processor time a request %.1f ms and %.1f ms (× %.2f)",
		w.Name, w.Latency.Without.P50, w.Latency.With.P50, w.Ratio50, w.Latency.Without.P99, w.Latency.With.P99,
		w.Processor.Without, w.Processor.With, w.Ratio)
}
