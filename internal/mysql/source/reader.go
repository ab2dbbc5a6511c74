package source

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/mappings"
)

// gtidWait bounds the wait for a transaction that is on the binlog to become visible.
// It takes a fraction of a millisecond; more than this means that something is wrong.
const gtidWait = 30 * time.Second

// Reader reads documents for the indexer.
type Reader struct {
	db           *sql.DB
	installation string
}

var (
	_ indexer.Reader = (*Reader)(nil)
	_ indexer.Sizer  = (*Reader)(nil)
)

// NewReader makes a reader on an open database for an installation, whose name is the
// prefix of its indices.
func NewReader(db *sql.DB, installation string) *Reader {
	return &Reader{db: db, installation: installation}
}

// Read implements indexer.Reader. The number of executed transactions is read before
// the snapshot begins: a transaction that commits in between makes the version too low,
// never too high.
func (r *Reader) Read(ctx context.Context, wait string, keys []catalog.Key, days map[catalog.Key][]int64) (s indexer.Snapshot, err error) {
	err = r.snapshot(ctx, wait, func(conn *sql.Conn, server string, executed uint64) error {
		s = indexer.Snapshot{
			ServerUUID: server, Executed: executed,
			Courses:   map[int64]mappings.Course{},
			Stars:     map[int64]int64{},
			Orgs:      map[int64]mappings.Org{},
			Teachers:  map[int64]mappings.Teacher{},
			Histories: map[catalog.Key][]catalog.DailyCounts{},
		}
		ids := map[catalog.Kind][]int64{}
		for _, k := range keys {
			if k == binlog.Sentinel() {
				var err error
				if s.Sentinel, err = loadSentinel(ctx, conn, r.installation); err != nil {
					return err
				}
				continue
			}
			ids[k.Kind] = append(ids[k.Kind], k.ID)
		}
		if err := loadCourses(ctx, conn, ids[catalog.KindCourse], s.Courses, s.Stars); err != nil {
			return err
		}
		if err := loadOrgs(ctx, conn, ids[catalog.KindOrg], s.Orgs); err != nil {
			return err
		}
		if err := loadTeachers(ctx, conn, ids[catalog.KindTeacher], s.Teachers); err != nil {
			return err
		}
		return loadHistories(ctx, conn, ids, days, s.Histories)
	})
	return s, explainSchema(err)
}

// loadHistories reads the daily counts of items: of those in days no more than these days, of
// the others all.
func loadHistories(ctx context.Context, q mysql.Querier, ids map[catalog.Kind][]int64, days map[catalog.Key][]int64, into map[catalog.Key][]catalog.DailyCounts) error {
	for kind, of := range ids {
		var whole []int64
		some := map[int64][]int64{} // items by the days to read of them
		for _, id := range of {
			numbers, ok := days[catalog.Key{Kind: kind, ID: id}]
			if !ok {
				whole = append(whole, id)
			}
			for _, n := range numbers {
				some[n] = append(some[n], id)
			}
		}
		histories, err := mysql.DailyCounts(ctx, q, kind, whole)
		if err != nil {
			return err
		}
		for _, n := range slices.Sorted(maps.Keys(some)) {
			day := catalog.DayOf(n)
			counts, err := mysql.CountsOf(ctx, q, kind, some[n], day)
			if err != nil {
				return err
			}
			for id, c := range counts {
				histories[id] = append(histories[id], c)
			}
		}
		for id, h := range histories {
			into[catalog.Key{Kind: kind, ID: id}] = h
		}
	}
	return nil
}

// explainSchema says what to do about a column or a table that is gone. Nothing can be done
// without an admin: a document without its field would be wrong.
func explainSchema(err error) error {
	if !mysql.IsServerError(err, mysql.ErrnoUnknownColumn) && !mysql.IsServerError(err, mysql.ErrnoNoSuchTable) {
		return err
	}
	return &catalog.Error{
		Code: catalog.CodeInvalid, Message: "the schema lacks what documents are made of", Cause: err,
		Hint: "add it again as internal/mysql/migrations defines it; until then the documents that are there serve, and then they are read again by themselves",
	}
}

