package baseline_test

import (
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/eval/baseline"
	"github.com/xunke/xunke/internal/testenv"
)

func TestLike(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	for _, statement := range []string{
		"INSERT INTO courses (`key`, name, description, starting_students, hidden) VALUES ('a', 'Python 100%', '', 1, FALSE)," +
			" ('b', '数据结构', '用 python 讲', 5, FALSE), ('c', 'python', '', 9, TRUE), (NULL, '_', '', 0, FALSE)",
		"INSERT INTO teachers (`key`, name) VALUES ('t', '王伟')",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string][]string{"PYTHON": {"b", "a"}, "0%": {"a"}, "_": {""}, "王": nil, `\`: nil, "'": nil} {
		keys, err := baseline.NewLike(db).Keys(t.Context(), catalog.Kinds(), text, 10)
		if err != nil || !slices.Equal(keys[catalog.KindCourse], want) {
			t.Errorf("courses like %q are %q, %v; want %q", text, keys[catalog.KindCourse], err, want)
		}
		if text == "王" && !slices.Equal(keys[catalog.KindTeacher], []string{"t"}) {
			t.Errorf("teachers like %q are %q", text, keys[catalog.KindTeacher])
		}
	}
}
