package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/store"
)

func newMigrateCommand(a *app) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema of the source of truth up to date",
		Long: "Create the database if it is not there, apply the migrations that it has not had yet and add the\n" +
			"synonyms that come with the program.\n" +
			"Several processes may do this at once: one migrates, the others wait.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.migrate(cmd.Context(), dryRun)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only list what would be applied")
	return cmd
}

// migrateOutcome is what --json prints.
type migrateOutcome struct {
	CreatedDatabase bool     `json:"created_database"`
	Applied         int      `json:"applied"`
	Pending         []string `json:"pending"` // before, or with --dry-run still
}

func (a *app) migrate(ctx context.Context, dryRun bool) error {
	var out migrateOutcome
	var err error
	if !dryRun {
		if out.CreatedDatabase, err = mysql.EnsureDatabase(ctx, a.config.MySQL.DSN, a.config.MySQL.Addresses...); err != nil {
			return err
		}
	}
	db, err := a.mysql(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if out.Pending, err = mysql.PendingMigrations(ctx, db.Write); err != nil {
		return err
	}
	if !dryRun {
		if out.Applied, err = mysql.Migrate(ctx, db.Write); err != nil {
			return err
		}
		if err = shipSynonyms(ctx, store.NewSynonyms(db.Write)); err != nil {
			return err
		}
	}
	if a.json {
		out.Pending = append([]string{}, out.Pending...)
		return printJSON(out)
	}
	switch {
	case len(out.Pending) == 0:
		fmt.Println("the schema is up to date")
	case dryRun:
		fmt.Printf("%d to apply:\n", len(out.Pending))
		for _, name := range out.Pending {
			fmt.Println("  " + name)
		}
	default:
		fmt.Printf("applied %d migrations\n", out.Applied)
	}
	return nil
}
