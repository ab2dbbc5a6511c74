package baseline

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/eval"
	"github.com/xunke/xunke/internal/mysql"
)

// Like is the search that platforms without a search engine have: LIKE '%…%' over names
// and descriptions, the most popular first. It is there to be compared with.
type Like struct{ db *sql.DB }

// NewLike makes a Like.
func NewLike(db *sql.DB) Like { return Like{db: db} }

// likeQueries look without regard to case, as LIKE does in the default collations that
// such platforms were made with.
var likeQueries = map[catalog.Kind]string{
	catalog.KindCourse: "SELECT COALESCE(`key`, '') FROM courses WHERE NOT hidden" +
		" AND CONCAT_WS('\n', name, summary, description) COLLATE utf8mb4_general_ci LIKE ?" +
		" ORDER BY starting_students + enrolments DESC, id LIMIT ?",
	catalog.KindOrg: "SELECT COALESCE(`key`, '') FROM orgs WHERE NOT hidden" +
		" AND CONCAT_WS('\n', name, description) COLLATE utf8mb4_general_ci LIKE ? ORDER BY id LIMIT ?",
	catalog.KindTeacher: "SELECT COALESCE(`key`, '') FROM teachers WHERE NOT hidden" +
		" AND CONCAT_WS('\n', name, bio) COLLATE utf8mb4_general_ci LIKE ? ORDER BY id LIMIT ?",
}

var _ eval.Searcher = Like{}

// Keys implements eval.Searcher with the items that contain the text.
func (l Like) Keys(ctx context.Context, kinds []catalog.Kind, text string, limit int) (eval.Results, error) {
	keys := map[catalog.Kind][]string{}
	for _, k := range kinds {
		found, err := l.keys(ctx, likeQueries[k], "%"+mysql.EscapeLike(text)+"%", limit)
		if err != nil {
			return eval.Results{}, fmt.Errorf("look for %s like %q: %w", k.Plural(), text, err)
		}
		keys[k] = found
	}
	return eval.Results{Hits: keys}, nil
}

func (l Like) keys(ctx context.Context, query, pattern string, limit int) ([]string, error) {
	var keys []string
	err := mysql.EachRow(ctx, l.db, query, []any{pattern, limit}, func(rows *sql.Rows) error {
		var key string
		if err := rows.Scan(&key); err != nil {
			return err
		}
		keys = append(keys, key)
		return nil
	})
	return keys, err
}
