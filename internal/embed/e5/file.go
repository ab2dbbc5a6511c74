package e5

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/xunke/xunke/catalog"
)

// fileSize is how long the file of weights is.
const fileSize = 71622400

// headBytes is how long its beginning is: sizes, vocabulary, where the tensors lie.
const headBytes = 4638248

// blockBytes holds 32 weights: a scale in half precision and 32 numbers of four bits.
const (
	block      = 32
	blockBytes = 18
)

// Open reads a file of weights. It checks the whole of it against SHA256, so that nothing
// that is read afterwards can be out of place. What is wrong with the file is a
// catalog.Error with a hint.
func Open(path string) (*Model, error) {
	if path == "" {
		return nil, &catalog.Error{
			Code: catalog.CodeUnavailable, Message: "no model is configured",
			Hint: "fetch one with docker/local/servers.sh model and set meaning.model to its file",
		}
	}
	f, err := os.Open(path) //nolint:gosec // the operator's own setting
	if err != nil {
		return nil, refuse(path, fmt.Sprintf("cannot be read: %v", errors.Unwrap(err)))
	}
	m, err := read(f, path)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return m, nil
}

func refuse(path, why string) error {
	return &catalog.Error{
		Code: catalog.CodeUnavailable, Message: fmt.Sprintf("the model %s %s", path, why),
		Hint: "fetch it: docker/local/servers.sh model",
	}
}

func read(f *os.File, path string) (*Model, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at the model: %w", err)
	}
	if info.Size() != fileSize {
		return nil, refuse(path, fmt.Sprintf("has %d bytes in place of %d: it is cut short or another version", info.Size(), int64(fileSize)))
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return nil, refuse(path, fmt.Sprintf("cannot be read: %v", err))
	}
	if hex.EncodeToString(sum.Sum(nil)) != SHA256 {
		return nil, refuse(path, "is not "+Name+" "+Version+" (its checksum differs)")
	}
	head := make([]byte, headBytes)
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("read the model: %w", err)
	}
	return parse(f, head)
}

// reader takes little-endian values off the front of a file.
type reader struct{ rest []byte }

func (r *reader) bytes(n int) []byte {
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) u32() int { return int(binary.LittleEndian.Uint32(r.bytes(4))) }

func (r *reader) u64() int { return int(binary.LittleEndian.Uint64(r.bytes(8))) } //nolint:gosec // the checksum was compared

func (r *reader) f32s(n int) []float32 {
	raw := r.bytes(4 * n)
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out
}

func (r *reader) u32s(n int) []uint32 {
	raw := r.bytes(4 * n)
	out := make([]uint32, n)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return out
}

// extent is where a tensor lies in the file.
type extent struct{ at, size int }

// parse makes a model of a file whose checksum is right and that begins with head.
func parse(f *os.File, head []byte) (*Model, error) {
	r := &reader{rest: head}
	if string(r.bytes(4)) != "E5S1" {
		return nil, errors.New("read the model: it does not begin as one")
	}
	r.u32()
	for _, want := range []int{hidden, layers, heads, inner, vocabulary, positions} {
		if got := r.u32(); got != want {
			return nil, fmt.Errorf("read the model: it has %d where %d is known", got, want)
		}
	}
	r.bytes(12) // types of tokens, epsilon, size of a block
	m := &Model{words: readTokenizer(r)}
	tensors := map[string]extent{}
	for range r.u32() {
		name := string(r.bytes(int(binary.LittleEndian.Uint16(r.bytes(2)))))
		r.bytes(5) // what the numbers are, how many
		tensors[name] = extent{r.u64(), r.u64()}
	}
	m.table = &table{file: f, at: int64(tensors["emb.word"].at)}
	t := tensorReader{f, tensors, nil}
	m.position, m.kind, m.first = t.floats("emb.pos"), t.floats("emb.type"), t.norm("emb.ln")
	for i := range layers {
		l := func(part string) string { return fmt.Sprintf("l%d.%s", i, part) }
		m.layers = append(m.layers, layer{
			query:    t.matrix(l("q"), hidden, hidden),
			key:      t.matrix(l("k"), hidden, hidden),
			value:    t.matrix(l("v"), hidden, hidden),
			output:   t.matrix(l("ao"), hidden, hidden),
			attended: t.norm(l("aln")),
			up:       t.matrix(l("fi"), hidden, inner),
			down:     t.matrix(l("fo"), inner, hidden),
			done:     t.norm(l("oln")),
		})
	}
	return m, t.err
}

// tensorReader reads tensors and keeps the first error.
type tensorReader struct {
	file    *os.File
	extents map[string]extent
	err     error
}

func (t *tensorReader) raw(name string) []byte {
	raw := make([]byte, t.extents[name].size)
	if _, err := t.file.ReadAt(raw, int64(t.extents[name].at)); err != nil && t.err == nil {
		t.err = fmt.Errorf("read %s of the model: %w", name, err)
	}
	return raw
}

func (t *tensorReader) floats(name string) []float32 {
	raw := t.raw(name)
	return (&reader{rest: raw}).f32s(len(raw) / 4)
}

func (t *tensorReader) norm(name string) norm {
	return norm{t.floats(name + ".w"), t.floats(name + ".b")}
}

func (t *tensorReader) matrix(name string, in, out int) matrix {
	return newMatrix(t.raw(name+".w"), t.floats(name+".b"), in, out)
}

// table reads the first vectors of words from the file when they are needed: three quarters
// of the weights are of words that a catalogue never has.
type table struct {
	file *os.File
	at   int64
}

// row puts the vector of a token into out.
func (t *table) row(token int32, out []float32) error {
	var raw [hidden / block * blockBytes]byte
	if _, err := t.file.ReadAt(raw[:], t.at+int64(token)*int64(len(raw))); err != nil {
		return fmt.Errorf("read a word of the model: %w", err)
	}
	for b := range hidden / block {
		scale, numbers := unpack(raw[b*blockBytes:])
		for i, n := range numbers {
			out[b*block+i] = scale * float32(int(n)-8)
		}
	}
	return nil
}

func (t *table) close() error { return t.file.Close() }

// unpack returns the scale of a block and its 32 numbers, each 8 too great.
func unpack(raw []byte) (float32, [block]byte) {
	var numbers [block]byte
	for i, pair := range raw[2:blockBytes] {
		numbers[i], numbers[i+block/2] = pair&15, pair>>4
	}
	return half(binary.LittleEndian.Uint16(raw)), numbers
}

// half is a number of half precision.
func half(h uint16) float32 {
	exponent, fraction := int(h>>10&31), float64(h&1023)
	var x float64
	switch exponent {
	case 0:
		x = math.Ldexp(fraction, -24)
	default:
		x = math.Ldexp(1024+fraction, exponent-25)
	}
	if h>>15 == 1 {
		x = -x
	}
	return float32(x)
}
