package queue

import (
	"strconv"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/searchlog"
)

// The fields of an entry in the stream.
const (
	fieldType     = "t"
	fieldKind     = "k"
	fieldID       = "i"
	fieldAt       = "a" // milliseconds since 1970
	fieldSearch   = "s"
	fieldPosition = "p"

	fieldCapped = "x"
	// Of a search.
	fieldQuery      = "q"
	fieldSpelling   = "w"
	fieldNew        = "n"
	fieldNewNetwork = "m"
	fieldTotal      = "h"
	fieldFlags      = "f"
	fieldShown      = "v" // and a kind
)

// The flags of a search.
const (
	flagNarrowed  = 'n'
	flagCorrected = 'c'
	flagRelaxed   = 'r'
	flagShortened = 's'
)

// encodeEvent is an event as the stream holds it: without the visitor.
func encodeEvent(e events.Event) []any {
	fields := []any{fieldType, string(e.Type), fieldAt, e.At.UnixMilli()}
	if e.Type == events.Search {
		return append(encodeSearch(e), fields...)
	}
	fields = append(fields, fieldKind, string(e.Item.Kind), fieldID, e.Item.ID)
	if e.Type == events.Click {
		fields = append(fields, fieldSearch, e.SearchID, fieldPosition, e.Position)
	}
	return fields
}

// encodeSearch begins with query and spelling: search.lua may have to leave them out.
func encodeSearch(e events.Event) []any {
	s, flags := e.Search, ""
	for flag, set := range map[rune]bool{flagNarrowed: s.Narrowed, flagCorrected: s.Corrected, flagRelaxed: s.Relaxed, flagShortened: s.Shortened} {
		if set {
			flags += string(flag)
		}
	}
	fields := []any{
		fieldQuery, s.Query, fieldSpelling, s.Spelling, fieldSearch, e.SearchID,
		fieldPosition, s.From, fieldTotal, s.Total, fieldFlags, flags,
	}
	for k, n := range s.Shown {
		fields = append(fields, fieldShown+string(k), n)
	}
	return fields
}

// fields reads an entry of the stream; broken says that one was not what it has to be.
type fields struct {
	values map[string]any
	broken bool
}

func (f *fields) text(name string) string {
	s, _ := f.values[name].(string)
	return s
}

func (f *fields) number(name string) int64 {
	n, err := strconv.ParseInt(f.text(name), 10, 64)
	f.broken = f.broken || err != nil
	return n
}

// decodeEvent reads what encodeEvent wrote. What it cannot read has no type and is
// dropped by whoever counts: waiting would not make it readable.
func decodeEvent(values map[string]any) events.Event {
	f := fields{values: values}
	e := events.Event{
		Type: events.Type(f.text(fieldType)), At: time.UnixMilli(f.number(fieldAt)).UTC(), Capped: f.text(fieldCapped) == "1",
	}
	switch e.Type {
	case events.Search:
		e.SearchID = f.text(fieldSearch)
		e.Search = f.search()
	case events.Click:
		e.SearchID = f.text(fieldSearch)
		e.Position = int(f.number(fieldPosition))
		fallthrough
	default:
		e.Item = catalog.Key{Kind: catalog.Kind(f.text(fieldKind)), ID: f.number(fieldID)}
	}
	if f.broken || e.Validate() != nil {
		return events.Event{}
	}
	return e
}

func (f *fields) search() *searchlog.Entry {
	s := &searchlog.Entry{
		Query: f.text(fieldQuery), Spelling: f.text(fieldSpelling), New: f.text(fieldNew) == "1", NewNetwork: f.text(fieldNewNetwork) == "1",
		Page: searchlog.Page{From: int(f.number(fieldPosition)), Total: f.number(fieldTotal), Shown: map[catalog.Kind]int{}},
	}
	for _, flag := range f.text(fieldFlags) {
		s.Narrowed = s.Narrowed || flag == flagNarrowed
		s.Corrected = s.Corrected || flag == flagCorrected
		s.Relaxed = s.Relaxed || flag == flagRelaxed
		s.Shortened = s.Shortened || flag == flagShortened
	}
	for _, k := range catalog.Kinds() {
		if name := fieldShown + string(k); f.text(name) != "" {
			s.Shown[k] = int(f.number(name))
		}
	}
	return s
}
