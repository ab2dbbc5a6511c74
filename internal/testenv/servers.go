package testenv

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// devFile is where `make dev` says where its servers are. It is found once, at the start:
// tests change XDG_CACHE_HOME.
var devFile = func() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "xunke", "dev", "test.env")
}()

// Variable is the value of a variable XUNKE_TEST_…: that of the environment, which `make
// test` sets, or else what the servers of `make dev` have. The test fails where there is
// neither.
func Variable(t testing.TB, name string) string {
	t.Helper()
	if value := os.Getenv(name); value != "" {
		return value
	}
	raw, err := os.ReadFile(devFile)
	if err != nil {
		t.Fatalf("%s is not set, and no servers for tests are up: start them with `make dev`, then run this again (`make test` has servers of its own)", name)
	}
	value := variableIn(string(raw), name)
	if value == "" {
		t.Fatalf("%s is not set, and not in %s either: run `make dev` again", name, devFile)
	}
	return value
}

// variableIn finds a variable among lines NAME=value.
func variableIn(lines, name string) string {
	for line := range strings.Lines(lines) {
		if key, value, _ := strings.Cut(line, "="); key == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
