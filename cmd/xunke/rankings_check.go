package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/rankings"
)

func newRankingsCheckCommand(a *app) *cobra.Command {
	var fix bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Compare the boards in Redis with the daily counts in MySQL, score by score (--fix: rebuild them if they differ)",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.checkRankings(cmd.Context(), fix) },
	}
	cmd.Flags().BoolVar(&fix, "fix", false, "rebuild the boards if they differ, and compare again")
	return cmd
}

func (a *app) checkRankings(ctx context.Context, fix bool) error {
	db, err := a.mysql(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	cache := redis.Open(redis.Options(a.config.Redis), a.log)
	defer func() { _ = cache.Close() }()
	scoring := a.config.Rankings.Scoring()
	check := &rankings.Check{
		Boards: boards.New(cache, scoring), Source: store.NewRankingSource(db.Write), Scoring: scoring, Pause: time.Second,
	}
	all, equal, err := compareBoards(ctx, check)
	if err == nil && !equal && fix {
		if _, err = a.runRebuild(ctx); err == nil {
			all, equal, err = compareBoards(ctx, check)
		}
	}
	if err != nil {
		return err
	}
	if a.json {
		if err := printJSON(all); err != nil {
			return err
		}
	} else {
		fmt.Print(ops.BoardsText(all))
		if !equal {
			fmt.Fprintln(os.Stderr, "the boards differ from MySQL (rebuild them: xunke rankings check --fix)")
		}
	}
	if !equal {
		return exitError(1)
	}
	return nil
}

func compareBoards(ctx context.Context, check *rankings.Check) (all []rankings.CheckResult, equal bool, err error) {
	equal = true
	for _, k := range catalog.Kinds() {
		c, err := check.Run(ctx, k)
		if err != nil {
			return nil, false, err
		}
		all, equal = append(all, c), equal && c.Equal()
	}
	return all, equal, nil
}
