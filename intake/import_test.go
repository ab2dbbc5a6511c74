package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeStore stands in for a database where a fault or the exact calls are wanted.
type fakeStore struct {
	orgs     func([]*Org) (Tally, error)
	teachers func([]*Teacher) (Tally, error)
	courses  func([]*Course) (Tally, error)

	enrolments func([]Enrolment) (Count, error)
	ratings    func([]Rating) (Count, error)
}

var _ Store = (*fakeStore)(nil)

func (f *fakeStore) WriteOrgs(_ context.Context, o []*Org) (Tally, error) { return f.orgs(o) }
func (f *fakeStore) WriteTeachers(_ context.Context, t []*Teacher) (Tally, error) {
	return f.teachers(t)
}
func (f *fakeStore) WriteCourses(_ context.Context, c []*Course) (Tally, error) { return f.courses(c) }

func (f *fakeStore) WriteEnrolments(_ context.Context, e []Enrolment) (Count, error) {
	return f.enrolments(e)
}

func (f *fakeStore) WriteRatings(_ context.Context, r []Rating) (Count, error) { return f.ratings(r) }

// recorder is a store that remembers the order of what it was given.
func recorder(written *[]string) *fakeStore {
	return &fakeStore{
		orgs: func(items []*Org) (Tally, error) {
			for _, o := range items {
				*written = append(*written, "org "+o.Key+" "+o.Name)
			}
			return Tally{Orgs: Count{Created: int64(len(items))}}, nil
		},
		teachers: func(items []*Teacher) (Tally, error) {
			for _, o := range items {
				*written = append(*written, "teacher "+o.Key+" "+o.Name)
			}
			return Tally{Teachers: Count{Created: int64(len(items))}}, nil
		},
		courses: func(items []*Course) (Tally, error) {
			for _, o := range items {
				*written = append(*written, fmt.Sprintf("course %s %s %v %v", o.Key, o.Name, o.Org, o.Teachers))
			}
			return Tally{Courses: Count{Created: int64(len(items))}}, nil
		},
	}
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func line(kind, key, name string) string {
	return fmt.Sprintf(`{"type":%q,"key":%q,"name":%q}`, kind, key, name)
}

func TestImportWritesOrgsFirstAndReportsBadLines(t *testing.T) {
	a := writeFile(t, "a.jsonl", "\uFEFF"+strings.Join([]string{
		`{"type":"course","key":"c1","name":"一","org":"o1","teachers":["t1"]}`,
		``, `   `,
		line("teacher", "t1", "曾雨桐") + "\r",
		`{"type":"course","key":"c2","name":""}`,
		`{"type":"nonsense"}`,
	}, "\n"))
	b := writeFile(t, "b.jsonl", line("org", "o1", "学院")) // no line end at the end of the file
	var written, reported []string
	summary, err := Import(t.Context(), recorder(&written), []string{a, b}, Options{Report: func(p Problem) { reported = append(reported, p.String()) }})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"org o1 学院", "teacher t1 曾雨桐", "course c1 一 {o1 false} [{t1 false}]"}; !reflect.DeepEqual(written, want) {
		t.Errorf("written %q, want %q", written, want)
	}
	want := []string{"a.jsonl:5: name: is missing", `a.jsonl:6: type: is not one of org, teacher, course ("nonsense")`}
	if !reflect.DeepEqual(reported, want) {
		t.Errorf("reported %q, want %q", reported, want)
	}
	if summary.Bad != 2 || summary.Items() != 3 || len(summary.Problems) != 2 || summary.PerSecond <= 0 {
		t.Errorf("summary %+v", summary)
	}
}

