package demo

import (
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// Words of which the names of the orgs beyond the first forty are put together.
var (
	orgFirst = []string{
		"松涧", "竹里", "星屿", "麦田", "听潮", "白桦", "雨巷", "拾穗", "萤火", "飞鸟", "青石", "溪山", "月白", "云栈", "浅草",
		"远舟", "枕书", "半亩", "清渠", "问渡", "听雪", "扶光", "望舒", "海棠", "银杏", "梧桐", "橡果", "苜蓿", "蓝鲸", "信鸽",
		"灯塔", "石桥", "渡口", "北坡", "南窗", "东篱", "西岭", "长亭", "晴川", "芳洲", "沧浪", "鹿鸣", "鹤汀", "燕回", "雁行",
		"曲水", "重楼", "乐游", "单舟", "朝露", "行舟", "长风", "归林", "初晓",
	}
	orgLast = []string{
		"学堂", "课堂", "培训中心", "职业学校", "在线教育", "研习社", "工坊", "公开课", "学苑", "训练营",
		"大学", "理工大学", "师范学院", "财经学院",
	}
	firstUniversity = slices.Index(orgLast, "大学")

	cities = []string{
		"北京", "上海", "广州", "深圳", "杭州", "成都", "重庆", "武汉", "西安", "南京", "苏州", "长沙", "郑州", "天津", "济南",
		"青岛", "厦门", "福州", "合肥", "昆明", "贵阳", "南昌", "沈阳", "大连", "长春", "哈尔滨", "石家庄", "太原", "兰州", "乌鲁木齐",
		"海口", "宁波",
	}
)

// org is what courses and teachers need to know of an org.
type org struct {
	name     string
	category catalog.OrgCategory
	city     string
	first    int
	teachers int
	areas    []int
}

// org is the n-th org.
func (g *Generator) org(n int) org { return g.made[n] }

// makeOrg makes up the n-th org.
func (g *Generator) makeOrg(n int) org {
	if n < baseOrgs {
		s := g.orgs[n]
		return org{s.name, s.category, s.city, s.first, s.teachers, s.areas}
	}
	d := g.dice(saltOrg, n)
	// Every combination of city, first and last word comes once before any comes again.
	combinations := len(orgFirst) * len(orgLast) * len(cities)
	c := (n * 7919) % combinations // a prime that divides none of the three
	first, last, city := c%len(orgFirst), c/len(orgFirst)%len(orgLast), c/len(orgFirst)/len(orgLast)
	o := org{
		name: cities[city] + orgFirst[first] + orgLast[last], category: catalog.OrgTraining, city: cities[city],
		first: baseTeachers + (n-baseOrgs)*perOrg, teachers: perOrg,
	}
	want := 4
	if last >= firstUniversity {
		o.category, want = catalog.OrgUniversity, 7
	}
	all := make([]int, len(g.areas))
	for i := range all {
		all[i] = i
	}
	o.areas = sample(d, all, want)
	return o
}

// orgOf is the index of the org of the n-th teacher.
func (g *Generator) orgOf(n int) int {
	if n < baseTeachers {
		return g.owners[n]
	}
	return baseOrgs + (n-baseTeachers)/perOrg
}

func (g *Generator) orgItem(n int) intake.Item {
	d := g.dice(saltOrgText, n)
	o := g.org(n)
	item := &intake.Org{
		Key: key(catalog.KindOrg, n), Name: o.name, Category: o.category, City: o.city, CreatedAt: d.day(9),
		Details: &intake.OrgDetails{
			Certified: o.category == catalog.OrgUniversity || d.chance(60),
			Gold:      d.chance(25),
			Favorites: int64(d.IntN(900)),
		},
	}
	if n < baseOrgs {
		item.Description, item.Details.Slogan = g.orgs[n].description, g.orgs[n].slogan
		item.History = g.history(catalog.KindOrg, n, 40+60*d.Float64())
		return intake.Item{Org: item}
	}
	item.Details.Slogan = pick(d, slogans)
	names := ""
	for i, a := range o.areas {
		if i > 0 {
			names += "、"
		}
		names += g.areas[a].name
	}
	item.Description = fill(pick(d, orgTexts), func(slot byte) string {
		switch slot {
		case 'O':
			return o.name
		case 'Y':
			return o.city
		default:
			return names
		}
	})
	return intake.Item{Org: item}
}

var slogans = []string{
	"学一门，会一门", "把难的讲简单", "慢一点，走得远", "先动手，再讲道理", "每天进步一点点", "教会为止", "知其然，知其所以然", "为好奇的人准备",
}

var orgTexts = []string{
	"{O}位于{Y}，主要开设{A}方向的课程，小班授课，作业有人批改。",
	"{O}从{Y}的一间教室起步，如今线上线下同步开课，涵盖{A}。每门课都可以先听两节再决定。",
	"在{Y}学{A}，许多人第一个想到的是{O}。讲师多来自一线，课程每年更新。",
	"{O}相信学习是一件长期的事，围绕{A}设置了由浅入深的课程，并为结业学员保留三年的答疑。",
}
