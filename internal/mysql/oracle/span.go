package oracle

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/verify"
)

// span is the ids that one read of the oracle is about: all after one up to another, or,
// where ids is not nil, a list.
type span struct {
	after, last int64
	ids         []int64
}

// each runs a statement in which {column} stands for "column is in the span", and calls
// scan for each row.
func (s span) each(ctx context.Context, tx *sql.Tx, statement string, scan func(*sql.Rows) error) error {
	before, rest, _ := strings.Cut(statement, "{")
	column, after, _ := strings.Cut(rest, "}")
	condition, args := column+" > ? AND "+column+" <= ?", []any{s.after, s.last}
	if s.ids != nil {
		marks, list := mysql.Placeholders(s.ids)
		condition, args = column+" IN ("+marks+")", list
	}
	return mysql.EachRow(ctx, tx, before+condition+after, args, func(rows *sql.Rows) error { return scan(rows) })
}

// index finds facts by id.
func index(list []verify.Facts) map[int64]*verify.Facts {
	byID := make(map[int64]*verify.Facts, len(list))
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	return byID
}

// factDays are the counts of a day of each item. Days are numbered from 2020-01-01;
// MySQL's zero date is long before.
const factDays = `COALESCE(DATEDIFF(d.day, '2020-01-01'), -1000000), d.views, d.favorites, d.enrolments`

// days reads days into the items that a statement gives them for.
func days(ctx context.Context, tx *sql.Tx, s span, statement string, into map[int64]*verify.Facts) error {
	return s.each(ctx, tx, statement, func(rows *sql.Rows) error {
		var id int64
		var d verify.Day
		if err := rows.Scan(&id, &d.Number, &d.Views, &d.Favorites, &d.Enrolments); err != nil {
			return err
		}
		if f := into[id]; f != nil {
			f.Days = append(f.Days, d)
		}
		return nil
	})
}

// smallOrg is the id of an org, NULL where it is one that no document can have.
const smallOrg = "IF(org_id > CAST(0x7FFFFFFFFFFFFFFF AS UNSIGNED), NULL, org_id)"

// instant turns MySQL's text of a DATETIME into RFC 3339, without zeros at the end of
// its fraction. A month or a day of zero is the one before the first, and what is before
// the year 1, MySQL's zero date too, is the beginning of the year 1.
func instant(text string) string {
	date, clock, _ := strings.Cut(text, " ")
	if strings.Contains(clock, ".") {
		clock = strings.TrimRight(strings.TrimRight(clock, "0"), ".")
	}
	var year, month, day int
	if _, err := fmt.Sscanf(date, "%d-%d-%d", &year, &month, &day); err == nil && (year == 0 || month == 0 || day == 0) {
		whole := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if whole.Year() < 1 {
			return "0001-01-01T00:00:00Z"
		}
		date = whole.Format(time.DateOnly)
	}
	return date + "T" + clock + "Z"
}

// orgOf is what courses and teachers say of their org.
type orgOf struct {
	name, category, city string
}

// orgsOf reads the orgs that a subquery over the span names, but for the hidden ones.
func orgsOf(ctx context.Context, tx *sql.Tx, s span, subquery string) (map[int64]orgOf, error) {
	orgs := map[int64]orgOf{}
	err := s.each(ctx, tx, `SELECT id, name, category, hidden, (SELECT name FROM cities WHERE cities.id = orgs.city_id)
		FROM orgs WHERE id IN (`+subquery+`)`, func(rows *sql.Rows) error {
		var id int64
		var o orgOf
		var hidden int
		var city sql.NullString
		if err := rows.Scan(&id, &o.name, &o.category, &hidden, &city); err != nil {
			return err
		}
		if o.city = city.String; hidden == 0 {
			orgs[id] = o
		}
		return nil
	})
	return orgs, err
}

func attach(f *verify.Facts, id sql.NullInt64, orgs map[int64]orgOf) {
	if o, visible := orgs[id.Int64]; id.Valid && visible {
		f.Org = &verify.Named{ID: id.Int64, Name: o.name}
		f.OrgCategory, f.City = o.category, o.city
	}
}
