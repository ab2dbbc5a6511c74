package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
	_ "time/tzdata" // --time-zone works on machines without a zone database

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/intake/mxonline"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/imports"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
)

func newImportCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE.jsonl...",
		Short: "Load or update a catalogue from lines of JSON",
		Long: `Load or update a catalogue: one JSON object a line, "-" for standard input.

  {"type":"org","key":"...","name":"...","description":"","category":"training|university|individual","city":"...","image":""}
  {"type":"teacher","key":"...","name":"...","org":"<key or name>","title":"","bio":"","image":""}
  {"type":"course","key":"...","name":"...","summary":"","description":"","org":"<key or name>",
   "teachers":["<key or name>"],"category":"","level":"beginner|intermediate|advanced","tags":[""],"language":"zh",
   "minutes":0,"students":0,"image":"","hidden":false,"created_at":"2020-01-31T00:00:00Z"}

Items are matched by type and key, and a line replaces what an earlier import said of its item: a field that is
left out gets its default, created_at alone stays. Importing the same file again changes nothing. Lines may come
in any order, also over several files. An org or a teacher is named by key, or else by exact name (of several
teachers of a name the one of the course's org is meant); one that no line defines is made. Of two lines with one
key the last counts; in one file that is reported as a mistake, in two it is an update.

A bad line is reported as FILE:LINE: field: reason (value) and left out; the rest goes in. Exit status: 0 when
every line went in, 1 when not.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			return a.intake(cmd.Context(), func(ctx context.Context, store intake.Store, o intake.Options) (intake.Summary, error) {
				o.Stdin = cmd.InOrStdin()
				return intake.Import(ctx, store, files, o)
			})
		},
	}
	cmd.AddCommand(newImportMxonlineCommand(a))
	return cmd
}

func newImportMxonlineCommand(a *app) *cobra.Command {
	var dsn, passwordFile, zone string
	var o mxonline.Options
	cmd := &cobra.Command{
		Use:   "mxonline --dsn DSN",
		Short: "Carry over the catalogue of a Django platform of the mxonline family",
		Long: "Read the tables of a Django platform of the mxonline family (courses_course, organizations_courseorg, …)\n" +
			"and carry over orgs, teachers, courses, lessons, videos and resources. Their keys here are mxonline:KIND:ID,\n" +
			"so doing it again brings what changed and nothing else. The source is only read. What is not carried over,\n" +
			"accounts among it, is listed at the end.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Location, err = time.LoadLocation(zone); err != nil {
				return catalog.Invalidf("time-zone", "%q is not a time zone such as Asia/Shanghai", zone)
			}
			if dsn, err = withPassword(dsn, passwordFile, cmd.InOrStdin()); err != nil {
				return err
			}
			return a.importMxonline(cmd.Context(), dsn, o)
		},
	}
	cmd.Flags().StringVar(&dsn, "dsn", "", "the platform's database: user@tcp(host:port)/database")
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "holds its password, - is standard input (or set XUNKE_IMPORT_PASSWORD); other users of the machine see a password in --dsn")
	cmd.Flags().StringVar(&o.MediaURL, "media-url", "", "where its media folder is served; without it images and files are left out")
	cmd.Flags().StringVar(&zone, "time-zone", "UTC", "of its dates (TIME_ZONE in its settings, if USE_TZ is off)")
	cmd.Flags().StringVar(&o.Language, "language", "zh", "of its courses")
	_ = cmd.MarkFlagRequired("dsn") // it is defined above
	return cmd
}

func (a *app) importMxonline(ctx context.Context, dsn string, o mxonline.Options) error {
	from, err := mysql.OpenForeign(ctx, dsn)
	if err != nil {
		return fmt.Errorf("open the platform's database: %w", err)
	}
	defer func() { _ = from.Close() }()
	var report mxonline.Report
	return a.intake(ctx, func(ctx context.Context, store intake.Store, common intake.Options) (intake.Summary, error) {
		var summary intake.Summary
		var err error
		o.Options = common
		summary, report, err = mxonline.Import(ctx, from, store, o)
		return summary, err
	}, &report)
}

// intake opens the catalogue, keeps other imports out, runs one and says what it did.
// extra is something more to say, filled by run.
func (a *app) intake(ctx context.Context, run func(context.Context, intake.Store, intake.Options) (intake.Summary, error), extra ...fmt.Stringer) (err error) {
	db, err := a.mysql(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	pending, err := mysql.PendingMigrations(ctx, db.Write)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return &catalog.Error{
			Code: catalog.CodeUnavailable, Hint: "run: xunke migrate",
			Message: fmt.Sprintf("the schema lacks %d migrations", len(pending)),
		}
	}
	store := imports.NewStore(db.Write)
	release, err := store.Exclusive(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()

	var meter *progress.Meter
	report := func(p intake.Problem) { fmt.Fprintln(os.Stderr, p) }
	if !a.json {
		meter = progress.New(os.Stderr)
		report = func(p intake.Problem) { meter.Message(p.String()) }
	}
	summary, err := run(ctx, store, intake.Options{Progress: meter, Report: report})
	meter.End()
	if err == nil || summary.Items() > 0 {
		if err := a.printSummary(summary, extra); err != nil {
			return err
		}
	}
	if err == nil && summary.Bad > 0 {
		return exitError(1)
	}
	return err
}

// intakeOutcome is what --json prints: the summary and, where there is more to say, that.
type intakeOutcome struct {
	intake.Summary
	Source any `json:"source,omitempty"`
}

func (a *app) printSummary(s intake.Summary, extra []fmt.Stringer) error {
	if a.json {
		out := intakeOutcome{Summary: s}
		if len(extra) > 0 {
			out.Source = extra[0]
		}
		return printJSON(out)
	}
	rows := table.Rows{{"", "new", "updated", "unchanged"}}
	for _, kind := range []struct {
		name  string
		count intake.Count
	}{{"orgs", s.Orgs}, {"teachers", s.Teachers}, {"courses", s.Courses}, {"enrolments", s.Enrolments}, {"ratings", s.Ratings}} {
		if (kind.name == "enrolments" || kind.name == "ratings") && kind.count.Total() == 0 {
			continue // lines of JSON have none
		}
		rows = append(rows, []string{
			kind.name, progress.Thousands(kind.count.Created), progress.Thousands(kind.count.Updated), progress.Thousands(kind.count.Unchanged),
		})
	}
	fmt.Print(rows)
	for _, line := range []struct {
		n    int64
		text string
	}{
		{s.OrgsMade, "orgs made that are named and nowhere defined"},
		{s.TeachersMade, "teachers made that are named and nowhere defined"},
		{s.Replaced, "lines replaced by a later file"},
		{s.Warnings, "values or references left out"},
		{s.Bad, "bad, not gone in"},
	} {
		if line.n > 0 {
			fmt.Printf("%s %s\n", progress.Thousands(line.n), line.text)
		}
	}
	for _, e := range extra {
		fmt.Print(e)
	}
	fmt.Printf("total %s in %s (%s/s)\n", progress.Thousands(s.Items()),
		progress.Duration(time.Duration(s.Seconds*float64(time.Second))), progress.Thousands(int64(s.PerSecond)))
	return nil
}
