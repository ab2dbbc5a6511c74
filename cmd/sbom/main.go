// Command sbom tells what a built xunke is made of: a software bill of materials in
// CycloneDX 1.6, from the modules that the linker noted in the binary, and the licences of
// all of them, which whoever hands the binary on has to hand on with it.
package main

import (
	"context"
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("sbom", flag.ContinueOnError)
	binary := flags.String("binary", "bin/xunke", "the program to look at")
	version := flags.String("version", "unknown", "its version")
	bill := flags.String("bill", "", "where the bill of materials is written")
	folder := flags.String("licences", "", "the folder that the licences are written to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(*binary)
	if err != nil {
		return fmt.Errorf("read what %s is made of: %w", *binary, err)
	}
	parts, err := partsOf(info)
	if err != nil {
		return err
	}
	if *folder != "" {
		for _, p := range parts {
			if err := p.copyLicences(*folder); err != nil {
				return err
			}
		}
	}
	if *bill == "" {
		return nil
	}
	text, err := billOf(info, *version, parts)
	if err != nil {
		return err
	}
	return os.WriteFile(*bill, text, 0o644) //nolint:gosec // it is handed on
}

// part is something that is linked, with the files that say under which terms.
type part struct {
	name, version, sum string
	folder             string // of its source
	files              []string
	licence            string // its SPDX identifier; empty: the files say it
}

// partsOf are the modules of a program and Go's own library. The error names those whose
// terms are not known: such a program must not be handed on.
func partsOf(info *debug.BuildInfo) ([]part, error) {
	goroot, err := output("go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	parts := []part{{name: "std", version: strings.TrimPrefix(info.GoVersion, "go"), folder: goroot}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		folder, err := output("go", "list", "-m", "-f", "{{.Dir}}", m.Path+"@"+m.Version)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{name: m.Path, version: m.Version, sum: m.Sum, folder: folder})
	}
	var errs []error
	for i := range parts {
		errs = append(errs, parts[i].findLicences())
	}
	return parts, errors.Join(errs...)
}

func output(name string, args ...string) (string, error) {
	out, err := exec.CommandContext(context.Background(), name, args...).Output() //nolint:gosec // our own arguments
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// terms are the names of files that say under which terms something may be used.
var terms = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|unlicense)([.-].*)?$`)

// findLicences looks for the files of a part.
func (p *part) findLicences() error {
	entries, err := os.ReadDir(p.folder)
	if err != nil {
		return fmt.Errorf("look for the licence of %s: %w", p.name, err)
	}
	for _, e := range entries {
		if e.Type().IsRegular() && terms.MatchString(e.Name()) {
			p.files = append(p.files, e.Name())
		}
	}
	if len(p.files) == 0 {
		return fmt.Errorf("%s@%s says nowhere under which terms it may be used", p.name, p.version)
	}
	for _, name := range p.files {
		text, err := os.ReadFile(filepath.Join(p.folder, name)) //nolint:gosec // of the module cache
		if err != nil {
			return err
		}
		if p.licence == "" {
			p.licence = identify(string(text))
		}
	}
	return nil
}

// marks are words that only one licence has, the narrower first.
var marks = []struct{ licence, words string }{
	{"Apache-2.0", "Apache License Version 2.0, January 2004"},
	{"MPL-2.0", "Mozilla Public License Version 2.0"},
	{"MPL-2.0", "Mozilla Public License, version 2.0"},
	{"BSD-3-Clause", "may be used to endorse or promote products"},
	{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright notice"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose"},
	{"ISC", "Permission to use, copy, modify, and distribute this software for any purpose"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
}

// identify is the SPDX identifier of a licence's text, empty for one that is not known.
func identify(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, m := range marks {
		if strings.Contains(text, m.words) {
			return m.licence
		}
	}
	return ""
}

// copyLicences copies the files of a part to FOLDER/NAME@VERSION.
func (p part) copyLicences(folder string) error {
	to := filepath.Join(folder, filepath.FromSlash(p.name)+"@"+p.version)
	if err := os.MkdirAll(to, 0o755); err != nil { //nolint:gosec // they are handed on
		return fmt.Errorf("copy licences: %w", err)
	}
	for _, name := range p.files {
		text, err := os.ReadFile(filepath.Join(p.folder, name)) //nolint:gosec // of the module cache
		if err != nil {
			return fmt.Errorf("copy licences: %w", err)
		}
		if err := os.WriteFile(filepath.Join(to, name), text, 0o644); err != nil { //nolint:gosec // they are handed on
			return fmt.Errorf("copy licences: %w", err)
		}
	}
	return nil
}
