package mutants

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Edit changes one function. The function is found by its name in whatever file and package
// it is, and the place in it by the syntax tree, so that a mutant survives moves and most
// rewriting.
type Edit struct {
	Func   string // as in "orgRule" or "(*leader).drain"
	Change change
}

// A change returns the replacements that it makes in a function, none where the function
// has not what it looks for: then it is another function of that name.
type change func(f *ast.FuncDecl) ([]replacement, error)

// replacement puts code in place of a part of a source.
type replacement struct {
	from, to token.Pos
	code     string
}

// A site recognises the node that a change is about.
type site func(n ast.Node) bool

// call is a call of a function or method of this name, which mentions all of the names in
// its arguments.
func call(name string, arguments ...string) site {
	return func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return false
		}
		switch f := c.Fun.(type) {
		case *ast.Ident:
			ok = f.Name == name
		case *ast.SelectorExpr:
			ok = f.Sel.Name == name
		default:
			ok = false
		}
		return ok && !slices.ContainsFunc(arguments, func(m string) bool { return !mentions(c.Args, m) })
	}
}

func mentions(args []ast.Expr, name string) bool {
	for _, a := range args {
		found := false
		ast.Inspect(a, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == name
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

// text is a string literal that has this part.
func text(part string) site {
	return func(n ast.Node) bool {
		l, ok := n.(*ast.BasicLit)
		return ok && l.Kind == token.STRING && strings.Contains(l.Value, part)
	}
}

// find returns the nodes from a function down to the one at the site, nil where there is none.
func (s site) find(f *ast.FuncDecl) (path []ast.Node, err error) {
	var stack []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		if s(n) {
			if path != nil {
				err = errors.New("the place of the change is there twice")
			}
			path = slices.Clone(stack)
		}
		return true
	})
	return path, err
}

// atStart runs code before everything else in a function.
func atStart(code string) change {
	return func(f *ast.FuncDecl) ([]replacement, error) {
		if f.Body == nil {
			return nil, nil
		}
		return []replacement{{f.Body.Lbrace + 1, f.Body.Lbrace + 1, "\n" + code + "\n"}}, nil
	}
}

// onNode makes a change of what is at a site, given the nodes from the function down to it.
func onNode(s site, change func(path []ast.Node) ([]replacement, error)) change {
	return func(f *ast.FuncDecl) ([]replacement, error) {
		path, err := s.find(f)
		if path == nil || err != nil {
			return nil, err
		}
		return change(path)
	}
}

// onStatement makes a change of the whole statement around a site: the innermost one in a
// list of statements, which is an if where the site is in what the if begins with.
func onStatement(s site, change func(statement ast.Node) replacement) change {
	return onNode(s, func(path []ast.Node) ([]replacement, error) {
		for i := len(path) - 1; i > 0; i-- {
			switch path[i-1].(type) {
			case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
				if statement, ok := path[i].(ast.Stmt); ok {
					return []replacement{change(statement)}, nil
				}
			}
		}
		return nil, errors.New("the place of the change is in no statement")
	})
}

// drop takes the statement around a site away.
func drop(s site) change { return become(s, "") }

// become puts code in place of the statement around a site.
func become(s site, code string) change {
	return onStatement(s, func(n ast.Node) replacement { return replacement{n.Pos(), n.End(), code} })
}

// before runs code before the statement around a site.
func before(s site, code string) change {
	return onStatement(s, func(n ast.Node) replacement { return replacement{n.Pos(), n.Pos(), code + "\n"} })
}

// after runs code after the statement around a site.
func after(s site, code string) change {
	return onStatement(s, func(n ast.Node) replacement { return replacement{n.End(), n.End(), "\n" + code} })
}

// argument puts code in place of an argument of a call, the first of which is 0.
func argument(s site, at int, code string) change {
	return onNode(s, func(path []ast.Node) ([]replacement, error) {
		c, ok := path[len(path)-1].(*ast.CallExpr)
		if !ok || len(c.Args) <= at {
			return nil, fmt.Errorf("the call has no argument %d", at)
		}
		return []replacement{{c.Args[at].Pos(), c.Args[at].End(), code}}, nil
	})
}

// value puts code in place of the expression at a site.
func value(s site, code string) change {
	return onNode(s, func(path []ast.Node) ([]replacement, error) {
		n := path[len(path)-1]
		return []replacement{{n.Pos(), n.End(), code}}, nil
	})
}
