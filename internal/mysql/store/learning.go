package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/learning"
)

// Learning keeps what learners do with the catalogue. Each change locks the account, then the
// item whose counts it changes, then writes: those who change the same item take turns, and none
// can deadlock with another. No more are at it at a time than there are places: a crowd that waits
// for the rows of one course must not have all connections, nor look like a MySQL that is away.
type Learning struct {
	guarded
	places chan struct{}
}

const (
	// learningPlaces is how many change something at a time. One row is changed by one of them
	// and what they cost is mostly round trips, so that more would only wait elsewhere.
	learningPlaces = 8
	// learningPatience is how long somebody waits for a place.
	learningPatience = 3 * time.Second
)

var _ learning.Store = Learning{}

// NewLearning makes a store. It reads where it writes: a replica may not have it yet.
func NewLearning(db *sql.DB) Learning {
	return Learning{guarded{db: db}, make(chan struct{}, learningPlaces)}
}

// WithGuard has visitors' calls go through a guard.
func (s Learning) WithGuard(g *mysql.Guard) Learning {
	s.guard = g
	return s
}

// lockAccount keeps an account from being deleted until the transaction ends.
func lockAccount(ctx context.Context, tx *sql.Tx, account int64) error {
	var one int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM accounts WHERE id = ? FOR SHARE`, account).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return errNoAccount()
	}
	return err
}

// lockItem locks an item and says whether it is there and visible.
func lockItem(ctx context.Context, tx *sql.Tx, item catalog.Key) (there, visible bool, err error) {
	var hidden bool
	err = tx.QueryRowContext(ctx, `SELECT hidden FROM `+item.Kind.Plural()+` WHERE id = ? FOR UPDATE`, item.ID).Scan(&hidden)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	return err == nil, err == nil && !hidden, err
}

// change does something in a transaction, when there is a place.
func (s Learning) change(ctx context.Context, what string, change func(ctx context.Context, tx *sql.Tx) error) error {
	waiting, cancel := context.WithTimeout(ctx, learningPatience)
	defer cancel()
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	case <-waiting.Done():
		return &catalog.Error{Code: catalog.CodeUnavailable, Message: "too many learners change something at the moment; try again", Wait: time.Second, Cause: ctx.Err()}
	}
	return s.guarded.change(ctx, what, change)
}

// act does something of a learner with an item that is visible.
func (s Learning) act(ctx context.Context, what string, account int64, item catalog.Key, act func(ctx context.Context, tx *sql.Tx) error) error {
	return s.change(ctx, what, func(ctx context.Context, tx *sql.Tx) error {
		if err := lockAccount(ctx, tx, account); err != nil {
			return err
		}
		if _, visible, err := lockItem(ctx, tx, item); err != nil {
			return err
		} else if !visible {
			return catalog.NotFound(item.Kind, item.ID)
		}
		return act(ctx, tx)
	})
}

// counter is a number of an item that learners' rows add up to, and that of its day.
type counter struct{ column, daily string }

var (
	countFavorites  = counter{"favorites", "favorites"}
	countEnrolments = counter{"enrolments", "enrolments"}
)

// add counts one more of an item that is locked.
func (c counter) add(ctx context.Context, tx *sql.Tx, item catalog.Key, day time.Time) error {
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE %s SET %[2]s = %[2]s + 1 WHERE id = ?`, item.Kind.Plural(), c.column), item.ID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`INSERT INTO %[1]s_daily_counts (%[1]s_id, day, %[2]s) VALUES (?, ?, 1)
		ON DUPLICATE KEY UPDATE %[2]s = %[2]s + 1`, item.Kind, c.daily), item.ID, day.Format(time.DateOnly))
	return err
}

// remove takes back one that was counted on a day. An import may have set another number since,
// which is never made negative.
func (c counter) remove(ctx context.Context, tx *sql.Tx, item catalog.Key, day time.Time) error {
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE %s SET %[2]s = %[2]s - 1 WHERE id = ? AND %[2]s > 0`, item.Kind.Plural(), c.column), item.ID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE %[1]s_daily_counts SET %[2]s = %[2]s - 1 WHERE %[1]s_id = ? AND day = ? AND %[2]s > 0`, item.Kind, c.daily),
		item.ID, day.Format(time.DateOnly))
	return err
}

// hasFewer is nil for an account that has fewer rows than most.
func hasFewer(ctx context.Context, tx *sql.Tx, most int, what, query string, account int64) error {
	var n int
	if err := tx.QueryRowContext(ctx, query, account).Scan(&n); err != nil {
		return err
	}
	if n >= most {
		return learning.ErrFull(most, what)
	}
	return nil
}

// Favorite implements learning.Favorites.
func (s Learning) Favorite(ctx context.Context, account int64, item catalog.Key, now time.Time) (state learning.FavoriteState, err error) {
	err = s.act(ctx, "keep a favourite", account, item, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `INSERT IGNORE INTO favorites (account_id, kind, item_id, created_at) VALUES (?, ?, ?, ?)`,
			account, item.Kind, item.ID, now)
		if err != nil {
			return err
		}
		if isNew, err := result.RowsAffected(); err != nil {
			return err
		} else if isNew > 0 {
			if err := hasFewer(ctx, tx, learning.MaxFavorites+1, "favourites", `SELECT COUNT(*) FROM favorites WHERE account_id = ?`, account); err != nil {
				return err
			}
			if err := countFavorites.add(ctx, tx, item, catalog.Day(now)); err != nil {
				return err
			}
		}
		state, err = favoriteState(ctx, tx, account, item)
		return err
	})
	return state, err
}

