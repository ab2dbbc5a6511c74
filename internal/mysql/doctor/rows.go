package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/mysql/oracle"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/retry"
)

const unloggedWhy = "rows that change with nothing on the binlog are not indexed: those of a dump that mysqldump made with default options, or of sessions with sql_log_bin = 0"

// tablesAnew looks for tables that were dropped and made again since the indexer looked.
func (e *examination) tablesAnew(ctx context.Context) {
	c := doctor.Check{
		Name: "tables made anew", Why: unloggedWhy,
		Fix: "start the indexer, which reads everything again that is made of them: xunke index",
	}
	if e.TablesCreated == nil {
		return // nothing has been indexed yet
	}
	anew, err := source.TablesAnew(ctx, e.App.Write, e.TablesCreated)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	if len(anew) == 0 {
		e.Good(c, "none")
		return
	}
	e.Warn(c, "%s, since the indexer last looked", strings.Join(anew, ", "))
}

// How often rows and documents are counted that come and go, and how long it takes until
// searches find what is written.
const (
	countTries = 3
	countPause = time.Second
)

// counts compares how many visible rows and documents there are.
func (e *examination) counts(ctx context.Context) {
	c := doctor.Check{Name: "rows and documents", Why: unloggedWhy, Fix: "xunke verify --fix"}
	if e.Documents == nil || e.Acked == "" {
		return
	}
	for try := 1; ; try++ {
		found, equal, err := e.countOnce(ctx)
		switch {
		case err != nil:
			e.Unknown(c, err)
		case equal:
			e.Good(c, "%s", found)
		case try < countTries:
			if err := retry.Sleep(ctx, countPause); err != nil {
				e.Unknown(c, err)
				return
			}
			continue
		default:
			e.Warn(c, "%s", found)
		}
		return
	}
}

// countOnce says where the counts differ, and how many transactions waited when the state was
// read: their rows may well differ.
func (e *examination) countOnce(ctx context.Context) (found string, equal bool, err error) {
	reader := source.NewReader(e.App.Write, "")
	var parts []string
	for _, k := range catalog.Kinds() {
		rows, err := reader.Count(ctx, k)
		if err != nil {
			return "", false, err
		}
		documents, err := e.Documents(ctx, k)
		if err != nil {
			return "", false, err
		}
		if rows != documents {
			parts = append(parts, fmt.Sprintf("%d %s and %d documents", rows, k.Plural(), documents))
		}
	}
	if len(parts) == 0 {
		return "as many of each", true, nil
	}
	sets := oracle.New(e.App.Write)
	executed, err := sets.ExecutedSet(ctx)
	if err != nil {
		return "", false, err
	}
	behind, err := sets.Lacks(ctx, executed, e.Acked)
	return fmt.Sprintf("%s; %d transactions wait to be indexed", strings.Join(parts, ", "), behind), false, err
}
