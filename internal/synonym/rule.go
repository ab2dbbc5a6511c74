// Package synonym knows what else a word may be called. Rules are kept by admins; the
// query plan looks them up at search time, so that a change needs no reindex.
package synonym

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/mappings"
)

// Limits of one rule.
const (
	maxNames     = 12
	maxNameRunes = 64
	maxRuleRunes = 500
)

// The arrows separate what is typed from what is searched for as well: always, or where
// hardly anything has what was typed.
const (
	arrow     = "=>"
	nearArrow = "~>"
)

// Rule says that names stand for one another. If To is set, who types a name of From also
// gets those of To, but not the other way round; if it is Near, only where hardly anything has
// what was typed. Names may have several words.
type Rule struct {
	From []string
	To   []string
	Near bool
}

// Parse reads "a, b, c", "a, b => c, d" or "a, b ~> c, d". Errors are catalog.Error values
// of CodeInvalid.
func Parse(text string) (Rule, error) {
	left, right, oneWay := strings.Cut(text, arrow)
	near := false
	if !oneWay {
		left, right, oneWay = strings.Cut(text, nearArrow)
		near = oneWay
	}
	if utf8.RuneCountInString(text) > maxRuleRunes {
		return Rule{}, catalog.Invalidf("rule", "it is longer than %d characters", maxRuleRunes)
	}
	r := Rule{Near: near}
	var err error
	if r.From, err = parseNames(left); err != nil {
		return Rule{}, err
	}
	if !oneWay {
		if len(r.From) < 2 {
			return Rule{}, catalog.Invalidf("rule", "%q has one name; write two or more, as in \"机器学习, machine learning\"", text)
		}
		return r, nil
	}
	if r.To, err = parseNames(right); err != nil {
		return Rule{}, err
	}
	return r, nil
}

func parseNames(text string) ([]string, error) {
	var names []string
	seen := map[string]bool{}
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '，' || r == '、' }) {
		name = strings.Join(strings.Fields(name), " ")
		key := hanzi.Normalize(name)
		switch {
		case name == "" || seen[key]:
			continue
		case utf8.RuneCountInString(name) > maxNameRunes:
			return nil, catalog.Invalidf("rule", "%q is longer than %d characters", name, maxNameRunes)
		}
		seen[key] = true
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, catalog.Invalidf("rule", "one side has no names; write \"a, b\" or \"a => b\"")
	}
	if len(names) > maxNames {
		return nil, catalog.Invalidf("rule", "more than %d names", maxNames)
	}
	return names, nil
}

// String is the rule in the form that Parse reads.
func (r Rule) String() string {
	if r.To == nil {
		return strings.Join(r.From, ", ")
	}
	between := arrow
	if r.Near {
		between = nearArrow
	}
	return strings.Join(r.From, ", ") + " " + between + " " + strings.Join(r.To, ", ")
}

// BuiltInRules returns the rules that come with the program.
func BuiltInRules() ([]Rule, error) { return Read(strings.NewReader(mappings.Synonyms())) }

// Read reads rules, one a line; empty lines and those that begin with # are left out.
// The error joins what is wrong with each bad line, which it names; the good rules are
// returned beside it.
func Read(r io.Reader) ([]Rule, error) {
	scanner := bufio.NewScanner(r)
	var rules []Rule
	var errs []error
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		rule, err := Parse(line)
		if err != nil {
			errs = append(errs, fmt.Errorf("read rule in line %d: %w", n, err))
			continue
		}
		rules = append(rules, rule)
	}
	if err := scanner.Err(); err != nil {
		errs = append(errs, fmt.Errorf("read rules: %w", err))
	}
	return rules, errors.Join(errs...)
}
