package web

import (
	"slices"
	"strings"
)

// connectives end the part of a Chinese name that says what it is about.
const connectives = "与和及的之"

// endings say what kind of course it is rather than what it is about.
var endings = []string{
	"导论", "概论", "引论", "通论", "绪论", "基础", "原理", "入门", "教程", "技术", "应用",
	"实战", "实践", "进阶", "精讲", "概要", "方法", "分析", "设计", "管理", "开发", "编程",
	"研讨", "实验", "训练营", "高手之路", "案例", "专题", "实务", "常见问题", "零基础通关", "实用手册",
}

// leads begin a name without saying what it is about.
var leads = []string{"写给", "深入理解", "深入浅出", "深入", "图解", "跟我学", "玩转", "零基础学", "零基础", "从零", "手把手", "面向", "实用", "趣味", "现代"}

// leadWords are the same in English.
var leadWords = []string{
	"a", "an", "and", "advanced", "applied", "beginning", "complete", "essential", "essentials", "first", "for", "foundations",
	"fundamentals", "getting", "in", "into", "introduction", "introductory", "intro", "learn", "learning", "mastering", "modern", "of", "on",
	"practical", "professional", "started", "steps", "the", "to", "understanding", "with", "your",
}

// coverText is what the drawing of a course says: a Latin word of its name (C++,
// Node.js, Python), or what its name is about in up to four Hanzi, or its first Hanzi. A
// name without either gives nothing.
func coverText(name string) string {
	runes := []rune(strings.TrimLeftFunc(name, func(r rune) bool { return !isWord(r) && r != '.' }))
	word := latinWord(name)
	if len(runes) == 0 || !isHan(runes[0]) {
		return word
	}
	run := hanRun(runes)
	for _, lead := range leads {
		rest, led := strings.CutPrefix(run, lead)
		if !led {
			continue
		}
		if word != "" {
			return word
		}
		if _, after, ok := strings.Cut(string(runes), "的"); ok && rest != "" {
			rest = hanRun([]rune(after))
		}
		if rest != "" {
			run = rest
		}
		break
	}
	if short := shorten(run); short != "" {
		return short
	}
	if word != "" {
		return word
	}
	return string([]rune(run)[:1])
}

// latinWord is the first word of Latin letters that is not only there to begin a name;
// of those alone, the first. A long one is cut.
func latinWord(name string) string {
	const longest = 10
	words := strings.FieldsFunc(name, func(r rune) bool {
		return isHan(r) || !isWord(r) && !strings.ContainsRune("+#.", r)
	})
	words = slices.DeleteFunc(words, func(w string) bool { return strings.Trim(w, "0123456789+#.") == "" })
	if len(words) == 0 {
		return ""
	}
	at := max(0, slices.IndexFunc(words, func(w string) bool { return !slices.Contains(leadWords, strings.ToLower(w)) }))
	word := []rune(strings.TrimRight(words[at], "."))
	if len(word) > longest {
		return string(word[:longest-1]) + "…"
	}
	return string(word)
}

// hanRun is the first run of Hanzi up to a connective.
func hanRun(runes []rune) string {
	n := 0
	for n < len(runes) && isHan(runes[n]) && (n == 0 || !strings.ContainsRune(connectives, runes[n])) {
		n++
	}
	return string(runes[:n])
}

// shorten is a run of Hanzi if it has at most four, or has without its endings. Cutting
// anywhere else would cut a word in two, so there is nothing then.
func shorten(run string) string {
	const most = 4
	for len([]rune(run)) > most {
		at := slices.IndexFunc(endings, func(e string) bool { return strings.HasSuffix(run, e) })
		if at < 0 {
			return ""
		}
		run = strings.TrimSuffix(run, endings[at])
	}
	return run
}
