package mysql_test

import (
	"slices"
	"testing"

	"github.com/xunke/xunke/internal/mysql"
)

func TestMarks(t *testing.T) {
	if marks, args := mysql.Placeholders([]string{"a", "b"}); marks != "?,?" || !slices.Equal(args, []any{"a", "b"}) {
		t.Errorf("two values are %q, %v", marks, args)
	}
	if got := mysql.RowMarks(1, 1); got != "(?)" {
		t.Errorf("one row of one column is %q", got)
	}
	if got := mysql.RowMarks(3, 2); got != "(?,?,?),(?,?,?)" {
		t.Errorf("two rows of three columns are %q", got)
	}
	if got := mysql.QuoteName("a`b"); got != "`a``b`" {
		t.Errorf("the name is quoted as %s", got)
	}
}
