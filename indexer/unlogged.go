package indexer

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/retry"
)

// tablesEvery is how often it is looked whether tables were made anew.
const tablesEvery = 5 * time.Second

// visibleWithin is how long after the stream has told of a statement a look at the tables may
// still find them as they were: MySQL writes the binlog first. When a table of such a statement
// was made is taken from the look that comes after that.
const visibleWithin = time.Second

// runTables finds tables that were dropped and made again with nothing of it on the binlog,
// as by a dump of mysqldump with default options, which begins with SQL_LOG_BIN = 0: no GTID
// tells of its rows. MySQL notes when each table was made. Where that has changed and the
// stream has not told of a statement that did it, everything that uses the table is read again.
func (l *leader) runTables(ctx context.Context) error {
	return retry.Every(ctx, tablesEvery, l.compareTables)
}

// noteStatement is binlog.Options.OnStatement: of tables that a statement defines it is no longer
// known when they were made. The state says so with the statement's acknowledgement, so that a
// leadership that begins before the next look does not take them for made anew in secret.
func (l *leader) noteStatement(tables []string) {
	l.statements.note(tables)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.TablesCreated = maps.Clone(l.state.TablesCreated)
	for _, table := range tables {
		delete(l.state.TablesCreated, table)
	}
}

func (l *leader) compareTables(ctx context.Context) error {
	began := time.Now()
	created, err := l.Source.TablesCreated(ctx)
	if err != nil {
		return err
	}
	state, _ := l.look()
	anew := TablesAnew(state.TablesCreated, created)
	if len(anew) > 0 {
		// What made them may be on the binlog, and on its way here.
		if err := l.catchUpMark(ctx, "tables"); err != nil {
			return err
		}
	}
	anew, reason := l.statements.explain(anew, began)
	l.update(func(s *State) {
		if s.TablesCreated = l.statements.settled(created, began); len(anew) > 0 {
			s.addTasks(sweepsOf(anew))
			l.recover(reason, "tables were made anew, and the binlog does not say by what: "+strings.Join(anew, ", "))
		}
	})
	if len(anew) == 0 {
		return nil
	}
	// Their columns may be others, and canal would not know.
	if err := l.save(ctx); err != nil {
		return err
	}
	return errRestart
}

// TablesAnew lists the tables that were made at another time than is known of them. One that
// is new, or whose time is not known, is none, nor is one that no documents are made of.
func TablesAnew(known, created map[string]int64) (anew []string) {
	for table, at := range created {
		if before, ok := known[table]; ok && before != at && len(binlog.KindsOf(table)) > 0 {
			anew = append(anew, table)
		}
	}
	slices.Sort(anew)
	return anew
}

// statements are when the stream last told of statements that define tables.
type statements struct {
	mu      sync.Mutex
	tables  map[string]time.Time
	unknown time.Time // a transaction without rows, of which it is not known what it did
	looked  time.Time // when they were last asked for an explanation
}

// note takes the tables of a statement; none are those of one that nobody understands.
func (s *statements) note(tables []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if len(tables) == 0 {
		s.unknown = now
	}
	if s.tables == nil {
		s.tables = map[string]time.Time{}
	}
	for _, table := range tables {
		s.tables[table] = now
	}
}

// explain returns those of the tables of which no statement has told since the look before
// the one that began then, and the reason to give for them.
func (s *statements) explain(anew []string, began time.Time) (left []string, reason Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := s.looked.Add(-visibleWithin)
	for _, table := range anew {
		if s.tables[table].Before(since) || s.tables[table].IsZero() {
			left = append(left, table)
		}
	}
	reason = ReasonUnlogged
	if !s.unknown.IsZero() && !s.unknown.Before(since) {
		reason = ReasonDefinition // OPTIMIZE TABLE, most likely
	}
	s.looked = began
	return left, reason
}

// settled returns when tables were made, as a look that began then has found it, without those of
// which the stream has told so recently that they may be made anew after it. Were such a time
// kept, the same statement would have to explain the next one too, and would excuse a table that is
// made anew in secret between the two looks.
func (s *statements) settled(created map[string]int64, began time.Time) map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	created = maps.Clone(created)
	maps.DeleteFunc(created, func(table string, _ int64) bool {
		told, ok := s.tables[table]
		return ok && !told.Before(began.Add(-visibleWithin))
	})
	return created
}

// sweepsOf are sweeps of all that is made of some tables.
func sweepsOf(tables []string) map[binlog.FanOut]struct{} {
	sweeps := map[binlog.FanOut]struct{}{}
	for _, table := range tables {
		for _, k := range binlog.KindsOf(table) {
			sweeps[binlog.FanOut{Relation: binlog.Every(k)}] = struct{}{}
		}
	}
	return sweeps
}
