package binlog

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
)

// OnDDL ends a transaction. TRUNCATE and everything that may change or remove rows
// without row events makes all documents that use the table dirty.
func (h *Handler) OnDDL(_ *replication.EventHeader, _ gomysql.Position, e *replication.QueryEvent) (err error) {
	defer recoverPanic(&err)
	if schema := string(e.Schema); schema == h.options.Database || strings.Contains(string(e.Query), h.options.Database) {
		for _, table := range touchedTables(words(string(e.Query)), h.options.Database) {
			h.every(table)
		}
	}
	return h.seal()
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
	tokens := words(query)
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
	for _, table := range touchedTables(tokens, h.options.Database) {
		h.every(table)
		if h.forget != nil {
			h.forget(table)
		}
	}
	// CREATE TABLE … SELECT is the one DDL statement that rows follow in the same transaction.
	if !slices.Equal(tokens[max(len(tokens)-2, 0):], []string{"start", "transaction"}) {
		err = h.seal()
	}
}

// touchedTables lists the tables with rules of which a DDL statement may have changed rows;
// tokens are the words of the statement. A table that is created is listed, although it is
// empty: one of its name, which DROP DATABASE does not name, may have had rows. Index
// statements change no rows.
func touchedTables(tokens []string, database string) []string {
	if len(tokens) == 0 {
		return nil
	}
	switch tokens[0] {
	case "truncate", "alter", "drop", "rename":
	case "create":
		tokens = createdTable(tokens, strings.ToLower(database))
	default:
		return nil
	}
	if len(tokens) > 1 && tokens[1] == "index" {
		return nil
	}
	var names []string
	for _, word := range tokens {
		if _, ok := tables[word]; ok {
			names = append(names, word)
		}
	}
	return names
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
	if tokens[0] == database && len(tokens) > 1 {
		tokens = tokens[1:]
	}
	return tokens[:1]
}

// words are the words of a statement in lower case, without comments, texts and
// punctuation. What stands in /*! … */ is a part of the statement for MySQL, and so it is here.
func words(query string) []string {
	var tokens []string
	for rest := query; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "/*!"):
			rest = strings.TrimLeft(rest[len("/*!"):], "0123456789")
		case strings.HasPrefix(rest, "/*"):
			rest = after(rest[len("/*"):], "*/")
		case rest[0] == '#', strings.HasPrefix(rest, "-- "), strings.HasPrefix(rest, "--\n"):
			rest = after(rest, "\n")
		case rest[0] == '\'':
			rest = afterText(rest[1:])
		case rest[0] == '`', rest[0] == '"':
			name, left, _ := strings.Cut(rest[1:], rest[:1])
			tokens, rest = append(tokens, strings.ToLower(name)), left
		default:
			word := rest
			if end := strings.IndexFunc(rest, func(r rune) bool { return !isNameRune(r) }); end >= 0 {
				word = rest[:end]
			}
			if rest = rest[len(word):]; word != "" {
				tokens = append(tokens, strings.ToLower(word))
				continue
			}
			_, size := utf8.DecodeRuneInString(rest)
			rest = rest[size:]
		}
	}
	return tokens
}

func isNameRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '$'
}

// after is what follows the first mark in a text, nothing where there is none.
func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}

// afterText is what follows a text in single quotes, the first of which is gone.
func afterText(rest string) string {
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == '\\', strings.HasPrefix(rest[i:], "''"):
			i++
		case rest[i] == '\'':
			return rest[i+1:]
		}
	}
	return ""
}
