package mappings

import "fmt"

// foldingRules are the rules of the char filter that runs before everything else.
// Full-width forms come before technical terms are looked for, so that Ｃ＋＋ is C++.
func foldingRules() []string {
	var rules []string
	for r := rune('！'); r <= '～'; r++ {
		rules = append(rules, rule(r, r-'！'+'!'))
	}
	return append(rules, rule('\u3000', ' '))
}

// rule maps one character to another. Escapes keep white space and the rule's own
// arrow from being taken for syntax.
func rule(from, to rune) string { return fmt.Sprintf(`%s => %s`, escape(from), escape(to)) }

func escape(r rune) string {
	if r > 0xffff {
		return string(r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
