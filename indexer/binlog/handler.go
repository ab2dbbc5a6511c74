package binlog

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/canal"
	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/google/uuid"
)

// GTID names one transaction. Committed is when the source committed it.
type GTID struct {
	UUID      uuid.UUID
	Number    int64
	Committed time.Time
}

// String is the GTID as MySQL writes it: uuid:number.
func (g GTID) String() string { return fmt.Sprintf("%s:%d", g.UUID, g.Number) }

func (g GTID) same(other GTID) bool { return g.UUID == other.UUID && g.Number == other.Number }

// Sink takes what the stream found. Both methods return quickly unless the sink is full,
// and then end with ctx.
type Sink interface {
	// Early takes keys of a transaction that is still open on the stream, so that a
	// huge one needs no huge memory. They may be read once the open GTID is executed.
	Early(ctx context.Context, open GTID, keys Keys) error
	// Seal takes the rest of a transaction, which thereby is complete.
	Seal(ctx context.Context, g GTID, keys Keys) error
}

// earlyKeys is how many keys an open transaction may hold before they go out early.
const earlyKeys = 5000

// ErrEnd reports a transaction whose rows end without a commit on the stream and which is
// no XA transaction. When its rows become visible is not known.
var ErrEnd = errors.New("a transaction on the binlog has rows and no end")

// ErrAnonymous reports a transaction without GTID.
var ErrAnonymous = errors.New("a transaction without GTID is on the binlog (set gtid_mode=ON and enforce_gtid_consistency=ON)")

// Handler receives canal's calls and seals transactions into a Sink. Use it for one run.
type Handler struct {
	canal.DummyEventHandler
	ctx     context.Context //nolint:containedctx // canal's callbacks carry none
	options Options
	expect  *GTID // Options.Expect until it has come

	open    *GTID
	keys    Keys
	sawRows bool
	altered []string // tables of the DDL statement that canal is telling of
	xid     string   // of an XA transaction that is open; empty: it is none
	rotated bool

	prepared prepared
	forget   func(table string) // makes canal read a table's definition again; nil: there is no canal
	broken   error              // what OnSkipped could not return
}

var _ canal.EventHandler = (*Handler)(nil)

// ErrHistory reports that the first transaction of the stream is not the one that was
// acknowledged last: the binlog tells another history under the same GTIDs.
var ErrHistory = errors.New("the binlog's history is not the one that was indexed")

// ErrServer reports that the stream comes from another server than Options.ServerID.
var ErrServer = errors.New("the binlog is another server's")

// ErrTableMissing reports rows of a table that documents are made of and that is not there,
// or that the user may not look at: the server makes no difference between the two.
var ErrTableMissing = errors.New("a table with rows on the binlog is dropped, or the user may not SELECT from it")

// Options say what a Handler reads and when it ends the run.
type Options struct {
	Database string // whose tables it reads, as the server spells it
	// FoldNames says that the server takes all spellings of a database or a table in upper
	// and lower case for the same one (lower_case_table_names is not 0).
	FoldNames bool
	Sink      Sink
	// Expect is the transaction with which the stream has been started. The handler compares
	// its commit time and ends the run with ErrHistory when another one comes first. nil: any
	// may.
	Expect *GTID
	// ServerID is the server that the stream must come from, or the handler ends the run with
	// ErrServer: a name may lead elsewhere from one connection to the next. 0: any.
	ServerID uint32
	// OnRows is called for each row event of the tables; nil: nobody wants to know.
	OnRows func()
	// OnStatement is called for each statement that defines tables, with those that have a
	// rule, and without any for a transaction of which canal does not say what it did, such as
	// OPTIMIZE TABLE; nil: nobody wants to know.
	OnStatement func(tables []string)
	// RequireTables ends the run with ErrTableMissing at rows of a table that cannot be read.
	// Otherwise everything that uses the table is dirty.
	RequireTables bool
}

// NewHandler returns a handler for one stream.
func NewHandler(ctx context.Context, o Options) *Handler {
	return &Handler{ctx: ctx, options: o, expect: o.Expect, keys: NewKeys()}
}

// Database is whose tables the handler reads, and whether names are taken in any case.
func (h *Handler) Database() (name string, fold bool) { return h.options.Database, h.options.FoldNames }

// String names the handler in canal's log.
func (h *Handler) String() string { return "xunke" }

// OnGTID begins a transaction. The same GTID again is a replay after a reconnect.
func (h *Handler) OnGTID(_ *replication.EventHeader, event gomysql.BinlogGTIDEvent) (err error) {
	defer recoverPanic(&err)
	if h.broken != nil {
		return h.broken
	}
	var e *replication.GTIDEvent
	switch t := event.(type) {
	case *replication.GTIDEvent:
		e = t
	case *replication.GtidTaggedLogEvent:
		return errors.New("a tagged GTID is on the binlog; the indexer follows untagged ones only (unset gtid_next tags)")
	default:
		return fmt.Errorf("read GTID event: a %T is not MySQL's", event)
	}
	id, err := uuid.FromBytes(e.SID)
	if err != nil {
		return fmt.Errorf("read GTID event: %w", err)
	}
	if e.GNO == 0 {
		return ErrAnonymous
	}
	g := GTID{UUID: id, Number: e.GNO, Committed: e.ImmediateCommitTime().UTC()}
	if h.expect != nil {
		if !g.same(*h.expect) || !g.Committed.Equal(h.expect.Committed) {
			return fmt.Errorf("%w: expected %s of %s, got %s of %s", ErrHistory, h.expect, h.expect.Committed, g, g.Committed)
		}
		h.expect = nil
	}
	if h.open != nil && !h.open.same(g) {
		if h.sawRows {
			return ErrEnd
		}
		// One whose only statement canal passes over, and which this handler does not know.
		if err := h.seal(); err != nil {
			return err
		}
	}
	h.begin(&g)
	return nil
}

