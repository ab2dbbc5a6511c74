// Package e2e drives the real binary against the real servers: it imports, changes rows,
// searches over HTTP, kills processes at chosen and at random moments, and in the end
// asks `xunke verify` whether the index is equal to the source of truth.
package e2e

import (
	"testing"

	"github.com/xunke/xunke/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// world is an installation with what these tests do to it.
type world struct{ *harness.World }

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{harness.New(t)}
}

func emptyWorld(t *testing.T) *world {
	t.Helper()
	return &world{harness.Empty(t)}
}

// on is the same installation for a subtest.
func (w *world) on(t *testing.T) *world { return &world{w.On(t)} }

// one returns the single value that a query yields.
func one[T any](w *world, query string, args ...any) T {
	w.T.Helper()
	return harness.One[T](w.World, query, args...)
}
