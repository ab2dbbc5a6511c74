package main

import (
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

func newUpCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Serve and index in one process, for one machine",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.warnOfVariables()
			for _, role := range []string{"api", "indexer"} {
				release, err := a.writePID(role)
				if err != nil {
					return err
				}
				defer release()
			}
			group, ctx := errgroup.WithContext(cmd.Context())
			group.Go(func() error { return a.serve(ctx, false) })
			group.Go(func() error { return a.index(ctx) })
			return group.Wait()
		},
	}
}
