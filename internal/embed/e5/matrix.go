package e5

// matrix is a layer's weights. Rows are in groups of eight, of which the same four columns
// stand together, so that one instruction multiplies what belongs to eight rows and adds the
// products up without moving them about.
type matrix struct {
	in, out int
	weights []byte    // [out/8][in/4][8][4], each 8 too great
	scales  []float32 // [out/8][in/32][8]
	bias    []float32
}

const (
	group  = 8 // rows of a matrix that are multiplied together
	stride = 4 // texts' tokens that are multiplied together
)

// newMatrix lays out weights that a file has row after row.
func newMatrix(raw []byte, bias []float32, in, out int) matrix {
	m := matrix{in: in, out: out, weights: make([]byte, in*out), scales: make([]float32, in*out/block), bias: bias}
	blocks := in / block
	for row := range out {
		for b := range blocks {
			scale, numbers := unpack(raw[(row*blocks+b)*blockBytes:])
			at := row/group*blocks + b // of the block within the groups
			m.scales[at*group+row%group] = scale
			for i, n := range numbers {
				m.weights[at*block*group+i/4*4*group+row%group*4+i%4] = n
			}
		}
	}
	return m
}

// activations are numbers of tokens in 8 bits, with a scale for each block of 32. There are
// always a multiple of stride of tokens.
type activations struct {
	numbers []int8
	scales  []float32
	offsets []int32 // 8 times the sum of a block: what the weights are too great by
}

// quantizePlain is quantize without special instructions.
func (a *activations) quantizePlain(x []float32) {
	for b := range len(x) / block {
		from := x[b*block : b*block+block : b*block+block]
		to := a.numbers[b*block : b*block+block : b*block+block]
		var greatest float32
		for _, v := range from {
			greatest = max(greatest, v, -v)
		}
		a.scales[b] = greatest / 127
		var factor float32
		if greatest > 0 {
			factor = 127 / greatest
		}
		var sum int32
		for i, v := range from {
			n := int32(v*factor+128.5) - 128
			to[i] = int8(n) //nolint:gosec // between -127 and 127
			sum += n
		}
		a.offsets[b] = 8 * sum
	}
}

// multiply puts m·a + bias of so many tokens, a multiple of stride, into out.
func (m *matrix) multiply(a *activations, tokens int, out []float32) {
	blocks := m.in / block
	for g := range m.out / group {
		weights := m.weights[g*group*m.in : (g+1)*group*m.in]
		scales := m.scales[g*group*blocks : (g+1)*group*blocks]
		bias := m.bias[g*group : g*group+group]
		for t := 0; t < tokens; t += stride {
			multiply(weights, scales, bias,
				a.numbers[t*m.in:(t+stride)*m.in], a.scales[t*blocks:(t+stride)*blocks], a.offsets[t*blocks:(t+stride)*blocks],
				out[t*m.out+g*group:(t+stride-1)*m.out+g*group+group], m.out)
		}
	}
}

// multiplyPlain is multiply without special instructions.
func multiplyPlain(weights []byte, scales, bias []float32, numbers []int8, factors []float32, offsets []int32, out []float32, width int) {
	blocks := len(scales) / group
	for t := range stride {
		var sums [group]float32
		copy(sums[:], bias)
		for b := range blocks {
			a := numbers[(t*blocks+b)*block : (t*blocks+b+1)*block]
			w := weights[b*block*group : (b+1)*block*group]
			for row := range group {
				var sum int32
				for i := 0; i < block; i += 4 {
					w, a := w[i*group+row*4:i*group+row*4+4], a[i:i+4]
					sum += int32(w[0])*int32(a[0]) + int32(w[1])*int32(a[1]) + int32(w[2])*int32(a[2]) + int32(w[3])*int32(a[3])
				}
				sums[row] += float32(sum-offsets[t*blocks+b]) * (scales[b*group+row] * factors[t*blocks+b])
			}
		}
		copy(out[t*width:], sums[:])
	}
}

// dotsPlain is dots without special instructions.
func dotsPlain(query, keys []float32, width int, out []float32) {
	for i := range out {
		var sum float32
		for j, k := range keys[i*width : i*width+headSize] {
			sum += query[j] * k
		}
		out[i] = sum
	}
}

// mixPlain is mix without special instructions.
func mixPlain(parts, values []float32, width int, out []float32) {
	clear(out[:headSize])
	for i, p := range parts {
		for j, v := range values[i*width : i*width+headSize] {
			out[j] += p * v
		}
	}
}