// Parents implements indexer.Reader.
func (r *Reader) Parents(ctx context.Context, wait string, courses, counted []int64) (parents map[int64][]catalog.Key, days map[int64]binlog.Days, err error) {
	if len(courses) == 0 {
		return nil, nil, nil
	}
	err = r.snapshot(ctx, wait, func(conn *sql.Conn, _ string, _ uint64) error {
		parents, days = make(map[int64][]catalog.Key, len(courses)), make(map[int64]binlog.Days, len(counted))
		marks, args := mysql.Placeholders(courses)
		err := mysql.EachRow(ctx, conn, `
			SELECT id, 'org', org_id FROM courses WHERE id IN (`+marks+`) AND org_id <= `+GreatestID+`
			UNION ALL
			SELECT course_id, 'teacher', teacher_id FROM course_teachers WHERE course_id IN (`+marks+`) AND teacher_id <= `+GreatestID, append(args, args...), func(rows *sql.Rows) error {
			var course int64
			var k catalog.Key
			err := rows.Scan(&course, &k.Kind, &k.ID)
			parents[course] = append(parents[course], k)
			return err
		})
		if err != nil || len(counted) == 0 {
			return err
		}
		marks, args = mysql.Placeholders(counted)
		return mysql.EachRow(ctx, conn, `SELECT course_id, day FROM course_daily_counts WHERE course_id IN (`+marks+`)`, args, func(rows *sql.Rows) error {
			var course int64
			var day time.Time
			if err := rows.Scan(&course, &day); err != nil {
				return err
			}
			if day.IsZero() { // a date without a day, which has no number
				days[course] = binlog.EveryDay()
			} else {
				days[course] = days[course].With(binlog.OneDay(catalog.DayNumber(day)))
			}
			return nil
		})
	})
	return parents, days, err
}

// snapshotTries is how often a snapshot is begun that the definition of a table ends.
const snapshotTries = 5

// snapshot runs read in a consistent snapshot taken after the wait, and tells it which
// server that is of and how many transactions the server had executed before. A snapshot
// does not survive an ALTER of a table that is read in it; then read runs again, in
// another one.
func (r *Reader) snapshot(ctx context.Context, wait string, read func(*sql.Conn, string, uint64) error) (err error) {
	conn, err := r.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to MySQL: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// READ COMMITTED silently ignores WITH CONSISTENT SNAPSHOT, and max_execution_time
	// would cut the wait short.
	if _, err := conn.ExecContext(ctx, `SET SESSION transaction_isolation = 'REPEATABLE-READ', max_execution_time = 0`); err != nil {
		return fmt.Errorf("prepare snapshot: %w", err)
	}
	if wait != "" {
		var timedOut sql.NullInt64
		if err := conn.QueryRowContext(ctx, `SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?)`, wait, gtidWait.Seconds()).Scan(&timedOut); err != nil {
			return fmt.Errorf("wait for transactions %s: %w", wait, err)
		}
		if !timedOut.Valid || timedOut.Int64 != 0 {
			return fmt.Errorf("wait for transactions %s: not executed within %s", wait, gtidWait)
		}
	}
	for range snapshotTries {
		if err = readOnce(ctx, conn, read); !mysql.IsServerError(err, mysql.ErrnoTableChanged) {
			break
		}
	}
	return err
}

