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
	defer recovered(&err)
	if schema := string(e.Schema); schema == h.database || strings.Contains(string(e.Query), h.database) {
		for _, table := range touchedTables(words(string(e.Query)), h.database) {
			h.every(table)
		}
	}
	return h.seal()
}

// Forgetting makes the handler call forget for a table whose definition canal holds and
// whose DDL it has passed over.
func (h *Handler) Forgetting(forget func(table string)) *Handler {
	h.forget = forget
	return h
}

// OnSkipped takes a statement that canal's parser does not understand, and which canal
// therefore passes over: ADD COLUMN … INVISIBLE, spatial types, names in double quotes
// (ANSI_QUOTES), triggers, everything of XA. What schema it is of is not known.
func (h *Handler) OnSkipped(query string) {
	var err error
	defer func() {
		if err != nil {
			h.broken = err // canal does not listen here; the next transaction tells
		}
	}()
	defer recovered(&err)
	said := words(query)
	if len(said) == 0 || h.open == nil {
		return
	}
	if said[0] == "xa" {
		err = h.onXA(query)
		return
	}
	if !slices.Contains([]string{"alter", "create", "drop", "rename", "truncate"}, said[0]) {
		return
	}
	for _, table := range touchedTables(said, h.database) {
		h.every(table)
		if h.forget != nil {
			h.forget(table)
		}
	}
	// CREATE TABLE … SELECT is the one DDL statement that rows follow in the same transaction.
	if !slices.Equal(said[max(len(said)-2, 0):], []string{"start", "transaction"}) {
		err = h.seal()
	}
}

// touchedTables lists the tables with rules that a DDL statement, given as its words, may
// have changed rows of. A table that is made is empty, whatever was in the one of its name
// before, which went with its database: DROP DATABASE names no table. Index statements
// change no rows.
func touchedTables(said []string, database string) []string {
	if len(said) == 0 {
		return nil
	}
	switch said[0] {
	case "truncate", "alter", "drop", "rename":
	case "create":
		said = made(said, strings.ToLower(database))
	default:
		return nil
	}
	if len(said) > 1 && said[1] == "index" {
		return nil
	}
	var tables []string
	for _, w := range said {
		if _, ok := rules[w]; ok {
			tables = append(tables, w)
		}
	}
	return tables
}

// made is the name of the table that a CREATE TABLE statement makes, and no other one in
// it: that of the table that it is made like, or whose rows it gets.
func made(said []string, database string) []string {
	if len(said) < 3 || said[1] != "table" {
		return nil
	}
	said = said[2:]
	if len(said) > 3 && slices.Equal(said[:3], []string{"if", "not", "exists"}) {
		said = said[3:]
	}
	if said[0] == database && len(said) > 1 {
		said = said[1:]
	}
	return said[:1]
}

// words are the words of a statement in lower case, without comments, texts and
// punctuation. What stands in /*! … */ is a part of the statement for MySQL, and so it is here.
func words(query string) []string {
	var said []string
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
			said, rest = append(said, strings.ToLower(name)), left
		default:
			word := rest
			if end := strings.IndexFunc(rest, func(r rune) bool { return !isNamed(r) }); end >= 0 {
				word = rest[:end]
			}
			if rest = rest[len(word):]; word != "" {
				said = append(said, strings.ToLower(word))
				continue
			}
			_, size := utf8.DecodeRuneInString(rest)
			rest = rest[size:]
		}
	}
	return said
}

func isNamed(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '$' }

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
