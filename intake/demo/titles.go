package demo

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
)

// form is the shape of a title and the level that it suggests; {T} is the topic, {U}
// another topic of the area, {C} and {D} chapters, {A} an audience, {N} a number.
type form struct {
	text  string
	level catalog.Level
}

const (
	easy   = catalog.LevelBeginner
	middle = catalog.LevelIntermediate
	hard   = catalog.LevelAdvanced
)

var forms = map[style][]form{
	styleTech: {
		{"{T}入门", easy}, {"零基础学{T}", easy}, {"{T}快速上手", easy}, {"{T}第一课", easy}, {"写给新手的{T}", easy},
		{"{N}天学会{T}", easy}, {"跟我学{T}", easy}, {"图解{T}", easy}, {"{T}基础教程", easy}, {"{A}的{T}课", easy},
		{"{T}实战", middle}, {"{T}进阶", middle}, {"{T}：{C}与{D}", middle}, {"{T}实用教程", middle}, {"{T}工程实践", middle},
		{"{T}案例精讲", middle}, {"{T}项目实战：{C}", middle}, {"{T}专题：{C}", middle}, {"{T}训练营", middle}, {"玩转{T}", middle},
		{"{T}最佳实践", middle}, {"{T}从入门到实战", middle}, {"{T}与{U}", middle}, {"面向{A}的{T}", middle}, {"{T}{N}讲", middle},
		{"深入理解{T}", hard}, {"{T}原理与源码", hard}, {"{T}高级特性", hard}, {"{T}架构设计", hard}, {"{T}面试精讲", hard},
		{"{T}性能调优", hard}, {"{T}疑难问题：{C}", hard}, {"{T}高手之路", hard},
	},
	styleStudy: {
		{"{T}", ""}, {"{T}", middle}, {"{T}（上）", easy}, {"{T}（下）", middle}, {"{T}导论", easy}, {"{T}基础", easy},
		{"{T}概论", easy}, {"走进{T}", easy}, {"{T}常见问题", easy}, {"{A}的{T}", easy}, {"{T}十讲", easy}, {"{T}入门", easy},
		{"{T}教程", middle}, {"{T}原理与应用", middle}, {"{T}：从{C}到{D}", middle}, {"{T}习题课", middle}, {"{T}期末复习", middle},
		{"{T}专题：{C}", middle}, {"{T}案例课", middle}, {"{T}实验", middle}, {"{T}双语课", middle}, {"{T}与{U}", middle},
		{"{T}考研精讲", hard}, {"{T}选讲", hard}, {"{T}前沿", hard}, {"高级{T}", hard}, {"{T}研讨", hard},
	},
	styleCraft: {
		{"{T}入门", easy}, {"{T}基础班", easy}, {"{T}一学就会", easy}, {"从零开始学{T}", easy}, {"每天十分钟{T}", easy},
		{"{T}兴趣班", easy}, {"{A}{T}课", easy}, {"{T}{N}讲", easy}, {"{T}小白课", easy}, {"{T}第一课：{C}", easy},
		{"{T}进阶课", middle}, {"{T}提高班", middle}, {"{T}周末班", middle}, {"{T}：{C}", middle}, {"{T}案例课", middle},
		{"{T}实用手册", middle}, {"{T}训练营", middle}, {"{T}技巧：{C}与{D}", middle}, {"{T}与{U}", middle}, {"{T}{N}天打卡", middle},
		{"{T}大师班", hard}, {"{T}创作课", hard}, {"{T}作品集辅导", hard}, {"{T}高级研修", hard},
	},
	styleExam: {
		{"{T}基础班", easy}, {"{T}零基础通关", easy}, {"{T}：{C}入门", easy}, {"{A}的{T}", easy},
		{"{T}{C}精讲", middle}, {"{T}全程班", middle}, {"{T}强化班", middle}, {"{T}{N}天突破", middle}, {"{T}串讲", middle}, {"{T}：{C}与{D}", middle},
		{"{T}冲刺班", hard}, {"{T}真题解析", hard}, {"{T}模拟考场", hard}, {"{T}高分课", hard},
	},
}