// begin begins a transaction, nil: none is open.
func (h *Handler) begin(g *GTID) { h.open, h.keys, h.sawRows, h.xid = g, NewKeys(), false, "" }

// OnRow adds the keys of a row event.
func (h *Handler) OnRow(e *canal.RowsEvent) (err error) {
	defer recoverPanic(&err)
	name, ok := h.table(e.Table.Schema, e.Table.Name)
	if !ok {
		return nil
	}
	t := tables[name]
	if h.open == nil {
		return ErrAnonymous
	}
	h.sawRows = true
	if h.options.OnRows != nil {
		h.options.OnRows()
	}
	columns := make(map[string]int, len(e.Table.Columns))
	for i, c := range e.Table.Columns {
		columns[strings.ToLower(c.Name)] = i // MySQL takes every case for the same
	}
	step := 1
	if e.Action == canal.UpdateAction {
		step = 2
	}
	for i := 0; i+step <= len(e.Rows); i += step {
		if len(e.Rows[i]) != len(e.Table.Columns) {
			// The table was altered after this event. Its schema then is not to be had, so
			// everything that uses the table is read again.
			h.every(name)
			return nil
		}
		row := change(e, i, columns)
		if row.partial() {
			h.every(name)
			return nil
		}
		if t.rows(h.keys, row) != nil {
			// It was altered, and by chance has as many columns as before.
			h.every(name)
			return nil
		}
	}
	if h.xid != "" {
		// The keys of an XA transaction are needed when it ends.
		if h.keys.Len() > preparedKeys {
			h.keys = NewKeys()
			h.keys.everything()
		}
		return nil
	}
	if h.keys.Len()-len(h.keys.FanOut) >= earlyKeys {
		early, late := h.keys, NewKeys()
		early.FanOut, late.FanOut = late.FanOut, early.FanOut
		h.keys = late
		return h.options.Sink.Early(h.ctx, *h.open, early)
	}
	return nil
}

func change(e *canal.RowsEvent, at int, columns map[string]int) rowChange {
	first := &image{columns: columns, values: e.Rows[at]}
	switch e.Action {
	case canal.InsertAction:
		return rowChange{after: first}
	case canal.DeleteAction:
		return rowChange{before: first}
	default:
		return rowChange{before: first, after: &image{columns: columns, values: e.Rows[at+1]}}
	}
}

// isOurs says whether a database is the one whose tables are read.
func (h *Handler) isOurs(schema string) bool {
	return schema == h.options.Database || h.options.FoldNames && strings.EqualFold(schema, h.options.Database)
}

// table is the name in tables of a table on the binlog, if it has a rule.
func (h *Handler) table(schema, name string) (string, bool) {
	if !h.isOurs(schema) {
		return "", false
	}
	if h.options.FoldNames {
		name = strings.ToLower(name)
	}
	_, ok := tables[name]
	return name, ok
}

// every adds all documents that use a table.
func (h *Handler) every(table string) {
	for _, k := range tables[table].kinds {
		h.keys.fanOut(Every(k), 0)
	}
}

// OnXID ends a transaction.
func (h *Handler) OnXID(*replication.EventHeader, gomysql.Position) (err error) {
	defer recoverPanic(&err)
	return h.seal()
}

// OnRotate is followed by an OnPosSynced that ends no transaction. Every stream begins with
// a rotation that the server makes up on the spot; one that stands in a binlog has the id
// that the server had when it wrote that.
func (h *Handler) OnRotate(header *replication.EventHeader, _ *replication.RotateEvent) error {
	h.rotated = true
	if header.Flags&replication.LOG_EVENT_ARTIFICIAL_F != 0 && h.options.ServerID != 0 && header.ServerID != h.options.ServerID {
		return fmt.Errorf("%w: server id %d instead of %d", ErrServer, header.ServerID, h.options.ServerID)
	}
	return nil
}

// OnPosSynced ends a transaction that has neither XID nor DDL. Its GTID set is not
// used: what counts as done is decided after the acknowledgements.
func (h *Handler) OnPosSynced(header *replication.EventHeader, _ gomysql.Position, _ gomysql.GTIDSet, _ bool) (err error) {
	defer recoverPanic(&err)
	if header == nil { // canal's Close
		return nil
	}
	if h.rotated {
		h.rotated = false
		return nil
	}
	if h.open != nil && !h.sawRows && h.options.OnStatement != nil {
		h.options.OnStatement(nil)
	}
	return h.seal()
}

// OnTableNotFound takes rows of a table that has been dropped since, or that the user may not
// look at, which is the same for canal. The former's DROP comes later on the stream, for the
// latter nothing would: so everything that uses the table is read again.
func (h *Handler) OnTableNotFound(_ *replication.EventHeader, e *replication.RowsEvent) (err error) {
	defer recoverPanic(&err)
	table, ok := h.table(string(e.Table.Schema), string(e.Table.Table))
	if !ok {
		return nil
	}
	if h.options.RequireTables {
		return fmt.Errorf("read rows of %s: %w", table, ErrTableMissing)
	}
	h.sawRows = true
	h.every(table)
	return nil
}

func (h *Handler) seal() error {
	if h.open == nil {
		return nil
	}
	g, keys := *h.open, h.keys
	h.begin(nil)
	return h.options.Sink.Seal(h.ctx, g, keys)
}

// recoverPanic turns a panic into an error: canal would let it end the process.
func recoverPanic(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("handle binlog event: panic: %v\n%s", r, debug.Stack())
	}
}
