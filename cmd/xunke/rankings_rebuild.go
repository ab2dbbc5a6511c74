package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/rankings"
)

func newRankingsRebuildCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild",
		Short: "Rebuild the rankings from MySQL while the old ones are served",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.rebuildRankings(cmd.Context()) },
	}
}

func (a *app) rebuildRankings(ctx context.Context) error {
	done, err := a.runRebuild(ctx)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(struct {
			rankings.RebuildResult
			Seconds float64 `json:"seconds"`
		}{done, done.Took.Seconds()})
	}
	fmt.Printf("rebuilt in %s: %d courses, %d orgs, %d teachers\n", done.Took.Round(time.Millisecond),
		done.Items[catalog.KindCourse], done.Items[catalog.KindOrg], done.Items[catalog.KindTeacher])
	return nil
}

// runRebuild rebuilds the boards and shows how far it is.
func (a *app) runRebuild(ctx context.Context) (done rankings.RebuildResult, err error) {
	db, err := a.mysql(ctx)
	if err != nil {
		return done, err
	}
	defer func() { _ = db.Close() }()
	cache := redis.Open(redis.Options(a.config.Redis), a.log)
	defer func() { _ = cache.Close() }()
	var meter *progress.Meter // silent
	if !a.json {
		meter = progress.New(os.Stderr)
	}
	var phase catalog.Kind
	rebuild := &rankings.Rebuild{
		Builder: boards.New(cache, a.config.Rankings.Scoring()), Source: store.NewRankingSource(db.Write), Log: a.log,
		Progress: func(k catalog.Kind, items int) {
			if k != phase {
				phase = k
				meter.Phase(k.Plural(), 0)
			}
			meter.Set(int64(items))
		},
	}
	done, err = rebuild.Run(ctx)
	meter.End()
	if errors.Is(err, rankings.ErrBusy) {
		err = &catalog.Error{
			Code: catalog.CodeUnavailable, Message: "the rankings are being rebuilt already",
			Hint: "wait until that is done, or a minute if it was killed", Cause: err,
		}
	}
	return done, err
}
