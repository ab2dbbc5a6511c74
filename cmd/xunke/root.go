package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/mysql"
)

// app is what every command shares: the configuration, the log and how to open things.
type app struct {
	configFile string
	json       bool
	config     config.Config
	log        *slog.Logger
}

func newRootCommand() *cobra.Command {
	a := &app{}
	root := &cobra.Command{
		Use:           "xunke",
		Short:         "Xunke 寻课: search for course catalogues",
		Long:          "Xunke 寻课 keeps a course catalogue in MySQL searchable in Elasticsearch, about a second after each change.",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.load(cmd.ErrOrStderr())
		},
	}
	root.PersistentFlags().StringVar(&a.configFile, "config", "", "configuration file")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON for machines")
	root.AddCommand(commands(a)...)
	return root
}

func (a *app) load(stderr io.Writer) error {
	c, err := config.Load(a.configFile)
	if err != nil {
		return err
	}
	a.config = c
	a.log = logger(stderr, c.Log, slog.LevelDebug)
	return nil
}

// logger writes what the configuration wants to see, and nothing below least.
func logger(w io.Writer, c config.Log, least slog.Level) *slog.Logger {
	var level slog.Level
	// The configuration is validated: its level is one of slog's.
	_ = level.UnmarshalText([]byte(c.Level))
	options := &slog.HandlerOptions{Level: max(level, least)}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// mysql opens the source of truth.
func (a *app) mysql(ctx context.Context) (*mysql.Pool, error) {
	return mysql.Open(ctx, a.config.MySQL.DSN, a.config.MySQL.Addresses...)
}

// withStore runs a subcommand with a store of MySQL open.
func withStore[S any](a *app, open func(*sql.DB) S, run func(context.Context, S, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		db, err := a.mysql(cmd.Context())
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }()
		return run(cmd.Context(), open(db.Write), args)
	}
}

// elasticsearch opens the client of the indices.
func (a *app) elasticsearch() (*elastic.Client, error) {
	e := a.config.Elasticsearch
	return elastic.Open(elastic.Options{Addresses: e.Addresses, Username: e.Username, Password: e.Password, APIKey: e.APIKey, CA: e.CA, Prefix: e.Prefix})
}

// printJSON writes one JSON value, indented, to standard output.
func printJSON(v any) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
