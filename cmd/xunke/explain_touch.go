package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/verify"
)

var _ verify.Touches = (*indexer.Toucher)(nil)

// toucher is an indexer.Toucher that connects only when it is asked: without a replication
// user that works everything else about an item can still be told.
type toucher struct {
	a  *app
	db *sql.DB
}

// replicationWithin bounds the wait for a replication user who cannot connect.
const replicationWithin = 5 * time.Second

// LastTouch implements verify.Touches.
func (t toucher) LastTouch(ctx context.Context, key catalog.Key) (*indexer.Touch, error) {
	c := t.a.config
	dsn, err := driver.ParseDSN(c.MySQL.DSN)
	if err != nil {
		return nil, errors.New("mysql.dsn is not user:password@tcp(host:port)/database")
	}
	connecting, cancel := context.WithTimeout(ctx, replicationWithin)
	defer cancel()
	replication, err := mysql.Open(connecting, c.Indexer.ReplicationDSN, c.MySQL.Addresses...)
	if err != nil {
		return nil, fmt.Errorf("connect as replication user: %w", err)
	}
	defer func() { _ = replication.Close() }() // nothing was written
	host := mysql.ExplainHost(dsn.DBName, c.Elasticsearch.Prefix)
	find := indexer.Toucher{
		Reader: mysql.NewReader(t.db, c.Elasticsearch.Prefix),
		Source: mysql.NewSource(replication, t.db, host, t.a.log),
		Stream: t.a.stream(replication, dsn.DBName, host),
	}
	return find.LastTouch(ctx, key)
}

// touchedLine tells which transaction touched the item last, or why that is not known.
func touchedLine(e verify.Explanation) string {
	if e.Touched == nil {
		return "not known: " + e.TouchedUnknown
	}
	t := e.Touched
	line := fmt.Sprintf("%s:%d, committed %s ago: %s", t.UUID, t.Number, ago(t.Committed), touchedBy(t.Touch, e.Kind))
	if !t.Indexed {
		line += " (not indexed yet)"
	}
	return line
}

func touchedBy(t indexer.Touch, k catalog.Kind) string {
	f, fans := t.FanOut()
	switch {
	case t.How == indexer.ByCourse:
		return fmt.Sprintf("course %d, which counts in its figures", t.Of)
	case !fans:
		return "its own row or a row of it"
	case f.Relation == binlog.Every(k):
		return "all " + k.Plural() + ", by a table that was altered or emptied, or by rows without the row before"
	default:
		return fmt.Sprintf("%s %d, which it shows something of", f.Relation.Parent(), f.ID)
	}
}
