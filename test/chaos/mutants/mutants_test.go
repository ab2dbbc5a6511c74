package mutants

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// within bounds one run of a test of package chaos.
const within = 8 * time.Minute

// TestMutantsFit keeps the mutants in step with the program: each finds what it changes, and
// what comes out compiles.
func TestMutantsFit(t *testing.T) {
	root := rootOf(t)
	sources, err := sourcesOf(root)
	if err != nil {
		t.Fatal(err)
	}
	programs := map[string]map[string][]byte{}
	var changed []string
	for _, m := range All {
		texts, err := m.mutate(sources)
		if err != nil {
			t.Error(err)
			continue
		}
		programs[m.Name] = texts
		changed = slices.AppendSeq(changed, maps.Keys(texts))
	}
	compiler := newChecker(t, root, changed)
	for name, texts := range programs {
		if err := compiler.check(texts); err != nil {
			t.Errorf("mutant %s: %v", name, err)
		}
	}
}

// TestMutantsAreDocumented looks each of them up in docs/CHAOS.md.
func TestMutantsAreDocumented(t *testing.T) {
	documented, err := os.ReadFile(filepath.Join(rootOf(t), "docs", "CHAOS.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range All {
		if !strings.Contains(string(documented), "| `"+m.Name+"` |") {
			t.Errorf("docs/CHAOS.md does not say how %s is caught", m.Name)
		}
	}
}

// TestMutantsAreCaught runs, for each mutant, the test that must notice it: first with the
// program as it is, which must pass, and then with the mutant, which must fail because
// documents are not as in MySQL or counts not as accepted, and for no other reason.
func TestMutantsAreCaught(t *testing.T) {
	root := rootOf(t)
	sources, err := sourcesOf(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	tests := filepath.Join(dir, "chaos.test")
	run(t, root, nil, "go", "test", "-c", "-o", tests, "./test/chaos")
	sound := filepath.Join(dir, "xunke")
	run(t, root, nil, "go", "build", "-o", sound, "./cmd/xunke")

	passes := map[string]bool{}
	var rows []string
	for _, m := range All {
		t.Run(m.Name, func(t *testing.T) {
			if !passes[m.Test] {
				if out, err := chaos(t, root, tests, sound, m.Test); err != nil {
					t.Fatalf("%s fails without any mutation: %v\n%s", m.Test, err, out)
				}
				passes[m.Test] = true
			}
			overlay, err := m.overlay(sources, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			mutant := filepath.Join(t.TempDir(), "xunke-"+m.Name)
			run(t, root, nil, "go", "build", "-overlay", overlay, "-o", mutant, "./cmd/xunke")
			out, err := chaos(t, root, tests, mutant, m.Test)
			if err == nil {
				t.Fatalf("nothing notices that the program loses %s\n%s", m.Loses, out)
			}
			found := noticed.FindAllString(out, -1)
			if len(found) == 0 {
				t.Fatalf("%s fails, but not because documents or counts differ: %v\n%s", m.Test, err, out)
			}
			rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", m.Name, m.Loses, strings.Join(found, "; ")))
		})
	}
	t.Logf("caught:\n| mutant | loses | noticed |\n| --- | --- | --- |\n%s", strings.Join(rows, "\n"))
}

// noticed is what package chaos says of documents and counts that differ.
var noticed = regexp.MustCompile(`the (\w+ are not as in MySQL|counts are not as accepted): .*`)

// chaos runs a test of package chaos with a program.
func chaos(t *testing.T, root, tests, program, pattern string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	cmd := exec.CommandContext(ctx, tests, "-test.v", "-test.run", pattern)
	cmd.Dir = filepath.Join(root, "test", "chaos")
	cmd.Env = append(os.Environ(), "XUNKE_TEST_BINARY="+program, "XUNKE_TEST_PATIENCE=2m")
	out, err := cmd.CombinedOutput()
	if err == nil && !strings.Contains(string(out), "--- PASS: Test") {
		err = fmt.Errorf("no test is called %s", pattern)
	}
	return string(out), err
}

func run(t *testing.T, dir string, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func rootOf(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return root
}