func TestImportOfAKeyThatIsDefinedTwice(t *testing.T) {
	for name, tc := range map[string]struct {
		files    []string
		written  []string
		problems []string
		bad      int64
		replaced int64
	}{
		"in one file the last counts and the first is a mistake": {
			files:    []string{line("org", "k", "old") + "\n" + line("org", "k2", "other") + "\n" + line("org", "k", "new")},
			written:  []string{"org k2 other", "org k new"},
			problems: []string{`0.jsonl:1: key: is given again in line 3, which counts instead ("k")`},
			bad:      1,
		},
		"in two files the later replaces": {
			files:    []string{line("org", "k", "old"), line("org", "k", "new")},
			written:  []string{"org k new"},
			replaced: 1,
		},
		"a bad line replaces nothing": {
			files:    []string{line("org", "k", "old") + "\n" + line("org", "k", "")},
			written:  []string{"org k old"},
			problems: []string{"0.jsonl:2: name: is missing"},
			bad:      1,
		},
		"a key belongs to its type": {
			files:   []string{line("org", "k", "o") + "\n" + line("teacher", "k", "t")},
			written: []string{"org k o", "teacher k t"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var paths, written, problems []string
			for i, text := range tc.files {
				paths = append(paths, writeFile(t, fmt.Sprintf("%d.jsonl", i), text))
			}
			summary, err := Import(t.Context(), recorder(&written), paths, Options{Report: func(p Problem) { problems = append(problems, p.String()) }})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(written, tc.written) || !reflect.DeepEqual(problems, tc.problems) || summary.Bad != tc.bad || summary.Replaced != tc.replaced {
				t.Errorf("written %q, problems %q, bad %d, replaced %d", written, problems, summary.Bad, summary.Replaced)
			}
		})
	}
}

func TestImportTakesTheKeyOfABadLineForNoName(t *testing.T) {
	path := writeFile(t, "a.jsonl", strings.Join([]string{
		`{"type":"org","key":"o1","name":"学院","category":"school"}`,
		`{"type":"teacher","key":"t1","name":"  "}`,
		`{"type":"course","key":"c","name":"课","org":"o1","teachers":["t1","李静怡"]}`,
	}, "\n"))
	var written, reported []string
	store := recorder(&written)
	courses := store.courses
	store.courses = func(c []*Course) (Tally, error) {
		tally, err := courses(c)
		tally.Dangling = []Dangling{{Item: 0, Field: "org", Key: "o1"}} // as a store without that org says
		return tally, err
	}
	summary, err := Import(t.Context(), store, []string{path}, Options{Report: func(p Problem) { reported = append(reported, p.String()) }})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"course c 课 {o1 true} [{t1 true} {李静怡 false}]"}; !reflect.DeepEqual(written, want) {
		t.Errorf("written %q, want %q", written, want)
	}
	if len(reported) != 3 || reported[2] != `a.jsonl:3: org: left out, because no usable org has this key ("o1")` || summary.Warnings != 1 || summary.Bad != 2 {
		t.Errorf("reported %q, summary %+v", reported, summary)
	}
}

