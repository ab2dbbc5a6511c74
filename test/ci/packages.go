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

// testedPackage is a package that has tests.
type testedPackage struct {
	path    string
	servers bool // its tests use the real servers
}

// testPackages lists the packages of $PACKAGES, of all where it is empty, that have tests. Those
// whose tests drive the binary have stages of their own.
func testPackages(ctx context.Context) ([]testedPackage, error) {
	patterns := strings.Fields(os.Getenv("PACKAGES"))
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	out, err := output(ctx, "go", append([]string{"list", "-json=ImportPath,TestGoFiles,XTestGoFiles,TestImports,XTestImports"}, patterns...)...)
	if err != nil {
		return nil, err
	}
	return parsePackages(strings.NewReader(out))
}

// parsePackages reads what go list -json writes.
func parsePackages(r io.Reader) ([]testedPackage, error) {
	const environment = "github.com/xunke/xunke/internal/testenv"
	var all []testedPackage
	for decoder := json.NewDecoder(r); ; {
		var p struct {
			ImportPath                                           string
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
		all = append(all, testedPackage{p.ImportPath, slices.Contains(p.TestImports, environment) || slices.Contains(p.XTestImports, environment)})
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
