package standby_test

import (
	"context"
	"errors"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/standby"
)

type fakeDetails struct {
	course func(id int64) (catalog.Course, error)
}

func (f fakeDetails) Course(_ context.Context, id int64) (catalog.Course, error) { return f.course(id) }
func (f fakeDetails) Org(_ context.Context, id int64) (catalog.Org, error) {
	c, err := f.course(id)
	return catalog.Org{ID: c.ID, Name: c.Name, Degraded: c.Degraded}, err
}
func (f fakeDetails) Teacher(_ context.Context, id int64) (catalog.Teacher, error) {
	c, err := f.course(id)
	return catalog.Teacher{ID: c.ID, Name: c.Name, Degraded: c.Degraded}, err
}
func (f fakeDetails) Ready(context.Context) error { return nil }

func TestItemReader(t *testing.T) {
	away := catalog.Unavailable("MySQL", errors.New("stopped"))
	documents := fakeDetails{func(id int64) (catalog.Course, error) {
		if id == 9 {
			return catalog.Course{}, catalog.NotFound(catalog.KindCourse, id)
		}
		return catalog.Course{ID: id, Name: "文档", Degraded: true}, nil
	}}
	for _, c := range []struct {
		name     string
		id       int64
		err      error
		want     error
		degraded bool
	}{
		{"the source answers", 1, nil, nil, false},
		{"the source is away", 1, away, nil, true},
		{"the source knows that there is none", 1, catalog.NotFound(catalog.KindCourse, 1), catalog.NotFound(catalog.KindCourse, 1), false},
		{"the source is away, and what is new has no document", 9, away, away, false},
	} {
		source := fakeDetails{func(id int64) (catalog.Course, error) {
			return catalog.Course{ID: id, Name: "行"}, c.err
		}}
		r := standby.ItemReader{Source: source, Documents: documents}
		course, err := r.Course(t.Context(), c.id)
		if catalog.CodeOf(err) != catalog.CodeOf(c.want) || (err == nil) != (c.want == nil) || course.Degraded != c.degraded {
			t.Errorf("%s: %+v, %v", c.name, course, err)
		}
		org, _ := r.Org(t.Context(), c.id)
		teacher, _ := r.Teacher(t.Context(), c.id)
		if org.Degraded != c.degraded || teacher.Degraded != c.degraded {
			t.Errorf("%s: %+v, %+v", c.name, org, teacher)
		}
	}
}
