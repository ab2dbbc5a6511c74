package rankings_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/rankings"
)

// rehearsed counts what it is asked, and never answers.
type rehearsed map[string]int

func (r rehearsed) Hottest(_ context.Context, q catalog.RankingQuery, _ time.Time) ([]catalog.RankingItem, error) {
	r[string(q.Kind)+" "+string(q.Window)]++
	return nil, errors.New("down")
}

func TestRehearse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		asked := rehearsed{}
		ended := make(chan error, 1)
		go func() { ended <- (&rankings.Service{Fallback: asked}).Rehearse(ctx) }()
		<-time.After(2*time.Minute + time.Second)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if len(asked) != 6 || asked["course week"] != 3 || asked["teacher rising"] != 3 {
			t.Errorf("in two minutes it was asked %v", asked)
		}
	})
}
