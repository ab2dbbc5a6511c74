package store_test

import (
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
)

func TestItemsThatAreThere(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	testenv.Exec(t, db, `INSERT INTO courses (id, name, hidden) VALUES (7, '数据结构', 0), (8, '藏起来的', 1)`)
	items := store.NewItems(db, nil)
	course := func(id int64) bool { return items.Known(t.Context(), catalog.Key{Kind: catalog.KindCourse, ID: id}) }
	if !course(7) || course(8) || course(9) || items.Known(t.Context(), catalog.Key{Kind: catalog.KindOrg, ID: 7}) {
		t.Errorf("course 7: %t, hidden: %t, missing: %t", course(7), course(8), course(9))
	}
	testenv.Exec(t, db, `INSERT INTO courses (id, name) VALUES (9, '新的')`)
	if !course(9) {
		t.Error("one that came since is not there")
	}
	_ = db.Close()
	if !course(7) || !course(10) {
		t.Error("what cannot be looked up is refused")
	}
}