func readOnce(ctx context.Context, conn *sql.Conn, read func(*sql.Conn, string, uint64) error) error {
	var server, executed string
	if err := conn.QueryRowContext(ctx, `SELECT @@server_uuid, @@GLOBAL.gtid_executed`).Scan(&server, &executed); err != nil {
		return fmt.Errorf("read executed transactions: %w", err)
	}
	n, err := gtid.Count(executed)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY`); err != nil {
		return fmt.Errorf("begin snapshot: %w", err)
	}
	err = read(conn, server, n)
	if _, end := conn.ExecContext(ctx, `COMMIT`); end != nil {
		err = errors.Join(err, fmt.Errorf("end snapshot: %w", end))
		// A connection that may hold a snapshot must not go back to the pool.
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	return err
}

// GreatestID is the greatest id of an item: the id columns are unsigned, those of
// Elasticsearch and of Go are not. A row beyond is in no document, and xunke doctor tells of it.
const GreatestID = "9223372036854775807"

// pages are the statements that list a relation's documents after a cursor.
var pages = map[binlog.Relation]string{
	binlog.CoursesOfOrg:      `SELECT id FROM courses WHERE org_id = ? AND id > ? ORDER BY id LIMIT ?`,
	binlog.TeachersOfOrg:     `SELECT id FROM teachers WHERE org_id = ? AND id > ? ORDER BY id LIMIT ?`,
	binlog.CoursesOfTeacher:  `SELECT course_id FROM course_teachers WHERE teacher_id = ? AND course_id > ? ORDER BY course_id LIMIT ?`,
	binlog.CoursesOfTag:      `SELECT course_id FROM course_tags WHERE tag_id = ? AND course_id > ? ORDER BY course_id LIMIT ?`,
	binlog.CoursesOfCategory: `SELECT id FROM courses WHERE category_id = ? AND id > ? ORDER BY id LIMIT ?`,
	binlog.OrgsOfCity:        `SELECT id FROM orgs WHERE city_id = ? AND id > ? ORDER BY id LIMIT ?`,
	binlog.TeachersOfCity: `SELECT t.id FROM teachers t JOIN orgs o ON o.id = t.org_id
		WHERE o.city_id = ? AND t.id > ? ORDER BY t.id LIMIT ?`,
	binlog.CoursesOfCity: `SELECT c.id FROM courses c JOIN orgs o ON o.id = c.org_id
		WHERE o.city_id = ? AND c.id > ? ORDER BY c.id LIMIT ?`,
	binlog.EveryCourse:  `SELECT id FROM courses WHERE ? = 0 AND id > ? ORDER BY id LIMIT ?`,
	binlog.EveryOrg:     `SELECT id FROM orgs WHERE ? = 0 AND id > ? ORDER BY id LIMIT ?`,
	binlog.EveryTeacher: `SELECT id FROM teachers WHERE ? = 0 AND id > ? ORDER BY id LIMIT ?`,
}

// Page implements indexer.Reader.
func (r *Reader) Page(ctx context.Context, f binlog.FanOut, after int64, limit int) ([]int64, error) {
	query, ok := pages[f.Relation]
	if !ok {
		return nil, fmt.Errorf("list documents: there is no relation %q", f.Relation)
	}
	var ids []int64
	err := mysql.EachRow(ctx, r.db, query, []any{f.ID, after, limit}, func(rows *sql.Rows) error {
		var id uint64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if id <= math.MaxInt64 {
			ids = append(ids, int64(id))
		}
		return nil
	})
	return ids, err
}

// Size implements indexer.Sizer. It counts what Page lists.
func (r *Reader) Size(ctx context.Context, f binlog.FanOut) (int64, error) {
	query, ok := pages[f.Relation]
	if !ok {
		return 0, fmt.Errorf("count documents: there is no relation %q", f.Relation)
	}
	var n int64
	if err := r.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM ("+query+") AS listed", f.ID, 0, math.MaxInt64).Scan(&n); err != nil {
		return 0, fmt.Errorf("count %s of %d: %w", f.Relation, f.ID, err)
	}
	return n, nil
}

// Last implements indexer.Reader.
func (r *Reader) Last(ctx context.Context, k catalog.Kind) (int64, error) {
	var id int64
	if err := r.db.QueryRowContext(ctx, "SELECT COALESCE(MAX(id), 0) FROM "+k.Plural()+" WHERE id <= "+GreatestID).Scan(&id); err != nil {
		return 0, fmt.Errorf("find the last of %s: %w", k.Plural(), err)
	}
	return id, nil
}

// Count implements indexer.Reader.
func (r *Reader) Count(ctx context.Context, k catalog.Kind) (int64, error) {
	var n int64
	if err := r.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+k.Plural()+" WHERE NOT hidden AND id <= "+GreatestID).Scan(&n); err != nil {
		return 0, fmt.Errorf("count %s: %w", k.Plural(), err)
	}
	return n, nil
}
