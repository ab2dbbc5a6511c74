package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

const module = "github.com/xunke/xunke/"

// testedPackage is a package that has tests.
type testedPackage struct {
	path, folder string
	servers      bool // its tests use the real servers
}

// testPackages lists the packages of $PACKAGES, of all where it is empty, that have tests. Those
// whose tests drive the binary have stages of their own.
func testPackages(ctx context.Context) ([]testedPackage, error) {
	patterns := strings.Fields(os.Getenv("PACKAGES"))
	if len(patterns) == 0 {
		patterns = everything
	}
	out, err := output(ctx, "go", append([]string{"list", "-json=ImportPath,Dir,TestGoFiles,XTestGoFiles,TestImports,XTestImports"}, patterns...)...)
	if err != nil {
		return nil, err
	}
	all, err := parsePackages(strings.NewReader(out))
	sortPackages(all)
	return all, err
}

// longest are the packages whose tests take minutes. go test begins with those that it is told
// first: were one of these left for the end, it would run alone there.
var longest = []string{"indexer", "verify", "cmd/xunke", "test/browser", "internal/elastic/search"}

func sortPackages(all []testedPackage) {
	rank := func(p testedPackage) int {
		if i := slices.Index(longest, strings.TrimPrefix(p.path, module)); i >= 0 {
			return i
		}
		return len(longest)
	}
	slices.SortStableFunc(all, func(a, b testedPackage) int { return rank(a) - rank(b) })
}

// parsePackages reads what go list -json writes.
func parsePackages(r io.Reader) ([]testedPackage, error) {
	const environment = module + "internal/testenv"
	var all []testedPackage
	for decoder := json.NewDecoder(r); ; {
		var p struct {
			ImportPath, Dir                                      string
			TestGoFiles, XTestGoFiles, TestImports, XTestImports []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("list packages: %w", err)
		}
		if len(p.TestGoFiles)+len(p.XTestGoFiles) == 0 || strings.Contains(p.ImportPath, "/test/e2e") || strings.Contains(p.ImportPath, "/test/chaos") {
			continue
		}
		all = append(all, testedPackage{p.ImportPath, p.Dir, slices.Contains(p.TestImports, environment) || slices.Contains(p.XTestImports, environment)})
	}
}

// paths returns the packages that are wanted.
func paths(all []testedPackage, wanted func(testedPackage) bool) []string {
	var some []string
	for _, p := range all {
		if wanted(p) {
			some = append(some, p.path)
		}
	}
	return some
}
