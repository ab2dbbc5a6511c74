package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/xunke/xunke/internal/config"
)

func newConfigCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Show the effective configuration, secrets masked",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			masked := a.config.Mask()
			if a.json {
				return printJSON(masked)
			}
			return printConfig(masked)
		},
	}
}

func printConfig(c config.Config) error {
	from := c.File
	if from == "" {
		from = "no file (defaults and environment)"
	}
	fmt.Printf("# from: %s\n", from)
	settings, err := c.Settings()
	if err != nil {
		return err
	}
	enc := yaml.NewEncoder(os.Stdout)
	enc.SetIndent(2)
	if err := enc.Encode(settings); err != nil {
		return fmt.Errorf("print configuration: %w", err)
	}
	return enc.Close()
}
