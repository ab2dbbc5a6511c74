package mutants

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// goPackage is what go list says of a package.
type goPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// checker checks the types of changed packages with the compiled forms of all others,
// which is quicker than to build each mutant.
type checker struct {
	packages map[string]goPackage // by folder
	exports  map[string]string    // by import path
}

// newChecker makes one for the packages of these files.
func newChecker(t *testing.T, root string, files []string) *checker {
	t.Helper()
	args := []string{"list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles"}
	for _, f := range files {
		args = append(args, filepath.Dir(f))
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	c := &checker{packages: map[string]goPackage{}, exports: map[string]string{}}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return c
		} else if err != nil {
			t.Fatal(err)
		}
		c.packages[p.Dir], c.exports[p.ImportPath] = p, p.Export
	}
}

// check compiles the packages of changed sources, as far as their types go.
func (c *checker) check(changed map[string][]byte) error {
	for path := range changed { // once too often where two are of one package
		if err := c.checkPackage(c.packages[filepath.Dir(path)], changed); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) checkPackage(p goPackage, changed map[string][]byte) error {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		path := filepath.Join(p.Dir, name)
		var text any // nil: as it is on disk
		if t, ok := changed[path]; ok {
			text = t
		}
		f, err := parser.ParseFile(fset, path, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(c.exports[path]) })
	_, err := (&types.Config{Importer: imports}).Check(p.ImportPath, fset, files, nil)
	return err
}
