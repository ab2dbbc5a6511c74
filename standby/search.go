package standby

import (
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/semaphore"

	"github.com/xunke/xunke/catalog"
)

// Index answers searches as long as it can. Its errors are of CodeUnavailable when it is
// away; such an error with a time to wait means that it is there and has too much to do.
type Index interface {
	Search(ctx context.Context, q catalog.Query) (catalog.Answer, error)
	Suggest(ctx context.Context, text string, limit int) ([]catalog.Suggestion, error)
	Ready(ctx context.Context) error
}

// Rows answers the same out of the source of truth, as well as that can without an index
// made for it: hits without facets, cursors and marks. The answer is Degraded.
type Rows interface {
	Search(ctx context.Context, q catalog.Query) (catalog.Answer, error)
	Suggest(ctx context.Context, text string, limit int) ([]catalog.Suggestion, error)
}

// enterWithin is how long a search waits for its turn at the rows, and comeAgain when
// whoever had none shall ask once more.
const (
	enterWithin = time.Second
	comeAgain   = 2 * time.Second
)

// An answer out of the rows serves all who ask the same for keptFor: most ask for the home
// page and the first lists.
const (
	keptFor     = 10 * time.Second
	keptAnswers = 256
)

// errFull is why a search was not asked of the rows.
var errFull = errors.New("as many searches as MySQL shall have are under way")

// notice is what a degraded answer says of itself.
const notice = "搜索服务暂时不可用，以下为按名称查找的结果，可能不完整。 Search is down for the moment: these results were found by names alone and may be incomplete."

// Searcher answers out of the index, and out of the rows while the index is away. The rows
// are the source of truth, which others live on: no more than a few searches are asked of
// them at a time, and what is beyond is refused.
type Searcher struct {
	Index
	rows   Rows
	places *semaphore.Weighted
	kept   *lru.Cache[string, kept]
}

// kept is an answer out of the rows and when it was made.
type kept struct {
	answer catalog.Answer
	at     time.Time
}

// NewSearcher lets atOnce searches be asked of the rows at a time.
func NewSearcher(index Index, rows Rows, atOnce int64) *Searcher {
	cache, err := lru.New[string, kept](keptAnswers)
	if err != nil {
		panic(err) // keptAnswers is no size
	}
	return &Searcher{Index: index, rows: rows, places: semaphore.NewWeighted(atOnce), kept: cache}
}

// Search answers a query. Errors are those of the index. A query with a cursor has none
// but the index to answer it.
func (s *Searcher) Search(ctx context.Context, q catalog.Query) (catalog.Answer, error) {
	answer, err := s.Index.Search(ctx, q)
	if q.Cursor != nil || !isAway(ctx, err) {
		return answer, err
	}
	return s.searchRows(ctx, q, err)
}

// searchRows answers out of the rows; away is the error of the index.
func (s *Searcher) searchRows(ctx context.Context, q catalog.Query, away error) (catalog.Answer, error) {
	key := fmt.Sprintf("%+v", q)
	if answer, ok := s.recall(key); ok {
		return answer, nil
	}
	return inPlace(ctx, s, away, func(ctx context.Context) (catalog.Answer, error) {
		if answer, ok := s.recall(key); ok { // somebody else has asked it meanwhile
			return answer, nil
		}
		found, err := s.rows.Search(ctx, q)
		if err != nil {
			return catalog.Answer{}, err
		}
		found.Degraded = true
		found.Notices = []catalog.Notice{{Code: catalog.NoticeDegraded, Message: notice}}
		s.kept.Add(key, kept{found, time.Now()})
		return found, nil
	})
}

// recall is the answer to a query that was made a moment ago.
func (s *Searcher) recall(key string) (catalog.Answer, bool) {
	k, ok := s.kept.Get(key)
	return k.answer, ok && time.Since(k.at) < keptFor
}

// Suggest completes what has been typed.
func (s *Searcher) Suggest(ctx context.Context, text string, limit int) ([]catalog.Suggestion, error) {
	found, err := s.Index.Suggest(ctx, text, limit)
	if !isAway(ctx, err) {
		return found, err
	}
	return inPlace(ctx, s, err, func(ctx context.Context) ([]catalog.Suggestion, error) { return s.rows.Suggest(ctx, text, limit) })
}

// isAway says whether an error of the index means that somebody else has to answer.
func isAway(ctx context.Context, err error) bool {
	e, ok := errors.AsType[*catalog.Error](err)
	return ok && e.Code == catalog.CodeUnavailable && e.Wait == 0 && ctx.Err() == nil
}

// inPlace asks the rows when there is a place. Where they do not answer either, the error
// is the index's.
func inPlace[T any](ctx context.Context, s *Searcher, away error, ask func(context.Context) (T, error)) (T, error) {
	var none T
	waiting, cancel := context.WithTimeout(ctx, enterWithin)
	defer cancel()
	if err := s.places.Acquire(waiting, 1); err != nil {
		full := catalog.Unavailable("the search index", errors.Join(errFull, away))
		full.Wait = comeAgain
		return none, full
	}
	defer s.places.Release(1)
	found, err := ask(ctx)
	if err != nil {
		return none, errors.Join(away, err)
	}
	return found, nil
}
