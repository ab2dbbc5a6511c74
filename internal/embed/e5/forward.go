package e5

import (
	"context"
	"math"
)

// scratch is the memory of one pass, used again by the next.
type scratch struct {
	x, query, key, value, mixed, out []float32 // [tokens][hidden]
	wide                             []float32 // [tokens][inner]
	parts                            []float32 // of each token in what a token of a head attends to
	narrowed                         activations
}

func newScratch() *scratch {
	const most = passageMax // a multiple of stride, as queryMax is
	rows := func(width int) []float32 { return make([]float32, most*width) }
	return &scratch{
		x: rows(hidden), query: rows(hidden), key: rows(hidden), value: rows(hidden), mixed: rows(hidden), out: rows(hidden),
		wide: rows(inner), parts: rows(1),
		narrowed: activations{
			numbers: make([]int8, most*inner), scales: make([]float32, most*inner/block), offsets: make([]int32, most*inner/block),
		},
	}
}

// forward is the mean of what the layers make of the tokens, of length 1 (Devlin et al.,
// BERT, arXiv 1810.04805, with each layer's norm after its sum). Rows behind the last token
// fill up to a multiple of stride; nothing is read of them.
func (m *Model) forward(ctx context.Context, s *scratch, tokens []int32) ([]float32, error) {
	n := len(tokens)
	rows := (n + stride - 1) / stride * stride
	for i, token := range tokens {
		x := s.x[i*hidden : (i+1)*hidden]
		if err := m.table.row(token, x); err != nil {
			return nil, err
		}
		add(x, m.position[i*hidden:(i+1)*hidden])
		add(x, m.kind[:hidden])
	}
	clear(s.x[n*hidden : rows*hidden])
	clear(s.mixed[n*hidden : rows*hidden])
	m.first.apply(s.x[:n*hidden])
	for i := range m.layers {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.layers[i].forward(s, n, rows)
	}
	vector := make([]float32, hidden)
	for i := range n {
		add(vector, s.x[i*hidden:(i+1)*hidden])
	}
	var square float64
	for _, v := range vector {
		square += float64(v) * float64(v)
	}
	length := float32(math.Sqrt(square))
	for i := range vector {
		vector[i] /= length
	}
	return vector, nil
}

func (l *layer) forward(s *scratch, n, rows int) {
	s.narrowed.quantize(s.x[:rows*hidden])
	l.query.multiply(&s.narrowed, rows, s.query)
	l.key.multiply(&s.narrowed, rows, s.key)
	l.value.multiply(&s.narrowed, rows, s.value)
	s.attend(n)
	s.narrowed.quantize(s.mixed[:rows*hidden])
	l.output.multiply(&s.narrowed, rows, s.out)
	add(s.x[:n*hidden], s.out)
	l.attended.apply(s.x[:n*hidden])
	s.narrowed.quantize(s.x[:rows*hidden])
	l.up.multiply(&s.narrowed, rows, s.wide)
	for i, v := range s.wide[:rows*inner] {
		s.wide[i] = gelu(v)
	}
	s.narrowed.quantize(s.wide[:rows*inner])
	l.down.multiply(&s.narrowed, rows, s.out)
	add(s.x[:n*hidden], s.out)
	l.done.apply(s.x[:n*hidden])
}

// attend mixes the values of all tokens for each, head by head.
func (s *scratch) attend(n int) {
	scale := float32(1 / math.Sqrt(headSize))
	parts := s.parts[:n]
	for h := 0; h < hidden; h += headSize {
		keys, values := s.key[h:(n-1)*hidden+h+headSize], s.value[h:(n-1)*hidden+h+headSize]
		for t := range n {
			at := t*hidden + h
			dots(s.query[at:at+headSize], keys, hidden, parts)
			softmax(parts, scale)
			mix(parts, values, hidden, s.mixed[at:at+headSize])
		}
	}
}

// softmax turns scores into parts of 1.
func softmax(x []float32, scale float32) {
	greatest := x[0]
	for _, v := range x {
		greatest = max(greatest, v)
	}
	var sum float32
	for i, v := range x {
		e := exp((v - greatest) * scale)
		x[i] = e
		sum += e
	}
	for i := range x {
		x[i] /= sum
	}
}

// exp is e^x of a number that is not positive, to six digits: a power of two and a
// polynomial of what remains.
func exp(x float32) float32 {
	x *= math.Log2E
	if x < -126 {
		return 0
	}
	whole := int32(x) - 1
	rest := x - float32(whole) - 1 // in (-1, 0]
	const c1, c2, c3, c4, c5, c6 = 0.693147181, 0.240226507, 0.0555041087, 0.00961812911, 0.00133335581, 0.000154035304
	p := 1 + rest*(c1+rest*(c2+rest*(c3+rest*(c4+rest*(c5+rest*c6)))))
	return p * math.Float32frombits(uint32(whole+1+127)<<23) //nolint:gosec // an exponent
}

func add(x, y []float32) {
	y = y[:len(x)]
	for i := range x {
		x[i] += y[i]
	}
}

// apply gives each token's numbers mean 0 and variance 1, and then the layer's own.
func (n norm) apply(x []float32) {
	for ; len(x) > 0; x = x[hidden:] {
		row := x[:hidden]
		var a, b, c, d float32 // four sums, so that none waits for the one before
		for i := 0; i < hidden; i += 4 {
			a, b, c, d = a+row[i], b+row[i+1], c+row[i+2], d+row[i+3]
		}
		mean := (a + b + c + d) / hidden
		a, b, c, d = 0, 0, 0, 0
		for i := 0; i < hidden; i += 4 {
			e, f, g, h := row[i]-mean, row[i+1]-mean, row[i+2]-mean, row[i+3]-mean
			a, b, c, d = a+e*e, b+f*f, c+g*g, d+h*h
		}
		factor := float32(1 / math.Sqrt(float64((a+b+c+d)/hidden+epsilon)))
		weight, bias := n.weight[:hidden], n.bias[:hidden]
		for i, v := range row {
			row[i] = (v-mean)*factor*weight[i] + bias[i]
		}
	}
}

// geluSteps is how many values of gelu a unit has in geluTable, which goes from -geluEnd to
// geluEnd; between them it is a line, off by less than 3e-6.
const (
	geluSteps = 256
	geluEnd   = 8
)

var geluTable = func() (t [2*geluEnd*geluSteps + 2]float32) {
	for i := range t {
		x := float64(i)/geluSteps - geluEnd
		t[i] = float32(0.5 * x * (1 + math.Erf(x/math.Sqrt2)))
	}
	return t
}()

// gelu is x·Φ(x) (Hendrycks and Gimpel, arXiv 1606.08415).
func gelu(x float32) float32 {
	switch {
	case x >= geluEnd:
		return x
	case x > -geluEnd:
		at := (x + geluEnd) * geluSteps
		i := int(at)
		return geluTable[i] + (at-float32(i))*(geluTable[i+1]-geluTable[i])
	default: // NaN too
		return 0
	}
}
