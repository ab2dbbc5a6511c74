//go:build !amd64

package e5

var fast = false

func multiply(weights []byte, scales, bias []float32, numbers []int8, factors []float32, offsets []int32, out []float32, width int) {
	multiplyPlain(weights, scales, bias, numbers, factors, offsets, out, width)
}

func dots(query, keys []float32, width int, out []float32) { dotsPlain(query, keys, width, out) }

func mix(parts, values []float32, width int, out []float32) { mixPlain(parts, values, width, out) }

func (a *activations) quantize(x []float32) { a.quantizePlain(x) }