// Unfavorite implements learning.Favorites.
func (s Learning) Unfavorite(ctx context.Context, account int64, item catalog.Key) (state learning.FavoriteState, err error) {
	err = s.change(ctx, "take a favourite back", func(ctx context.Context, tx *sql.Tx) error {
		if err := removeFavorite(ctx, tx, account, item); err != nil {
			return err
		}
		state, err = favoriteState(ctx, tx, account, item)
		if catalog.CodeOf(err) == catalog.CodeNotFound { // hidden or gone: taken back all the same
			return nil
		}
		return err
	})
	return state, err
}

func removeFavorite(ctx context.Context, tx *sql.Tx, account int64, item catalog.Key) error {
	there, _, err := lockItem(ctx, tx, item)
	if err != nil {
		return err
	}
	day, removed, err := deleteDated(ctx, tx, `favorites WHERE account_id = ? AND kind = ? AND item_id = ?`, account, item.Kind, item.ID)
	if err != nil || !removed || !there {
		return err
	}
	return countFavorites.remove(ctx, tx, item, day)
}

// deleteDated deletes the one row of a table and a condition, if it is there, and returns the day
// on which it was made.
func deleteDated(ctx context.Context, tx *sql.Tx, from string, args ...any) (day time.Time, removed bool, err error) {
	var at time.Time
	err = tx.QueryRowContext(ctx, `SELECT created_at FROM `+from+` FOR UPDATE`, args...).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return day, false, nil
	} else if err != nil {
		return day, false, err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM `+from, args...)
	return catalog.Day(at), true, err
}

// favoriteState is CodeNotFound for an item that is hidden or gone.
func favoriteState(ctx context.Context, from queryRower, account int64, item catalog.Key) (state learning.FavoriteState, err error) {
	err = from.QueryRowContext(ctx, `SELECT favorites, EXISTS (SELECT 1 FROM favorites WHERE account_id = ? AND kind = ? AND item_id = x.id)
		FROM `+item.Kind.Plural()+` x WHERE id = ? AND NOT hidden`, account, item.Kind, item.ID).Scan(&state.Favorites, &state.Favorite)
	if errors.Is(err, sql.ErrNoRows) {
		return state, catalog.NotFound(item.Kind, item.ID)
	}
	return state, err
}

// FavoriteState implements learning.Favorites.
func (s Learning) FavoriteState(ctx context.Context, account int64, item catalog.Key) (state learning.FavoriteState, err error) {
	err = s.do(ctx, "look for a favourite", func(ctx context.Context) error {
		state, err = favoriteState(ctx, s.db, account, item)
		return err
	})
	return state, err
}

// favoriteRows select id, name, image, org id, org name and date of the visible items of a kind
// that an account likes.
var favoriteRows = map[catalog.Kind]string{
	catalog.KindCourse: `SELECT 'course' AS kind, x.id, x.name, x.image, o.id AS org_id, o.name AS org, f.created_at
		FROM favorites f JOIN courses x ON x.id = f.item_id AND NOT x.hidden LEFT JOIN orgs o ON o.id = x.org_id AND NOT o.hidden
		WHERE f.account_id = ? AND f.kind = 'course'`,
	catalog.KindOrg: `SELECT 'org' AS kind, x.id, x.name, x.image, NULL AS org_id, NULL AS org, f.created_at
		FROM favorites f JOIN orgs x ON x.id = f.item_id AND NOT x.hidden
		WHERE f.account_id = ? AND f.kind = 'org'`,
	catalog.KindTeacher: `SELECT 'teacher' AS kind, x.id, x.name, x.image, o.id AS org_id, o.name AS org, f.created_at
		FROM favorites f JOIN teachers x ON x.id = f.item_id AND NOT x.hidden LEFT JOIN orgs o ON o.id = x.org_id AND NOT o.hidden
		WHERE f.account_id = ? AND f.kind = 'teacher'`,
}

// Favorites implements learning.Favorites.
func (s Learning) Favorites(ctx context.Context, account int64, kinds []catalog.Kind, p catalog.Page) (list learning.FavoriteList, err error) {
	union, args := "", []any{}
	for i, k := range kinds {
		if i > 0 {
			union += " UNION ALL "
		}
		union += favoriteRows[k]
		args = append(args, account)
	}
	err = s.do(ctx, "list favourites", func(ctx context.Context) error {
		list = learning.FavoriteList{Hits: []learning.Favorite{}}
		if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM (`+union+`) all_of_them`, args...).Scan(&list.Total); err != nil {
			return err
		}
		return mysql.EachRow(ctx, s.db, union+` ORDER BY created_at DESC, kind, id LIMIT ? OFFSET ?`, append(args, p.Limit, p.Offset), func(rows *sql.Rows) error {
			var f learning.Favorite
			var org nullableRef
			if err := rows.Scan(&f.Type, &f.ID, &f.Name, &f.Image, &org.id, &org.name, &f.FavoritedAt); err != nil {
				return err
			}
			f.URL, f.Org = catalog.ItemURL(f.Type, f.ID), org.ref()
			list.Hits = append(list.Hits, f)
			return nil
		})
	})
	return list, err
}
