package demo

import (
	"fmt"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// Names are put together at random from these; who bears one of them in life is not meant.
var (
	surnames = strings.Fields(`王 李 张 刘 陈 杨 黄 赵 周 吴 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹 彭 曾 萧 田 董
		袁 潘 于 蒋 蔡 余 杜 叶 程 苏 魏 吕 丁 任 沈 姚 卢 姜 崔 钟 谭 陆 汪 范 金 石 廖 贾 夏 韦 付 方 白 邹 孟 熊 秦 邱 江 尹 薛 闫 段 雷 侯
		龙 史 陶 黎 贺 顾 毛 郝 龚 邵 万 钱 严 覃 武 戴 莫 孔 向 汤 单 解 仇 区 查 盖 翟 缪 朴 乐 冼 晁 华 燕 宁 曲 卜 费 尉迟 欧阳 诸葛 令狐 司徒 上官 慕容`)
	givenFirst  = strings.Fields(`子 雨 思 文 嘉 明 晓 若 志 海 建 俊 佳 梦 欣 宇 浩 诗 一 清 云 景 长 慕 怀 知 安 书 承 望 静 远 泽 可 语 青 亦 南 星 行`)
	givenSecond = strings.Fields(`涵 彤 远 轩 琪 哲 宁 然 航 言 舟 衡 岚 溪 予 川 霖 薇 洋 楠 瑶 枫 锐 峰 晗 铭 毅 琳 菲 堃 朗 昀 荷 松 桐 帆 越 章 音 柏`)
	givenSingle = strings.Fields(`磊 静 敏 强 丽 涛 洁 勇 艳 杰 娟 超 霞 斌 玲 鹏 颖 辉 倩 昊`)
	firstNames  = strings.Fields(`Ada Amara Anton Beatriz Benno Carla Cyril Dalia Edwin Elif Emil Fiona Gustav Hana Ines Ivo Jana Joel Karin Lars Leila
		Marek Mina Nadia Nils Olga Oskar Pavel Petra Ravi René Rosa Selma Tariq Tomas Ursula Vera Viktor Wilma Yusuf`)
	lastNames = strings.Fields(`Abbott Almeida Bauer Bianchi Castell Dalgaard Eriksen Faber Goncalves Haddad Ibsen Jansen Kaplan Kowalski Larsen Lindgren
		Marchetti Moreau Nakata Novak Okafor Osei Petrov Quist Rahman Rossi Sandoval Schreiber Tanaka Ueda Vance Weber Yilmaz Zeller`)
)

// teacherName is the name of the n-th teacher.
func (g *Generator) teacherName(n int) string {
	o := g.orgOf(n)
	if o < baseOrgs {
		if s := g.orgs[o]; n-s.first < len(s.named) {
			return s.named[n-s.first]
		}
	}
	d := g.dice(saltTeacher, n)
	foreign := 3
	if o < baseOrgs && isLatin(g.orgs[o].name) {
		foreign = 90
	}
	switch {
	case d.chance(foreign):
		return pick(d, firstNames) + " " + pick(d, lastNames)
	case d.chance(20):
		return pick(d, surnames) + pick(d, givenSingle)
	default:
		return pick(d, surnames) + pick(d, givenFirst) + pick(d, givenSecond)
	}
}

// teacherArea is the area that the n-th teacher of an org teaches.
func teacherArea(o org, n int) int { return o.areas[(n-o.first)%len(o.areas)] }

// Titles of teachers by where they teach and what.
var teacherTitles = map[style][]string{
	styleTech:  {"高级工程师", "架构师", "技术总监", "资深开发工程师", "算法工程师", "运维专家", "技术讲师"},
	styleStudy: {"高级讲师", "研究员", "博士", "主任讲师", "特聘讲师", "教研组长"},
	styleCraft: {"资深讲师", "创意总监", "主理人", "专业教练", "签约讲师", "工作室负责人"},
	styleExam:  {"教研主任", "高级讲师", "主讲教师", "命题研究员", "辅导教师"},
}

var (
	academicTitles = []string{"教授", "副教授", "讲师", "教授、博士生导师", "副教授、硕士生导师", "实验师"}
	englishTitles  = []string{"Professor", "Associate Professor", "Senior Lecturer", "Lecturer", "Teaching Fellow"}
	teachingStyles = []string{
		"幽默风趣，例子多", "条理清晰，板书漂亮", "严谨细致", "耐心，有问必答", "节奏快，信息量大", "善于打比方", "重视动手", "循循善诱",
	}
)

func (g *Generator) teacherItem(n int) intake.Item {
	d := g.dice(saltBio, n)
	at := g.orgOf(n)
	o := g.org(at)
	a := g.areas[teacherArea(o, n)]
	item := &intake.Teacher{
		Key: key(catalog.KindTeacher, n), Name: g.teacherName(n), CreatedAt: d.day(7),
		Org:   intake.Ref{Text: key(catalog.KindOrg, at), KeyOnly: true},
		Title: pick(d, teacherTitles[a.style]),
		Details: &intake.TeacherDetails{
			Company: o.name, YearsWorked: int64(2 + d.IntN(28)), Style: pick(d, teachingStyles), Favorites: int64(d.IntN(300)),
		},
	}
	english := isLatin(o.name)
	switch {
	case english:
		item.Title = pick(d, englishTitles)
	case o.category == catalog.OrgUniversity:
		item.Title = pick(d, academicTitles)
	case o.category == catalog.OrgIndividual:
		item.Title = "主讲人"
	}
	t := pick(d, a.topics)
	bios := biosChinese
	if english {
		bios = biosEnglish
	}
	texts := sample(d, bios, 3)
	item.Bio = fill(strings.Join(texts, map[bool]string{true: " "}[english]), func(slot byte) string {
		switch slot {
		case 'N':
			return item.Name
		case 'O':
			return o.name
		case 'A':
			return a.name
		case 'G':
			return a.english
		case 'E':
			return t.english
		case 'Y':
			return fmt.Sprint(item.Details.YearsWorked)
		default:
			return t.name
		}
	})
	if n < baseTeachers {
		item.History = g.history(catalog.KindTeacher, n, 4+20*d.Float64())
	}
	return intake.Item{Teacher: item}
}

var biosChinese = []string{
	"{N}在{O}讲授{A}方向的课程，从业{Y}年。",
	"长期研究{T}，喜欢把复杂的问题画在一张纸上讲清楚。",
	"课堂上例子多、提问多，作业批改细到标点。",
	"曾负责多个与{T}有关的项目，踩过的坑都变成了课上的案例。",
	"相信学习最快的办法是尽早动手，因此每节课都留一个小任务。",
	"业余时间跑步、做饭，偶尔写一写关于{A}的文章。",
	"学员评价说，听{N}的课最怕的是下课。",
}

var biosEnglish = []string{
	"{N} teaches {G} at {O} and has {Y} years of experience.",
	"Works on {E} and likes to explain hard ideas with a pencil and one sheet of paper.",
	"Former students remember the patient feedback, and the many drafts.",
	"Has led several projects on {E}; what went wrong in them became material for the courses.",
	"Believes that people learn by building something small every week.",
}

// isLatin says whether a name is written in Latin letters.
func isLatin(name string) bool { return name != "" && name[0] < 0x80 }
