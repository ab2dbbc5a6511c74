// Package harness gives tests an installation of their own with the real binary and the
// real servers: its processes, the ways between them on which things can go wrong, writers
// that change rows as applications do, and an oracle that tells whether what can be
// searched is what MySQL says.
package harness

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

// Patience is how long any one thing may take. It is for machines that are busy with
// something else: nothing here takes a tenth of it on two cores of one's own.
// XUNKE_TEST_PATIENCE sets another.
var Patience = func() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("XUNKE_TEST_PATIENCE")); err == nil {
		return d
	}
	return 4 * time.Minute
}()

// buildCache keeps what go build has compiled where it was: testenv sets XDG_CACHE_HOME for programs
// under test, and the compiler would begin from nothing.
var buildCache = func() string {
	if set := os.Getenv("GOCACHE"); set != "" {
		return "GOCACHE=" + set
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "GOCACHE="
	}
	return "GOCACHE=" + filepath.Join(cache, "go-build")
}()

// binary is the program under test, built once: with the race detector where the tests
// have it. XUNKE_TEST_BINARY names one that is to be tested instead.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("XUNKE_TEST_BINARY"); path != "" {
		return filepath.Abs(path)
	}
	dir, err := os.MkdirTemp("", "xunke-test-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the binary: %w", err)
	}
	built = dir
	path := filepath.Join(dir, "xunke")
	args := []string{"build", "-o", path}
	if raceDetector {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "github.com/xunke/xunke/cmd/xunke")...)
	cmd.Env = append(os.Environ(), buildCache)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return path, nil
})

// built is the folder of the binary that was built, empty if none was.
var built string

// Main runs the tests of a package and removes the binary that was built for them.
func Main(m *testing.M) {
	m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
}

// Random is a source of random numbers that a test can be repeated with: the seed is
// logged, and XUNKE_TEST_SEED sets it.
func Random(t *testing.T, seed uint64) *rand.Rand {
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
