// Package house checks that what is written about the packages is true of them: the table of
// rooms in docs/ARCHITECTURE.md and the rules of depguard in .golangci.yml.
package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const (
	root   = "../.."
	module = "github.com/xunke/xunke/"
)

// imports returns every package of the program and of test, a module of its own, by its path
// below the root, each with the packages among them that its files import, those of its tests
// left out.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	packages := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if file != root && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil && file != root && file != root+"/test" {
				return fs.SkipDir // a module of its own
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		below, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(below)
		packages[pkg] = slices.Clone(packages[pkg]) // it is one, even if it has tests only
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if to, ours := strings.CutPrefix(imported, module); ours && !slices.Contains(packages[pkg], to) {
				packages[pkg] = append(packages[pkg], to)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 20 {
		t.Fatalf("only %d packages below %s", len(packages), root)
	}
	return packages
}

// room is a row of the table.
type room struct {
	packages   []string
	everything bool // they may import what they like
	may        []string
}

var quoted = regexp.MustCompile("`([^`]+)`")

// parseRooms reads the table of rooms, which has the columns room, holds, may import.
func parseRooms(text string) []room {
	var rooms []room
	_, table, _ := strings.Cut(text, "\n| room | holds | may import |\n")
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if !strings.HasPrefix(line, "|") {
			break
		}
		if len(cells) != 3 {
			continue // the line below the head
		}
		names := func(cell string) []string {
			var all []string
			for _, match := range quoted.FindAllStringSubmatch(cell, -1) {
				all = append(all, match[1])
			}
			return all
		}
		rooms = append(rooms, room{
			packages: names(cells[0]), may: names(cells[2]), everything: strings.HasPrefix(cells[2], "everything"),
		})
	}
	return rooms
}

// TestRooms: each package stands in one row of the table, and its row names the packages
// that are imported there and no others.
func TestRooms(t *testing.T) {
	raw, err := os.ReadFile(root + "/docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	packages, rows := imports(t), map[string]int{}
	for _, r := range parseRooms(string(raw)) {
		imported := map[string]bool{}
		for _, pkg := range r.packages {
			rows[pkg]++
			if _, exists := packages[pkg]; !exists {
				t.Errorf("the table has %s, and there is no such package", pkg)
			}
			for _, to := range packages[pkg] {
				imported[to] = true
				if !r.everything && !slices.Contains(r.may, to) && !slices.Contains(r.packages, to) {
					t.Errorf("%s imports %s, which the table does not let it", pkg, to)
				}
			}
		}
		for _, to := range r.may {
			if !imported[to] {
				t.Errorf("the table lets %s import %s, and nothing there does", strings.Join(r.packages, ", "), to)
			}
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(packages)) {
		if rows[pkg] != 1 {
			t.Errorf("%s is in %d rows of the table of rooms in docs/ARCHITECTURE.md, and ought to be in one", pkg, rows[pkg])
		}
	}
}

// globPattern turns a pattern of depguard into a regular expression. There, as in
// github.com/gobwas/glob, ** is any text and * any text without a slash, so that a file
// straight in web is matched by **/web/** and not by **/web/**/*.go.
func globPattern(glob string) *regexp.Regexp {
	expression := regexp.QuoteMeta(glob)
	expression = strings.ReplaceAll(expression, `\*\*`, ".\x00")
	expression = strings.ReplaceAll(expression, `\*`, "[^/]*")
	return regexp.MustCompile("^" + strings.ReplaceAll(expression, "\x00", "*") + "$")
}

// rules returns the patterns of files of depguard's rules, those for all files left out.
func rules(t *testing.T) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile(root + "/.golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	var lint struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]struct {
						Files []string `yaml:"files"`
					} `yaml:"rules"`
				} `yaml:"depguard"`
			} `yaml:"settings"`
		} `yaml:"linters"`
	}
	if err := yaml.Unmarshal(raw, &lint); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for name, rule := range lint.Linters.Settings.Depguard.Rules {
		if !slices.Contains(rule.Files, "$all") {
			all[name] = rule.Files
		}
	}
	return all
}

// TestDepguardKnowsEveryPackage: each package is in a rule of its own kind, and each pattern
// is about some package. A pattern that matches nothing forbids nothing.
func TestDepguardKnowsEveryPackage(t *testing.T) {
	packages, covered := slices.Sorted(maps.Keys(imports(t))), map[string]bool{}
	for name, files := range rules(t) {
		var matched, left []string
		for _, glob := range files {
			if strings.HasPrefix(glob, "!$") {
				continue
			}
			below, anchored := strings.CutPrefix(strings.TrimPrefix(glob, "!"), "${config-path}")
			if !anchored {
				t.Errorf("the files %s of depguard's rule %s do not begin with ${config-path}: they match by where a clone lies", glob, name)
			}
			pattern, some := globPattern("/repository"+below), false
			for _, pkg := range packages {
				if !pattern.MatchString("/" + path.Join("repository", pkg, "file.go")) {
					continue
				}
				some = true
				if strings.HasPrefix(glob, "!") {
					left = append(left, pkg)
				} else {
					matched = append(matched, pkg)
				}
			}
			if !some {
				t.Errorf("the files %s of depguard's rule %s are in no package", glob, name)
			}
		}
		for _, pkg := range matched {
			covered[pkg] = covered[pkg] || !slices.Contains(left, pkg)
		}
	}
	for _, pkg := range packages {
		if !covered[pkg] {
			t.Errorf("%s is in no rule of depguard in .golangci.yml", pkg)
		}
	}
}

// TestGlobPattern: the patterns mean here what they mean to depguard.
func TestGlobPattern(t *testing.T) {
	for glob, want := range map[string][3]bool{
		"**/web/**/*.go": {false, true, false},
		"**/web/*.go":    {true, false, false},
		"**/web/**":      {true, true, false},
	} {
		for i, file := range []string{"/repository/web/a.go", "/repository/web/admin/a.go", "/repository/webs/a.go"} {
			if got := globPattern(glob).MatchString(file); got != want[i] {
				t.Errorf("%s matches %s: %v", glob, file, got)
			}
		}
	}
}