func TestImportReadsStandardInputAndPipes(t *testing.T) {
	var written []string
	pipe, end := io.Pipe()
	go func() {
		_, _ = io.WriteString(end, line("course", "c", "课")+"\n"+line("org", "o", "学院"))
		_ = end.Close()
	}()
	t.Setenv("TMPDIR", t.TempDir())
	if _, err := Import(t.Context(), recorder(&written), []string{"-"}, Options{Stdin: pipe}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"org o 学院", "course c 课 { false} []"}; !reflect.DeepEqual(written, want) {
		t.Errorf("written %q, want %q", written, want)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestImportWritesNothingWhenAFileCannotBeRead(t *testing.T) {
	good := writeFile(t, "a.jsonl", line("org", "o", "学院"))
	for _, bad := range []string{filepath.Join(t.TempDir(), "none.jsonl"), t.TempDir()} {
		var written []string
		if _, err := Import(t.Context(), recorder(&written), []string{good, bad}, Options{}); err == nil || len(written) > 0 {
			t.Errorf("%s: error %v, written %q", bad, err, written)
		}
	}
}

func TestLinesOfAnyLength(t *testing.T) {
	fits := `{"type":"org","key":"a","name":"n","description":"` + strings.Repeat("x", MaxText) + `"}`
	text := strings.Join([]string{strings.Repeat("x", MaxLine+1), fits, strings.Repeat("y", 3*MaxLine), line("org", "b", "n"), strings.Repeat("z", MaxLine+1)}, "\n")
	var written, reported []string
	if _, err := Import(t.Context(), recorder(&written), []string{writeFile(t, "a.jsonl", text)},
		Options{Report: func(p Problem) { reported = append(reported, p.String()) }}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"org a n", "org b n"}; !reflect.DeepEqual(written, want) {
		t.Errorf("written %q", written)
	}
	if want := []string{"a.jsonl:1: is longer than 4194304 bytes", "a.jsonl:3: is longer than 4194304 bytes", "a.jsonl:5: is longer than 4194304 bytes"}; !reflect.DeepEqual(reported, want) {
		t.Errorf("reported %q", reported)
	}
}

func TestImportEndsWithTheStoresError(t *testing.T) {
	broken := errors.New("the disk is full")
	var lines []string
	for i := range 5000 {
		lines = append(lines, line("course", fmt.Sprint(i), "课"))
	}
	calls := 0
	store := &fakeStore{courses: func(c []*Course) (Tally, error) {
		if calls++; calls == 3 {
			return Tally{}, broken
		}
		return Tally{Courses: Count{Created: int64(len(c))}}, nil
	}}
	summary, err := Import(t.Context(), store, []string{writeFile(t, "a.jsonl", strings.Join(lines, "\n"))}, Options{})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "from a.jsonl:2001") || summary.Courses.Created != 2000 || calls != 3 {
		t.Errorf("error %v after %d calls, summary %+v", err, calls, summary)
	}
}

func TestImportEndsWhenItIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var lines []string
	for i := range 5000 {
		lines = append(lines, line("org", fmt.Sprint(i), "n"))
	}
	store := &fakeStore{orgs: func([]*Org) (Tally, error) {
		cancel()
		return Tally{}, ctx.Err()
	}}
	if _, err := Import(ctx, store, []string{writeFile(t, "a.jsonl", strings.Join(lines, "\n"))}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A batch is bounded by bytes as well: 2 MiB texts come two at a time at most.
func TestBatchesAreBounded(t *testing.T) {
	var sizes []int
	store := &fakeStore{courses: func(c []*Course) (Tally, error) {
		sizes = append(sizes, len(c))
		return Tally{}, nil
	}}
	l := &Loader{Store: store}
	text := strings.Repeat("x", MaxText)
	err := l.Load(t.Context(), "courses", 0, func(yield func(Item, error) bool) {
		for i := range 2505 {
			c := &Course{Key: fmt.Sprint(i)}
			if i >= 2500 {
				c.Description = text
			}
			if !yield(Item{Course: c}, nil) {
				return
			}
		}
	})
	if want := []int{1000, 1000, 501, 1, 1, 1, 1}; err != nil || !reflect.DeepEqual(sizes, want) {
		t.Errorf("batches of %v, want %v, %v", sizes, want, err)
	}
}

type progressLog struct{ phases []string }

func (p *progressLog) Phase(name string, total int64) {
	p.phases = append(p.phases, fmt.Sprint(name, " ", total))
}
func (p *progressLog) Add(int64) {}

func TestImportTellsItsPhases(t *testing.T) {
	var written []string
	p := &progressLog{}
	path := writeFile(t, "a.jsonl", line("course", "c", "课")+"\n"+line("org", "o", "学院"))
	if _, err := Import(t.Context(), recorder(&written), []string{path}, Options{Progress: p}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"check 0", "orgs 1", "courses 1"}; !reflect.DeepEqual(p.phases, want) {
		t.Errorf("phases %v, want %v", p.phases, want)
	}
}

// Memory must not grow with the file: 80 MiB of descriptions go through, and the heap
// stays far below that.
func TestImportIsBoundedInMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.jsonl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("课程描述", 1700)
	for i := range 4000 {
		if _, err := fmt.Fprintf(f, `{"type":"course","key":"%d","name":"n","description":%q}`+"\n", i, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var peak uint64
	store := &fakeStore{courses: func(c []*Course) (Tally, error) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapAlloc)
		return Tally{Courses: Count{Created: int64(len(c))}}, nil
	}}
	summary, err := Import(t.Context(), store, []string{path}, Options{})
	if err != nil || summary.Courses.Created != 4000 {
		t.Fatalf("%+v, %v", summary, err)
	}
	if peak > 48<<20 {
		t.Errorf("%d MiB on the heap", peak>>20)
	}
}

func TestKindsOfItems(t *testing.T) {
	for _, tc := range []struct {
		item Item
		kind catalog.Kind
	}{{Item{Org: &Org{Key: "k"}}, catalog.KindOrg}, {Item{Teacher: &Teacher{Key: "k"}}, catalog.KindTeacher}, {Item{Course: &Course{Key: "k"}}, catalog.KindCourse}} {
		if tc.item.Kind() != tc.kind || tc.item.Key() != "k" || tc.item.size() == 0 {
			t.Errorf("%s: kind %q, key %q", tc.kind, tc.item.Kind(), tc.item.Key())
		}
	}
	if (Item{}).Kind() != "" || (Item{}).Key() != "" {
		t.Error("an empty item is of a kind")
	}
}
