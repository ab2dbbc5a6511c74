package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder is a test that fails without ending the one that looks on.
type recorder struct {
	testing.TB
	failure string
}

// Helper does nothing.
func (*recorder) Helper() {}

// Fatalf keeps the message and leaves the function under test.
func (r *recorder) Fatalf(format string, args ...any) {
	r.failure = fmt.Sprintf(format, args...)
	panic(r)
}

// variable asks for a variable and returns it, or how the test failed.
func variable(t *testing.T, name string) (value, failure string) {
	t.Helper()
	r := &recorder{TB: t}
	defer func() {
		if p := recover(); p != nil && p != r {
			panic(p)
		}
		failure = r.failure
	}()
	return Variable(r, name), ""
}

func TestServersAreFound(t *testing.T) {
	const redis, other = "XUNKE_TEST_REDIS", "XUNKE_TEST_ELASTICSEARCH"
	before := devFile
	t.Cleanup(func() { devFile = before })
	devFile = filepath.Join(t.TempDir(), "test.env")
	t.Setenv(redis, "")
	t.Setenv(other, "")

	if value, failure := variable(t, redis); value != "" || !strings.Contains(failure, redis) || !strings.Contains(failure, "`make dev`") {
		t.Errorf("without servers: %q, %q", value, failure)
	}
	if err := os.WriteFile(devFile, []byte("XUNKE_TEST_MYSQL_DSN=root@tcp(127.0.0.1:1)/?a=b\nXUNKE_TEST_REDIS=127.0.0.1:2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{redis: "127.0.0.1:2", "XUNKE_TEST_MYSQL_DSN": "root@tcp(127.0.0.1:1)/?a=b"} {
		t.Setenv(name, "")
		if value, failure := variable(t, name); value != want || failure != "" {
			t.Errorf("%s of make dev: %q, %q", name, value, failure)
		}
	}
	if value, failure := variable(t, other); value != "" || !strings.Contains(failure, "make dev") {
		t.Errorf("what the file lacks: %q, %q", value, failure)
	}
	t.Setenv(redis, "127.0.0.1:3")
	if value, _ := variable(t, redis); value != "127.0.0.1:3" {
		t.Errorf("the environment does not win: %q", value)
	}
}
