// Package lookup answers searches out of MySQL while Elasticsearch is away: items whose
// name has the words, or that belong to an org, a teacher or a tag that has them. It knows
// no pinyin, no typing errors, no facets and no relevance beyond the name.
//
// What a statement costs is bounded whatever is asked: names are scanned in the indexes on
// them, which hold nothing else; of what is found so many items are looked at; and MySQL
// ends the statement after timeLimit. There is no FULLTEXT index: adding the first one to a
// table copies it and blocks writes meanwhile, and each write of a name would pay for an
// index that is read only while another server is away.
package lookup

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/standby"
)

const (
	// mostFound is how many items each way of finding gives at most.
	mostFound = 1000
	// mostListed is how many of the newest items a list without a text is made of.
	mostListed = 10_000
	// mostOwners is how many orgs or teachers that match lead to what belongs to them.
	mostOwners = 20
	// limited begins every statement: MySQL ends it after 700 ms.
	limited = "SELECT /*+ MAX_EXECUTION_TIME(700) */ "
)

// Searcher answers queries out of the rows. It is safe for concurrent use.
type Searcher struct {
	db    *sql.DB
	guard *mysql.Guard // nil: readers wait for as long as their contexts last
}

var _ standby.Rows = (*Searcher)(nil)

// New makes a searcher on an open database.
func New(db *sql.DB) *Searcher { return &Searcher{db: db} }

// WithGuard reads through a guard.
func (s *Searcher) WithGuard(g *mysql.Guard) *Searcher { return &Searcher{db: s.db, guard: g} }

// Search implements standby.Rows. Totals count what was looked at: no more than mostListed
// items of a kind. Explain, Exact and Cursor say nothing here.
func (s *Searcher) Search(ctx context.Context, q catalog.Query) (a catalog.Answer, err error) {
	a = catalog.Answer{Query: q.Text, Notices: []catalog.Notice{}, Degraded: true}
	for _, k := range q.Kinds {
		if !hasFacets(k, q.Filters) {
			continue
		}
		switch k {
		case catalog.KindCourse:
			a.Courses, err = section(ctx, s, courseSource, q, s.courseHits)
		case catalog.KindOrg:
			a.Orgs, err = section(ctx, s, orgSource, q, s.orgHits)
		case catalog.KindTeacher:
			a.Teachers, err = section(ctx, s, teacherSource, q, s.teacherHits)
		}
		if err != nil {
			return catalog.Answer{}, fmt.Errorf("look for %s in MySQL: %w", k.Plural(), err)
		}
	}
	return a, nil
}

func hasFacets(k catalog.Kind, chosen map[catalog.Facet][]string) bool {
	for f, values := range chosen {
		if len(values) > 0 && !catalog.HasFacet(k, f) {
			return false
		}
	}
	return true
}

// section finds one page of a kind.
func section[H any](ctx context.Context, s *Searcher, from source, q catalog.Query, read func(context.Context, []int64) ([]H, error)) (*catalog.Section[H], error) {
	out := &catalog.Section[H]{Hits: []H{}, Facets: map[catalog.Facet][]catalog.FacetValue{}}
	w := wordsOf(q.Text)
	if q.Text != "" && len(w.all) == 0 {
		return out, nil
	}
	ids, total, err := s.page(ctx, from.statement(w, q), q.PerPage, (q.Page-1)*q.PerPage)
	if err == nil && len(ids) == 0 && q.Page > 1 { // rows carry the total, and there is none
		_, total, err = s.page(ctx, from.statement(w, q), 1, 0)
	}
	if err != nil {
		return nil, err
	}
	out.Total = total
	if len(ids) > 0 {
		out.Hits, err = read(ctx, ids)
	}
	return out, err
}

// page asks for some of the ids that a statement finds, in its order, and their number.
func (s *Searcher) page(ctx context.Context, found fragment, limit, offset int) (ids []int64, total int64, err error) {
	paged := found.and(" LIMIT ? OFFSET ?", limit, offset)
	err = s.each(ctx, paged, func(rows *sql.Rows) error {
		var id int64
		if err := rows.Scan(&id, &total); err != nil {
			return err
		}
		ids = append(ids, id)
		return nil
	})
	return ids, total, err
}

// each reads the rows of one statement.
func (s *Searcher) each(ctx context.Context, f fragment, scan func(*sql.Rows) error) error {
	return s.guard.Do(ctx, func(ctx context.Context) error {
		return mysql.ReadError(mysql.EachRow(ctx, s.db, f.text, f.args, scan))
	})
}

// fragment is a piece of SQL with the arguments of its question marks.
type fragment struct {
	text string
	args []any
}

func sqlOf(text string, args ...any) fragment { return fragment{text, args} }

func (f fragment) and(text string, args ...any) fragment {
	return fragment{f.text + text, append(append([]any{}, f.args...), args...)}
}

// join puts a separator between pieces.
func join(pieces []fragment, separator string) fragment {
	var out fragment
	texts := make([]string, len(pieces))
	for i, p := range pieces {
		texts[i] = p.text
		out.args = append(out.args, p.args...)
	}
	out.text = strings.Join(texts, separator)
	return out
}

// append puts another piece behind.
func (f fragment) append(g fragment) fragment { return f.and(g.text, g.args...) }

// replaceMarks puts question marks in the place of %s.
func replaceMarks(condition, marks string) string { return strings.Replace(condition, "%s", marks, 1) }
