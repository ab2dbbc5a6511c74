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
	for _, c := range []struct {
		text              string
		courses, teachers []string
	}{
		{"PYTHON", []string{"b", "a"}, nil},
		{"0%", []string{"a"}, nil},
		{"_", []string{""}, nil},
		{"王", nil, []string{"t"}},
		{`\`, nil, nil},
		{"'", nil, nil},
	} {
		found, err := baseline.NewLike(db).Keys(t.Context(), catalog.Kinds(), c.text, 10)
		keys := found.Hits
		if err != nil || !slices.Equal(keys[catalog.KindCourse], c.courses) || !slices.Equal(keys[catalog.KindTeacher], c.teachers) {
			t.Errorf("like %q are %q, %v; want courses %q, teachers %q", c.text, keys, err, c.courses, c.teachers)
		}
	}
}
