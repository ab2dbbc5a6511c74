package mxonline

import (
	"context"
	"fmt"
	"strings"
)

// Report says, table by table, what was carried over and what was not.
type Report struct {
	Tables []TableReport `json:"tables"`
}

// TableReport is one table of the platform.
type TableReport struct {
	Table   string   `json:"table"`
	Rows    int64    `json:"rows"`
	Carried int64    `json:"carried"`
	Columns []string `json:"columns_left,omitempty"` // that nothing takes over
	Note    string   `json:"note,omitempty"`
}

// String is a line for each table of which something was left behind.
func (r *Report) String() string {
	var b strings.Builder
	for _, t := range r.Tables {
		var why []string
		if t.Note != "" {
			why = append(why, t.Note)
		}
		if len(t.Columns) > 0 {
			why = append(why, "columns not taken over: "+strings.Join(t.Columns, ", "))
		}
		if t.Carried == t.Rows && len(why) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s: %d of %d rows carried over", t.Table, t.Carried, t.Rows)
		if len(why) > 0 {
			b.WriteString(" (" + strings.Join(why, "; ") + ")")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// notes say why the rows of other tables stay behind; the ends of their names tell what
// they are.
var notes = []struct{ suffix, note string }{
	{"userprofile", "accounts are not carried over yet"},
	{"emailverifyrecord", "codes have expired"},
	{"banner", "the home page is made here"},
	{"userask", "consultations are not carried over yet"},
	{"coursecomments", "comments are not carried over yet"},
	{"userfavorite", "favourites belong to accounts, which are not carried over yet"},
	{"usermessage", "messages belong to accounts, which are not carried over yet"},
	{"usercourse", "it lacks the course or the user; the number of enrolments is in each course's starting figure"},
}

// framework are the beginnings of the names of Django's own tables.
var framework = []string{"auth_", "django_", "xadmin_", "captcha_", "reversion_", "sessions_"}

// addOtherTables reports the tables that play no role, but not those of the framework.
func (r *Report) addOtherTables(ctx context.Context, q querier, tables []string) error {
	for _, name := range tables {
		own := false
		for _, prefix := range framework {
			own = own || strings.HasPrefix(name, prefix)
		}
		if own {
			continue
		}
		rows, err := count(ctx, q, name)
		if err != nil {
			return err
		}
		t := TableReport{Table: name, Rows: rows, Note: "not part of a catalogue"}
		for _, n := range notes {
			if strings.HasSuffix(strings.ReplaceAll(name, "_", ""), n.suffix) {
				t.Note = n.note
			}
		}
		r.Tables = append(r.Tables, t)
	}
	return nil
}
