package table_test

import (
	"testing"

	"github.com/xunke/xunke/internal/table"
)

func TestRows(t *testing.T) {
	got := table.Rows{{"name", "n", "note"}, {"数据", "1,200", "a"}, {"C++", "7", ""}}.String()
	want := "name      n  note\n数据  1,200  a\nC++       7\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
