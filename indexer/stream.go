package indexer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-mysql-org/go-mysql/canal"
	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
)

// StreamOptions say where the binlog is read.
type StreamOptions struct {
	DSN      string // of the replication user, and where nothing else is found out
	ServerID uint32
	Host     string // under which the indexer registers at the source

	// Find finds out where the source is whenever a stream begins, as a DSN; nil: at DSN.
	Find func(ctx context.Context) (string, error)
}

// Times of the stream. The source sends a heartbeat when it has nothing else, so that
// silence means a dead link.
const (
	streamHeartbeat = 5 * time.Second
	streamSilence   = 20 * time.Second
	closeWithin     = 5 * time.Second
	// streamEvents bounds the events between the network and the handler. They are
	// counted, not weighed: an event may have a megabyte.
	streamEvents = 128
)

// errPurged is MySQL's error for a position that is not on its binlog.
const errPurged = 1236

// runStream follows the binlog from what is acknowledged. It never reconnects by itself:
// a broken link ends the leadership, and the next one looks at the history first.
func (l *leader) runStream(ctx context.Context) error {
	l.mu.Lock()
	from := l.acked.Clone()
	last := l.state.Last
	l.mu.Unlock()
	position, err := l.Source.Position(ctx)
	if err != nil {
		return err
	}
	var expect *binlog.GTID
	if last != nil {
		g, err := last.transaction()
		if err != nil {
			return err
		}
		purged, err := gtid.Parse(position.Purged)
		if err != nil {
			return err
		}
		// The last transaction is asked for once more, to see whether it is the same. One
		// that is purged cannot be compared.
		if rest := from.Without(g.UUID, g.Number); from.Has(g.UUID, g.Number) && !purged.Has(g.UUID, g.Number) && !rest.IsEmpty() {
			from, expect = rest, &g
		}
	}
	handler := binlog.NewHandler(ctx, binlog.Options{
		Database: position.Database, FoldNames: position.FoldNames, Sink: l.queue, Expect: expect, ServerID: position.ServerID,
		OnRows: func() { l.heard.Add(1) }, OnStatement: l.noteStatement,
	})
	err = Stream(ctx, l.options.Stream, from, handler, &l.received)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, binlog.ErrHistory), IsPurged(err):
		reason := ReasonRewritten
		if IsPurged(err) {
			reason = ReasonPurged
		}
		l.update(func(s *State) { s.Doubt, s.DoubtOf = err.Error(), reason })
		if err := l.save(ctx); err != nil {
			return err
		}
		return errRestart
	case err == nil:
		return errors.New("the binlog stream ended")
	default:
		return fmt.Errorf("follow the binlog: %w", err)
	}
}

// IsPurged says whether a stream ended because what it asked for is not on the binlog any more.
func IsPurged(err error) bool {
	e, ok := errors.AsType[*gomysql.MyError](err)
	return ok && e.Code == errPurged
}

// Stream brings a handler what the binlog has beyond a GTID set, until ctx ends or something
// fails, and counts the bytes that it gets. A canal can run once only, and its context is its own.
func Stream(ctx context.Context, o StreamOptions, from gtid.Set, handler *binlog.Handler, received *atomic.Int64) error {
	if o.Find != nil {
		var err error
		if o.DSN, err = o.Find(ctx); err != nil {
			return err
		}
	}
	dsn, err := mysql.ParseDSN(o.DSN)
	if err != nil {
		return errors.New("read indexer.replication_dsn: it is not user:password@tcp(host:port)/database")
	}
	cfg := canal.NewDefaultConfig()
	cfg.Addr, cfg.User, cfg.Password = dsn.Addr, dsn.User, dsn.Passwd
	cfg.TLSConfig = dsn.TLS
	cfg.ServerID = o.ServerID
	cfg.Localhost = o.Host
	cfg.Flavor = gomysql.MySQLFlavor
	cfg.Dump.ExecutionPath = ""
	database, fold := handler.Database()
	// Of tables with a rule only: of others canal would look up the columns for nothing, and the
	// replication user need not see them.
	cfg.IncludeTableRegex = []string{"^" + regexp.QuoteMeta(database) + `\.(?i:` + strings.Join(binlog.Tables(), "|") + `)$`}
	if fold {
		cfg.IncludeTableRegex[0] = "(?i)" + cfg.IncludeTableRegex[0]
	}
	cfg.HeartbeatPeriod = streamHeartbeat
	cfg.ReadTimeout = streamSilence
	cfg.EventCacheCount = streamEvents
	cfg.DisableRetrySync = true
	cfg.Dialer = countingDialer(received)
	cfg.Logger = slog.New(&skipped{onSkipped: handler.OnSkipped})

	c, err := canal.NewCanal(cfg)
	if err != nil {
		return fmt.Errorf("connect to the source: %w", err)
	}
	handler.SetForget(func(table string) { c.ClearTableCache([]byte(database), []byte(table)) })
	c.SetEventHandler(handler)
	stop := context.AfterFunc(ctx, func() { closeCanal(c) })
	defer stop()
	err = c.StartFromGTID(from.Replication())
	closeCanal(c)
	return err
}

// closeCanal closes a canal, but does not wait for ever: its Close can deadlock with a
// retry that is under way.
func closeCanal(c *canal.Canal) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Close()
	}()
	timer := time.NewTimer(closeWithin)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
