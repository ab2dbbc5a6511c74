package e5

import "golang.org/x/sys/cpu"

// fast says that this processor has what kernel_amd64.s is written in.
var fast = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// multiply puts eight rows of a matrix times four tokens into out, whose rows are width long.
func multiply(weights []byte, scales, bias []float32, numbers []int8, factors []float32, offsets []int32, out []float32, width int) {
	if !fast {
		multiplyPlain(weights, scales, bias, numbers, factors, offsets, out, width)
		return
	}
	multiplyFast(&weights[0], &scales[0], &bias[0], &numbers[0], &factors[0], &offsets[0], len(scales)/group, &out[0], width)
}

// dots puts the products of a head's query and its keys, which lie width apart, into out.
func dots(query, keys []float32, width int, out []float32) {
	if !fast {
		dotsPlain(query, keys, width, out)
		return
	}
	dotsFast(&query[0], &keys[0], width, len(out), &out[0])
}

// mix puts the sum of a head's values, which lie width apart, by their parts into out.
func mix(parts, values []float32, width int, out []float32) {
	if !fast {
		mixPlain(parts, values, width, out)
		return
	}
	mixFast(&parts[0], &values[0], width, len(parts), &out[0])
}

// quantize makes activations of the first rows of x.
func (a *activations) quantize(x []float32) {
	if !fast {
		a.quantizePlain(x)
		return
	}
	n := len(x) / block
	quantizeFast(&x[0], n, &a.numbers[:n*block][0], &a.scales[:n][0], &a.offsets[:n][0])
}

// The functions below trust lengths: callers have sliced to them.

//go:noescape
func multiplyFast(weights *byte, scales, bias *float32, numbers *int8, factors *float32, offsets *int32, blocks int, out *float32, width int)

//go:noescape
func dotsFast(query, keys *float32, width, n int, out *float32)

//go:noescape
func mixFast(parts, values *float32, width, n int, out *float32)

//go:noescape
func quantizeFast(x *float32, blocks int, numbers *int8, scales *float32, offsets *int32)
