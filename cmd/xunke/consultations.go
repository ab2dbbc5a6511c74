package main

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
)

func newConsultationsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "consultations",
		Short: "List the visitors who want to be called back, and export or erase what they said",
		Long: "List the visitors who want to be called back about a course, and note that they were.\n" +
			"The same is at /admin/consultations. They are deleted after api.consultations_kept.\n" +
			"export and erase answer a visitor who asks what is kept, or that it be deleted. Whoever\n" +
			"reads, exports or erases is in the audit.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var done bool
	var limit int
	list := &cobra.Command{
		Use: "list", Short: "List those who wait, oldest first", Args: cobra.NoArgs,
		RunE: a.withConsultations(func(ctx context.Context, s store.Consultations, _ []string) error {
			if limit < 1 || limit > 10_000 {
				return catalog.Invalidf("limit", "%d is not 1 to 10000", limit)
			}
			return a.listConsultations(ctx, s, done, limit)
		}),
	}
	list.Flags().BoolVar(&done, "done", false, "those who were called, newest first")
	list.Flags().IntVar(&limit, "limit", 100, "how many at most, 1 to 10000")
	cmd.AddCommand(list, &cobra.Command{
		Use: "done ID...", Short: "Note that visitors were called back", Args: cobra.MinimumNArgs(1),
		RunE: a.withConsultations(func(ctx context.Context, s store.Consultations, args []string) error {
			for _, arg := range args {
				id, err := parseID(arg)
				if err != nil {
					return err
				}
				if err := s.Finish(ctx, id, time.Now()); err != nil {
					return err
				}
			}
			return a.listConsultations(ctx, s, false, limit)
		}),
	})
	cmd.AddCommand(a.personalCommands()...)
	return cmd
}

// withConsultations runs a subcommand with the store open.
func (a *app) withConsultations(run func(context.Context, store.Consultations, []string) error) func(*cobra.Command, []string) error {
	as := func(db *sql.DB) store.Consultations { return store.NewConsultations(db).As(commandUser()) }
	return withStore(a, as, run)
}

// listedConsultations is what list --json prints.
type listedConsultations struct {
	Total         int64                        `json:"total"`
	Consultations []consultations.Consultation `json:"consultations"`
}

func (a *app) listConsultations(ctx context.Context, s store.Consultations, done bool, limit int) error {
	list, total, err := s.List(ctx, done, limit)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(listedConsultations{Total: total, Consultations: list})
	}
	if len(list) == 0 {
		fmt.Println("There are none.")
		return nil
	}
	t := table.Rows{{"id", "name", "mobile", "course", "asked"}}
	for _, c := range list {
		t = append(t, []string{strconv.FormatInt(c.ID, 10), c.Name, c.Mobile, c.Course, c.AskedAt.UTC().Format(time.DateTime)})
	}
	fmt.Print(t)
	fmt.Printf("%s in all; times are UTC. After a call: xunke consultations done ID\n", progress.Thousands(total))
	return nil
}
