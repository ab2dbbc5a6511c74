package main

import (
	"context"
	"strconv"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/search"
)

// keeper keeps the answers of a searcher. client has no breaker: that the index is slow to
// say whether it has changed is no reason to search elsewhere.
func (a *app) keeper(client *elastic.Client, searcher answers.Searcher, index *search.Searcher, p *api) *answers.Keeper {
	return answers.New(searcher, answers.Options{
		Bytes:    a.config.API.CacheBytes,
		Watch:    answers.NewWatch(search.NewVisible(client), a.config.Indexer.Refresh, a.log, nil),
		Revision: p.revision,
		Price:    index.Price,
		Log:      a.log,
	})
}

// revision is another text once answers are made with something else: what admins say
// about words and single queries, what is suggested, another model. Weights and the rest of
// the configuration change with the process only.
func (p *api) revision() string {
	text := make([]byte, 0, 40)
	for _, n := range []uint64{p.synonyms.Revision(), p.curations.Revision(), p.popular.Revision(), p.blocked.Revision(), p.model.Revision()} {
		text = append(strconv.AppendUint(text, n, 10), '.')
	}
	return string(text)
}

// vector makes the vector of a query, or none.
type vector = func(ctx context.Context, text string) (vector []int8, model string)

// inTime notes that an answer has to do without the meaning of its query where a vector came
// too late: the next one has it.
func inTime(of vector) vector {
	return func(ctx context.Context, text string) ([]int8, string) {
		found, model := of(ctx, text)
		if found == nil && model != "" {
			catalog.MarkPassing(ctx)
		}
		return found, model
	}
}
