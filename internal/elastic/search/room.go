package search

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/plan"
)

// Why a question was not asked at all.
var (
	errTooManySearches = errors.New("too many others wait for the same")
	errStuck           = errors.New("none of those who asked before has had an answer meanwhile")
)

// manyPlaces are so many that all of their questions are hardly slow at the same time.
const manyPlaces = 4

// room bounds how many questions of a sort Elasticsearch is asked at a time. Those that
// wait are few and wait shortly: beyond that, an answer that says when to come back is
// better than one that comes when nobody waits for it any more, and makes all others late.
type room struct {
	places   chan struct{}
	patience time.Duration
	queue    int64 // of those that wait
	waiting  atomic.Int64
	left     atomic.Int64 // how many have left
}

func newRoom(places int, queue int64, patience time.Duration) *room {
	return &room{places: make(chan struct{}, places), queue: queue, patience: patience}
}

// enter takes a place, and leave gives it back. The error is of CodeUnavailable with a time
// to wait, or without one where nobody left of many during the whole wait: then Elasticsearch is not
// busy, it does not answer. A nil room has a place for everybody.
func (r *room) enter(ctx context.Context) (leave func(), err error) {
	if r == nil {
		return func() {}, nil
	}
	leave = func() {
		r.left.Add(1)
		<-r.places
	}
	select {
	case r.places <- struct{}{}:
		return leave, nil
	default:
	}
	defer r.waiting.Add(-1)
	if r.waiting.Add(1) > r.queue {
		return nil, tooManySearches(r.patience)
	}
	timer := time.NewTimer(r.patience)
	defer timer.Stop()
	left := r.left.Load()
	select {
	case r.places <- struct{}{}:
		return leave, nil
	case <-timer.C:
		if r.left.Load() == left && cap(r.places) >= manyPlaces {
			return nil, catalog.Unavailable("the search index", errStuck)
		}
		return nil, tooManySearches(r.patience)
	case <-ctx.Done():
		return nil, catalog.Unavailable("the search index", ctx.Err())
	}
}

func tooManySearches(wait time.Duration) error {
	e := catalog.Unavailable("the search index", errTooManySearches)
	e.Message, e.Wait = "too many searches at this moment", max(2*wait, 2*time.Second)
	return e
}

// rooms keep one sort of question from taking the place of all others.
type rooms struct {
	searches *room // with a text
	dear     *room // whose plans cost more than ordinary ones
	lists    *room // without a text: the home page, lists, what belongs to an item, rankings
	typing   *room // suggestions
}

// searchPatience is how long a search waits for its place: it may take two seconds itself, and whoever
// searches would rather wait as long for hits than be told to try again.
const searchPatience = 2 * time.Second

// newRooms lets so many searches be asked at once, and as many lists; whoever waits in the
// longest queue is still answered before its patience ends on a machine that is well.
func newRooms(atOnce int) rooms {
	return rooms{
		searches: newRoom(atOnce, int64(32*atOnce), searchPatience),
		dear:     newRoom(max(1, atOnce/8), 4, time.Second/2),
		lists:    newRoom(atOnce, int64(32*atOnce), time.Second),
		typing:   newRoom(atOnce, int64(8*atOnce), time.Second/2),
	}
}

// of is the room for a question.
func (r rooms) of(q question) *room {
	switch {
	case !q.hasWords():
		return r.lists
	case q.isDear():
		return r.dear
	default:
		return r.searches
	}
}

// beginList takes a place among lists, for no longer than a search may take; end gives it back.
func (s *Searcher) beginList(ctx context.Context) (_ context.Context, end func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, searchDeadline)
	leave, err := s.rooms.lists.enter(ctx)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return ctx, func() { leave(); cancel() }, nil
}

// isDear says whether the question costs more than those that people ask.
func (q question) isDear() bool { return q.plan.Price() > plan.OrdinaryPrice }

// WithPlaces is the searcher with a bound on the questions that it asks Elasticsearch at
// once: so many searches, as many lists, as many suggestions, and an eighth of it of searches
// that cost more than ordinary ones.
func (s *Searcher) WithPlaces(atOnce int) *Searcher {
	out := *s
	out.rooms = newRooms(atOnce)
	return &out
}

// Price is what a query costs beyond an ordinary one, 0 for those that people type. It asks
// no server.
func (s *Searcher) Price(q catalog.Query) int {
	if q.Text == "" {
		return 0
	}
	return max(0, plan.Make(q.Text, s.synonyms).Price()-plan.OrdinaryPrice)
}
