package mxonline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// Options say what a platform's tables do not. Every one may be left out.
type Options struct {
	intake.Options
	MediaURL string         // where its media folder is served; without it images and files are left out
	Location *time.Location // of its DATETIME columns; nil: UTC
	Language string         // of its courses; empty: zh
}

// Import reads a platform's catalogue in one snapshot and writes it to a store, in the
// manner of intake.Import. The source is only read. Doing it again changes what has
// changed there and nothing else.
func Import(ctx context.Context, from *sql.DB, store intake.Store, o Options) (summary intake.Summary, report Report, err error) {
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Language == "" {
		o.Language = "zh"
	}
	record := intake.NewRecord(o.Report)
	defer func() { summary = record.Summary() }()
	tx, err := from.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return summary, report, fmt.Errorf("read the platform: %w", err)
	}
	defer func() {
		if end := tx.Rollback(); !errors.Is(end, sql.ErrTxDone) { // a cancelled context has ended it already
			err = errors.Join(err, end)
		}
	}()
	s, err := discover(ctx, tx)
	if err != nil {
		return summary, report, err
	}
	record.Loader = &intake.Loader{Store: store, Progress: o.Progress, Report: record.Report}
	r := &reader{q: tx, schema: s, options: o, record: record, rows: map[role]int64{}, carried: map[role]int64{}}
	if err := r.load(ctx); err != nil {
		return summary, report, err
	}
	report = r.report()
	return summary, report, report.addOtherTables(ctx, tx, s.others)
}

// reader goes through the tables.
type reader struct {
	q       querier
	schema  *schema
	options Options
	record  *intake.Record
	cities  map[int64]string
	rows    map[role]int64
	carried map[role]int64
}

func (r *reader) load(ctx context.Context) error {
	for _, role := range roles {
		if t := r.schema.tables[role]; t != nil {
			n, err := count(ctx, r.q, t.name)
			if err != nil {
				return err
			}
			r.rows[role] = n
		}
	}
	if err := r.readCities(ctx); err != nil {
		return err
	}
	for _, part := range []struct {
		role role
		kind catalog.Kind
		make func(context.Context, *table, []record) ([]intake.Item, error)
	}{
		{orgs, catalog.KindOrg, r.orgs}, {teachers, catalog.KindTeacher, r.teachers}, {courses, catalog.KindCourse, r.courses},
	} {
		t := r.schema.tables[part.role]
		if t == nil {
			continue
		}
		items := r.pages(ctx, t, part.make)
		if err := r.record.Loader.Load(ctx, part.kind.Plural(), r.rows[part.role], items); err != nil {
			return err
		}
	}
	return r.enrolments(ctx)
}

func (r *reader) readCities(ctx context.Context) error {
	r.cities = map[int64]string{}
	t := r.schema.tables[cities]
	if t == nil {
		return nil
	}
	for after := int64(0); ; {
		records, err := t.page(ctx, r.q, after)
		if err != nil || len(records) == 0 {
			return err
		}
		for _, c := range records {
			r.cities[c.id] = c.get("name")
			after = c.id
			r.carried[cities]++
		}
	}
}

// pages yields the good items of a table; the others are reported.
func (r *reader) pages(ctx context.Context, t *table, convert func(context.Context, *table, []record) ([]intake.Item, error)) iter.Seq2[intake.Item, error] {
	return func(yield func(intake.Item, error) bool) {
		for after := int64(0); ; {
			records, err := t.page(ctx, r.q, after)
			if err == nil && len(records) == 0 {
				return
			}
			var items []intake.Item
			if err == nil {
				after = records[len(records)-1].id
				items, err = convert(ctx, t, records)
			}
			if err != nil {
				yield(intake.Item{}, err)
				return
			}
			for i, item := range items {
				item.Position = intake.Position{Source: t.name, Line: records[i].id}
				if problems := intake.Check(item); problems != nil {
					r.record.Reject(item.Position, problems)
					continue
				}
				r.carried[t.role]++
				r.count(item.Course)
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// count notes what goes along with a course.
func (r *reader) count(c *intake.Course) {
	if c == nil {
		return
	}
	r.carried[lessons] += int64(len(c.Details.Lessons))
	r.carried[resources] += int64(len(c.Details.Resources))
	for _, l := range c.Details.Lessons {
		r.carried[videos] += int64(len(l.Videos))
	}
}

func (r *reader) converter(t *table, id int64) *converter {
	return &converter{options: r.options, table: t.name, id: id, warn: r.record.Report}
}

func (r *reader) orgs(_ context.Context, t *table, records []record) ([]intake.Item, error) {
	var items []intake.Item
	for _, rec := range records {
		items = append(items, intake.Item{Org: r.converter(t, rec.id).org(rec, r.cities)})
	}
	return items, nil
}

func (r *reader) teachers(_ context.Context, t *table, records []record) ([]intake.Item, error) {
	var items []intake.Item
	for _, rec := range records {
		items = append(items, intake.Item{Teacher: r.converter(t, rec.id).teacher(rec)})
	}
	return items, nil
}

func (r *reader) courses(ctx context.Context, t *table, records []record) ([]intake.Item, error) {
	ids := make([]int64, len(records))
	for i, rec := range records {
		ids[i] = rec.id
	}
	byCourse := map[role]map[int64][]record{}
	for _, role := range []role{tags, lessons, resources} {
		var err error
		if byCourse[role], err = r.schema.tables[role].of(ctx, r.q, "course", ids); err != nil {
			return nil, err
		}
	}
	var lessonIDs []int64
	for _, ls := range byCourse[lessons] {
		for _, l := range ls {
			lessonIDs = append(lessonIDs, l.id)
		}
	}
	learners, err := r.learners(ctx, ids)
	if err != nil {
		return nil, err
	}
	byLesson, err := r.schema.tables[videos].of(ctx, r.q, "lesson", lessonIDs)
	if err != nil {
		return nil, err
	}
	var items []intake.Item
	for _, rec := range records {
		r.carried[tags] += int64(len(byCourse[tags][rec.id]))
		items = append(items, intake.Item{Course: r.converter(t, rec.id).course(rec, children{
			tags: byCourse[tags][rec.id], lessons: byCourse[lessons][rec.id], videos: byLesson, resources: byCourse[resources][rec.id],
			learners: learners[rec.id],
		})})
	}
	return items, nil
}

// report is what became of the tables that play a role.
func (r *reader) report() Report {
	var report Report
	for _, role := range roles {
		t := r.schema.tables[role]
		if t == nil {
			continue
		}
		line := TableReport{Table: t.name, Rows: r.rows[role], Carried: r.carried[role], Columns: t.unreadColumns()}
		if r.options.MediaURL == "" && t.read["image"] != "" {
			line.Note = "images need --media-url"
		}
		report.Tables = append(report.Tables, line)
	}
	return report
}