var audiences = map[style][]string{
	styleTech:  {"产品经理", "设计师", "测试工程师", "大学生", "转行者", "文科生", "数据分析师", "运维工程师", "中学生"},
	styleStudy: {"文科生", "工科生", "中学生", "自学者", "跨专业同学", "师范生"},
	styleCraft: {"上班族", "大学生", "中老年", "新手", "少儿", "亲子"},
	styleExam:  {"在职考生", "跨专业考生", "二战考生", "基础薄弱考生"},
}

var formsEnglish = []form{
	{"Introduction to {E}", easy}, {"{E} for Beginners", easy}, {"{E} Fundamentals", easy}, {"{E} from Scratch", easy}, {"Getting Started with {E}", easy},
	{"{E} in Practice", middle}, {"Hands-On {E}", middle}, {"{E}: A Practical Guide", middle}, {"Learning {E} by Example", middle},
	{"{E} Essentials", middle}, {"Applied {E}", middle}, {"{E} Workshop", middle}, {"{E} Projects", middle}, {"{E} and {V}", middle}, {"{E} for Professionals", middle},
	{"Advanced {E}", hard}, {"Mastering {E}", hard}, {"Understanding {E} in Depth", hard}, {"{E} Case Studies", hard},
}

// editions tell apart the courses of a big catalogue that would have the same title.
var editions = []string{"（{Y}版）", "（第{N}期）", "（{Y}春）", "（{Y}秋）", "·{Y}新版", "（精讲）", "（回放）"}

// chineseTitle is a title and its level for a topic of an area.
func chineseTitle(d dice, a area, t topic, edition bool) (string, catalog.Level) {
	f := pick(d, forms[a.style])
	for tries := 0; echoes(f.text, t.name) && tries < 20; tries++ {
		f = pick(d, forms[a.style])
	}
	text := f.text
	if edition && d.chance(45) {
		text += pick(d, editions)
	}
	chapters := sample(d, t.chapters, 2)
	title := fill(text, func(slot byte) string {
		switch slot {
		case 'T':
			return t.name
		case 'U':
			return pick(d, a.topics).name
		case 'C':
			return chapters[0]
		case 'D':
			return chapters[len(chapters)-1]
		case 'A':
			return pick(d, audiences[a.style])
		case 'N':
			return strconv.Itoa(pick(d, []int{7, 10, 12, 14, 15, 20, 21, 24, 30, 36, 50, 60}))
		default:
			return strconv.Itoa(epoch.Year() - d.IntN(6))
		}
	})
	if d.chance(50) {
		title = addSpaces(title)
	}
	return title, f.level
}

// echoes says whether a form would say again what the topic says: 网页性能优化性能调优.
func echoes(form, topic string) bool {
	words := fill(form, func(byte) string { return "　" })
	for i, r := range words {
		next, _ := utf8.DecodeRuneInString(words[i+utf8.RuneLen(r):])
		if r > 0x3000 && next > 0x3000 && next != utf8.RuneError && strings.Contains(topic, string([]rune{r, next})) {
			return true
		}
	}
	return false
}

func englishTitle(d dice, a area, t topic, edition bool) (string, catalog.Level) {
	f := pick(d, formsEnglish)
	for tries := 0; tries < 20 && (strings.HasPrefix(t.english, "Intro") || strings.Contains(t.english, "for Beginners")) && f.level == easy; tries++ {
		f = pick(d, formsEnglish)
	}
	title := fill(f.text, func(slot byte) string {
		if slot == 'V' {
			return pick(d, a.topics).english
		}
		return t.english
	})
	if edition && d.chance(30) {
		title += " (" + strconv.Itoa(epoch.Year()-d.IntN(6)) + ")"
	}
	return title, f.level
}

// fill replaces {X} by what slot says for X.
func fill(template string, slot func(byte) string) string {
	var b strings.Builder
	b.Grow(len(template) * 2)
	for {
		at := strings.IndexByte(template, '{')
		if at < 0 || at+2 >= len(template) {
			b.WriteString(template)
			return b.String()
		}
		b.WriteString(template[:at])
		b.WriteString(slot(template[at+1]))
		template = template[at+3:]
	}
}

// addSpaces puts a space between a Latin letter or digit and a Hanzi, as half of the
// authors do.
func addSpaces(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range s {
		if latin(last) && r >= 0x4E00 && r < 0xA000 || latin(r) && last >= 0x4E00 && last < 0xA000 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

func latin(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '#'
}
