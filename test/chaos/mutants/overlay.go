package mutants

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// source is one Go file of the program.
type source struct {
	path string
	text []byte
	fset *token.FileSet
	tree *ast.File // nil: not parsed yet
}

// sourcesOf reads what the program is built from: no tests, and no other module.
func sourcesOf(root string) ([]*source, error) {
	var sources []*source
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path == root {
				return nil
			}
			_, other := os.Stat(filepath.Join(path, "go.mod"))
			if name == "test" || name == "testdata" || strings.HasPrefix(name, ".") || other == nil {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		sources = append(sources, &source{path: path, text: raw})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the program's sources: %w", err)
	}
	return sources, nil
}

// functions lists the functions of a name, as in Edit.
func (s *source) functions(name string) ([]*ast.FuncDecl, error) {
	_, method, ok := strings.Cut(name, ").")
	if !ok {
		method = name[strings.LastIndexByte(name, '.')+1:]
	}
	if !bytes.Contains(s.text, []byte(method+"(")) {
		return nil, nil
	}
	if s.tree == nil {
		s.fset = token.NewFileSet()
		var err error
		if s.tree, err = parser.ParseFile(s.fset, s.path, s.text, parser.SkipObjectResolution); err != nil {
			return nil, err
		}
	}
	var found []*ast.FuncDecl
	for _, d := range s.tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && nameOf(f) == name {
			found = append(found, f)
		}
	}
	return found, nil
}

// nameOf is a function's name with the type of its receiver, as in "(*leader).drain".
func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	receiver := types.ExprString(f.Recv.List[0].Type)
	if strings.HasPrefix(receiver, "*") {
		receiver = "(" + receiver + ")"
	}
	return receiver + "." + f.Name.Name
}

// apply returns the file that an edit changes, and how. That there is no place for it, or
// that there are two, is an error: the mutant would be none.
func (e Edit) apply(sources []*source) (*source, []replacement, error) {
	var changed *source
	var made []replacement
	for _, s := range sources {
		functions, err := s.functions(e.Func)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range functions {
			replacements, err := e.Change(f)
			if err != nil {
				return nil, nil, fmt.Errorf("change %s: %w", e.Func, err)
			}
			if len(replacements) > 0 && changed != nil {
				return nil, nil, fmt.Errorf("change %s: it fits in %s and in %s", e.Func, changed.path, s.path)
			}
			if len(replacements) > 0 {
				changed, made = s, replacements
			}
		}
	}
	if changed == nil {
		return nil, nil, fmt.Errorf("change %s: no function of this name has the place of the change", e.Func)
	}
	return changed, made, nil
}

// mutate returns the changed sources of a mutant by path.
func (m Mutant) mutate(sources []*source) (map[string][]byte, error) {
	changes := map[*source][]replacement{}
	for _, e := range m.Edits {
		s, made, err := e.apply(sources)
		if err != nil {
			return nil, fmt.Errorf("mutant %s: %w", m.Name, err)
		}
		changes[s] = append(changes[s], made...)
	}
	texts := map[string][]byte{}
	for s, replacements := range changes {
		// From the end, so that the positions before stay true.
		slices.SortFunc(replacements, func(a, b replacement) int { return cmp.Compare(b.from, a.from) })
		text := slices.Clone(s.text)
		for _, r := range replacements {
			text = slices.Replace(text, s.fset.Position(r.from).Offset, s.fset.Position(r.to).Offset, []byte(r.code)...)
		}
		texts[s.path] = text
	}
	return texts, nil
}

// overlay writes the changed sources of a mutant to a folder and returns the path of the
// file that go build -overlay takes.
func (m Mutant) overlay(sources []*source, dir string) (string, error) {
	texts, err := m.mutate(sources)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for path, text := range texts {
		replace[path] = filepath.Join(dir, fmt.Sprintf("%d-%s", len(replace), filepath.Base(path)))
		if err := os.WriteFile(replace[path], text, 0o600); err != nil {
			return "", fmt.Errorf("write what %s changes: %w", m.Name, err)
		}
	}
	raw, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", fmt.Errorf("write the overlay of %s: %w", m.Name, err)
	}
	path := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return "", fmt.Errorf("write the overlay of %s: %w", m.Name, err)
	}
	return path, nil
}
