package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/intake/demo"
	"github.com/xunke/xunke/internal/mysql/imports"
)

func newDemoCommand(a *app) *cobra.Command {
	var courses int
	var seed uint64
	var ifEmpty bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Load a made-up catalogue",
		Long: "Make up a catalogue and load it: 40 orgs, 200 teachers and 3,000 courses with lessons, videos and the\n" +
			"daily counts of the last 60 days, or many more. The same seed gives the same catalogue; a larger one\n" +
			"begins with the smaller one, and loading it again changes nothing. Names are invented.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.demo(cmd.Context(), courses, seed, ifEmpty)
		},
	}
	cmd.Flags().IntVar(&courses, "courses", demo.DefaultCourses, "how many courses; orgs and teachers grow with them")
	cmd.Flags().Uint64Var(&seed, "seed", demo.DefaultSeed, "another number gives another catalogue")
	cmd.Flags().BoolVar(&ifEmpty, "if-empty", false, "do nothing if there is a catalogue already")
	return cmd
}

func (a *app) demo(ctx context.Context, courses int, seed uint64, ifEmpty bool) error {
	generator, err := demo.New(courses, seed, time.Now())
	if err != nil {
		return err
	}
	if ifEmpty {
		empty, err := a.emptyCatalogue(ctx)
		if err != nil {
			return err
		}
		if !empty {
			if !a.json {
				fmt.Println("there is a catalogue already; nothing was made")
				return nil
			}
			return a.printSummary(intake.NewRecord(nil).Summary(), nil)
		}
	}
	return a.intake(ctx, generator.Import)
}

func (a *app) emptyCatalogue(ctx context.Context) (empty bool, err error) {
	db, err := a.mysql(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return imports.NewStore(db.Write).Empty(ctx)
}
