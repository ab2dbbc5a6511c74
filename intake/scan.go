package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"

	"github.com/xunke/xunke/catalog"
)

// lineState is what the first pass found a line to be. One byte a line is kept, so that
// the later passes parse the lines of their kind alone.
type lineState uint8

const (
	lineSkipped lineState = iota // empty, bad, or replaced by a later line
	lineOrg
	lineTeacher
	lineCourse
)

var kindStates = map[catalog.Kind]lineState{
	catalog.KindOrg: lineOrg, catalog.KindTeacher: lineTeacher, catalog.KindCourse: lineCourse,
}

// scan is the first pass over the files. It checks every line and reports what is
// wrong before anything is written, and finds for each key the line that counts: the
// last one. It keeps a byte a line and 64 bits of hash a key.
type scan struct {
	files    []file
	report   func(Problem)
	step     func(int64)
	seed     maphash.Seed
	states   [][]lineState
	defined  map[uint64]lineAt
	rejected map[uint64]bool // keys of bad lines
	counts   map[lineState]int64
	bad      int64
	replaced int64
}

type lineAt struct {
	file  uint32
	index uint32 // from 0
}

func newScan(files []file, report func(Problem), step func(int64)) *scan {
	return &scan{
		files: files, report: report, step: step, seed: maphash.MakeSeed(),
		defined: map[uint64]lineAt{}, rejected: map[uint64]bool{}, counts: map[lineState]int64{},
	}
}

// run reads every file once.
func (s *scan) run(ctx context.Context) error {
	for i := range s.files {
		s.states = append(s.states, nil)
		if err := s.file(ctx, i); err != nil {
			return err
		}
	}
	for key := range s.rejected {
		if _, ok := s.defined[key]; ok {
			delete(s.rejected, key)
		}
	}
	s.defined = nil
	return nil
}

func (s *scan) file(ctx context.Context, i int) (err error) {
	f, err := os.Open(s.files[i].path)
	if err != nil {
		return fmt.Errorf("open catalogue: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := newLineReader(f)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		at := Position{Source: s.files[i].name, Line: lines.number}
		switch {
		case errors.Is(err, errLongLine):
			s.reject(Item{}, at, []Problem{{Reason: err.Error()}})
			s.states[i] = append(s.states[i], lineSkipped)
		case err != nil:
			return fmt.Errorf("read %s: %w", s.files[i].name, err)
		default:
			s.states[i] = append(s.states[i], s.line(line, i, at))
		}
		s.step(1)
	}
}

// line checks one line and says what it is.
func (s *scan) line(line []byte, fileIndex int, at Position) lineState {
	if len(bytes.TrimSpace(line)) == 0 {
		return lineSkipped
	}
	item, problems := ParseLine(line)
	if problems != nil {
		s.reject(item, at, problems)
		return lineSkipped
	}
	state := kindStates[item.Kind()]
	key := s.hash(item.Kind(), item.Key())
	if earlier, ok := s.defined[key]; ok {
		s.replace(earlier, fileIndex, at, item)
	}
	s.defined[key] = lineAt{file: uint32(fileIndex), index: uint32(at.Line - 1)}
	s.counts[state]++
	return state
}

// replace takes out a line whose key is defined again. Within a file that is a mistake
// and reported; a later file is meant to replace what an earlier one says.
func (s *scan) replace(earlier lineAt, fileIndex int, at Position, item Item) {
	state := &s.states[earlier.file][earlier.index]
	s.counts[*state]--
	*state = lineSkipped
	if int(earlier.file) != fileIndex {
		s.replaced++
		return
	}
	s.bad++
	s.report(Problem{
		Position: Position{Source: at.Source, Line: int64(earlier.index) + 1}, Field: "key", Value: quote(item.Key()),
		Reason: fmt.Sprintf("is given again in line %d, which counts instead", at.Line),
	})
}

func (s *scan) reject(item Item, at Position, problems []Problem) {
	s.bad++
	for _, p := range problems {
		p.Position = at
		s.report(p)
	}
	if item.Key() != "" {
		s.rejected[s.hash(item.Kind(), item.Key())] = true
	}
}

func (s *scan) hash(k catalog.Kind, key string) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	_, _ = h.WriteString(string(k))
	_ = h.WriteByte(0)
	_, _ = h.WriteString(key)
	return h.Sum64()
}

// mark forbids a reference to be taken for a name where it is the key of a bad line:
// an org named "o17" would be of no use.
func (s *scan) mark(k catalog.Kind, r *Ref) {
	if len(s.rejected) > 0 && r.Text != "" && s.rejected[s.hash(k, r.Text)] {
		r.KeyOnly = true
	}
}

// items is a later pass: the items of one kind, in the order of the files.
func (s *scan) items(k catalog.Kind) func(yield func(Item, error) bool) {
	return func(yield func(Item, error) bool) {
		if s.counts[kindStates[k]] == 0 {
			return
		}
		for i := range s.files {
			if !s.pass(i, kindStates[k], yield) {
				return
			}
		}
	}
}

// errChanged is what a pass returns when a line is not what it was in the first pass.
var errChanged = errors.New("it changed while it was read")

func (s *scan) pass(i int, want lineState, yield func(Item, error) bool) bool {
	f, err := os.Open(s.files[i].path)
	if err != nil {
		return yield(Item{}, fmt.Errorf("open catalogue: %w", err))
	}
	defer func() { _ = f.Close() }() // it was only read
	fail := func(err error) bool {
		yield(Item{}, fmt.Errorf("read %s: %w", s.files[i].name, err))
		return false
	}
	lines := newLineReader(f)
	for index, state := range s.states[i] {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return fail(errChanged)
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return fail(err)
		}
		if state != want {
			continue
		}
		item, problems := ParseLine(line)
		if err != nil || problems != nil || kindStates[item.Kind()] != want {
			return fail(errChanged)
		}
		item.Position = Position{Source: s.files[i].name, Line: int64(index) + 1}
		s.markItem(item)
		if !yield(item, nil) {
			return false
		}
	}
	return true
}

func (s *scan) markItem(item Item) {
	if t := item.Teacher; t != nil {
		s.mark(catalog.KindOrg, &t.Org)
	}
	if c := item.Course; c != nil {
		s.mark(catalog.KindOrg, &c.Org)
		for i := range c.Teachers {
			s.mark(catalog.KindTeacher, &c.Teachers[i])
		}
	}
}
