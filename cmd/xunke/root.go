package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
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
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log.Level)); err != nil {
		return fmt.Errorf("read log.level: %w", err)
	}
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewTextHandler(stderr, options)
	if c.Log.Format == "json" {
		handler = slog.NewJSONHandler(stderr, options)
	}
	a.log = slog.New(handler)
	return nil
}

// mysql opens the source of truth.
func (a *app) mysql(ctx context.Context) (*sql.DB, error) {
	return mysql.Open(ctx, a.config.MySQL.DSN)
}

// elasticsearch opens the client of the indices.
func (a *app) elasticsearch() (*elastic.Client, error) {
	return elastic.Open(a.config.Elasticsearch)
}

// printJSON writes one JSON value, indented, to standard output.
func printJSON(v any) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
