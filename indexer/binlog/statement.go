package binlog

import (
	"slices"
	"strings"

	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
)

// OnTableChanged takes the name of each table of a DDL statement, as canal has parsed it,
// before OnDDL.
func (h *Handler) OnTableChanged(_ *replication.EventHeader, schema, table string) error {
	if name, ok := h.table(schema, table); ok {
		h.altered = append(h.altered, name)
	}
	return nil
}

// OnDDL ends a transaction. TRUNCATE and everything that may change or remove rows
// without row events makes all documents that use the table dirty. Beside the tables that
// canal has parsed the statement's words are looked at: canal says nothing of the new
// names of RENAME, nor of the table whose rows EXCHANGE PARTITION takes.
func (h *Handler) OnDDL(_ *replication.EventHeader, _ gomysql.Position, e *replication.QueryEvent) (err error) {
	defer recoverPanic(&err)
	query, names := string(e.Query), h.altered
	h.altered = nil
	if h.isOurs(string(e.Schema)) || strings.Contains(strings.ToLower(query), strings.ToLower(h.options.Database)) {
		names = append(names, touchedTables(query, h.options.Database)...)
	}
	h.note(names)
	if !changesNoRows(words(query, sqlMode{})) {
		h.redefine(names)
	}
	return h.seal()
}

// note tells that a statement about tables has come. Of one about no table that has a rule,
// such as one of another database, nobody wants to know.
func (h *Handler) note(tables []string) {
	if h.options.OnStatement != nil && len(tables) > 0 {
		h.options.OnStatement(tables)
	}
}

// redefine makes everything dirty that uses one of some tables, whose definitions canal has
// to read again.
func (h *Handler) redefine(names []string) {
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		h.every(name)
		if h.forget != nil {
			h.forget(name)
		}
	}
}

// SetForget makes the handler call forget for a table whose definition canal holds and
// whose DDL it has passed over.
func (h *Handler) SetForget(forget func(table string)) { h.forget = forget }

// OnSkipped takes a statement that canal's parser does not understand, and which canal
// therefore passes over: ADD COLUMN … INVISIBLE, spatial types, names in double quotes
// (ANSI_QUOTES), triggers, everything of XA. What schema it is of is not known.
func (h *Handler) OnSkipped(query string) {
	var err error
	defer func() {
		if err != nil {
			h.broken = err // canal ignores errors here; the next transaction returns it
		}
	}()
	defer recoverPanic(&err)
	tokens := words(query, sqlMode{})
	if len(tokens) == 0 || h.open == nil {
		return
	}
	if tokens[0] == "xa" {
		err = h.onXA(query)
		return
	}
	if !slices.Contains([]string{"alter", "create", "drop", "rename", "truncate"}, tokens[0]) {
		return
	}
	names := touchedTables(query, h.options.Database)
	h.note(names)
	h.redefine(names)
	// CREATE TABLE … SELECT is the one DDL statement that rows follow in the same transaction.
	if !slices.Equal(tokens[max(len(tokens)-2, 0):], []string{"start", "transaction"}) {
		err = h.seal()
	}
}

// touchedTables lists the tables with rules of which a DDL statement may have changed rows,
// under whichever sql_mode it was written. A table that is created is listed, although it is
// empty: one of its name, which DROP DATABASE does not name, may have had rows.
func touchedTables(query, database string) []string {
	var names []string
	for _, mode := range sqlModes(query) {
		names = append(names, tablesAmong(words(query, mode), strings.ToLower(database))...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// tablesAmong are the tables of a statement of which these are the words.
func tablesAmong(tokens []string, database string) []string {
	if len(tokens) == 0 || changesNoRows(tokens) {
		return nil
	}
	switch tokens[0] {
	case "truncate", "alter", "drop", "rename":
	case "create":
		tokens = createdTable(tokens, database)
	default:
		return nil
	}
	return slices.DeleteFunc(slices.Clone(tokens), func(word string) bool {
		_, ok := tables[word]
		return !ok
	})
}

// changesNoRows says whether a statement makes something that is no table, or drops an index.
func changesNoRows(tokens []string) bool {
	return len(tokens) > 1 && (tokens[0] == "create" && tokens[1] != "table" || tokens[0] == "drop" && tokens[1] == "index")
}

// createdTable is the name of the table that a CREATE TABLE statement makes. The others in
// it are of tables that it is made like, or whose rows it gets.
func createdTable(tokens []string, database string) []string {
	if len(tokens) < 3 || tokens[1] != "table" {
		return nil
	}
	tokens = tokens[2:]
	if len(tokens) > 3 && slices.Equal(tokens[:3], []string{"if", "not", "exists"}) {
		tokens = tokens[3:]
	}
	if len(tokens) > 2 && tokens[1] == "." {
		if tokens[0] != database {
			return nil
		}
		tokens = tokens[2:]
	}
	return tokens[:1]
}
