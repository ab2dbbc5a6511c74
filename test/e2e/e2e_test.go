// Package e2e drives the real binary against the real servers: it imports, changes rows,
// searches over HTTP, kills processes at chosen and at random moments, and in the end
// asks `xunke verify` whether the index is equal to the source of truth.
package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// patience is how long any one thing may take. It is for machines that are busy with
// something else: nothing here takes a tenth of it on two cores of one's own.
const patience = 4 * time.Minute

// binary is the program under test, built once: with the race detector where the tests
// have it. XUNKE_TEST_BINARY names one that is to be tested instead.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("XUNKE_TEST_BINARY"); path != "" {
		return filepath.Abs(path)
	}
	dir, err := os.MkdirTemp("", "xunke-e2e-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the binary: %w", err)
	}
	built = dir
	path := filepath.Join(dir, "xunke")
	args := []string{"build", "-o", path}
	if raceDetector {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "../../cmd/xunke")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return path, nil
})

// built is the folder of the binary that was built, empty if none was.
var built string

func TestMain(m *testing.M) {
	m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
}

// random is a source of random numbers that a test can be repeated with: the seed is
// logged, and XUNKE_TEST_SEED sets it.
func random(t *testing.T, seed uint64) *rand.Rand {
	t.Helper()
	if s := os.Getenv("XUNKE_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("XUNKE_TEST_SEED = %s: is not a number", s)
		}
	}
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
