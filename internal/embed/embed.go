// Package embed turns texts into vectors whose directions say what the texts mean, so that
// what is alike in meaning lies close together whatever words it is in.
package embed

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/xunke/xunke/internal/live"
)

// Model turns texts into vectors of length 1. Vectors of different models, and of different
// versions of one, have nothing to do with each other.
type Model interface {
	// Name and Version say which vectors these are.
	Name() string
	Version() string
	// Dimensions is how many numbers a vector has.
	Dimensions() int
	// Query is the vector of what somebody asks for. It returns ctx's error when that ends.
	Query(ctx context.Context, text string) ([]float32, error)
	// Passage is the vector of what can be found.
	Passage(ctx context.Context, text string) ([]float32, error)
}

// ID names the vectors of a model in rows, documents and queries.
func ID(m Model) string { return m.Name() + "@" + m.Version() }

// Bytes is a vector in one byte a dimension, its greatest component being 127. Only the
// direction of a vector counts, so the length may change.
func Bytes(vector []float32) []int8 {
	var greatest float32
	for _, x := range vector {
		greatest = max(greatest, x, -x)
	}
	out := make([]int8, len(vector))
	if greatest == 0 {
		return out
	}
	for i, x := range vector {
		out[i] = int8(int32(x*(127/greatest)+128.5) - 128) //nolint:gosec // between -127 and 127
	}
	return out
}

// lookEvery is how soon a model is used whose file has come.
const lookEvery = 10 * time.Second

// Live is the model in a file that may come, or be replaced, while a process runs. Get is
// nil until there is one.
type Live struct{ *live.Live[Model] }

// NewLive makes a Live without a model; Load or Run opens the file. Without a path there
// never is one.
func NewLive(path string, open func(path string) (Model, error), log *slog.Logger) Live {
	return Live{live.New(live.Source[Model]{
		Name: "the model of searches by meaning", Every: lookEvery,
		Version: func(context.Context) (string, error) {
			info, err := os.Stat(path)
			if path == "" || os.IsNotExist(err) {
				return "", nil // not yet
			} else if err != nil {
				return "", fmt.Errorf("look for the model: %w", err)
			}
			return fmt.Sprint(info.Size(), info.ModTime().UnixNano()), nil
		},
		Read: func(context.Context) (Model, error) { return open(path) },
	}, log)}
}
