package demo

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// brief is what the texts of one course are made of.
type brief struct {
	n        int
	org      org
	orgIndex int
	area     area
	topic    topic
	language string
	level    catalog.Level
	name     string
	teachers []int
}

func (b *brief) english() bool { return b.language == "en" }

// full says whether a course has everything. Of the many courses of a big catalogue
// most have no videos, files or history, or a million would be forty million rows.
func (b *brief) full() bool { return b.n < DefaultCourses || b.n%50 == 0 }

func (g *Generator) courseItem(n int) intake.Item {
	d := g.dice(saltCourse, n)
	b := g.brief(d, n)
	popularity := float64(b.topic.popularity)
	students := int64(min(math.Exp(3.6+popularity*0.35+1.5*d.NormFloat64()), 900_000))
	c := &intake.Course{
		Key: key(catalog.KindCourse, n), Name: b.name, Category: b.area.name, Level: b.level, Language: b.language,
		Org:       intake.Ref{Text: key(catalog.KindOrg, b.orgIndex), KeyOnly: true},
		Tags:      b.tags(d),
		Minutes:   int64(60 + 10*d.IntN(240)),
		Students:  students,
		Hidden:    n >= len(g.anchors) && n%97 == 13,
		CreatedAt: d.day(6),
		Details:   &intake.CourseDetails{Classic: d.chance(8), Favorites: students / int64(20+d.IntN(60))},
	}
	for _, t := range b.teachers {
		c.Teachers = append(c.Teachers, intake.Ref{Text: key(catalog.KindTeacher, t), KeyOnly: true})
	}
	slot := g.slots(d, b)
	if b.english() {
		c.Summary, c.Description = fill(pick(d, summariesEnglish), slot), englishText(d, slot)
	} else {
		c.Summary, c.Description = fill(pick(d, summaries), slot), chineseText(d, b.area.style, slot)
	}
	if n < len(g.anchors) {
		c.Summary, c.Description = g.anchors[n].summary, g.anchors[n].description
	}
	g.contents(d, b, c, slot)
	if b.full() {
		c.History = g.history(catalog.KindCourse, n, math.Log1p(float64(students))*popularity/12*d.ExpFloat64())
	}
	return intake.Item{Course: c}
}

// brief decides what a course is about, whose it is and what it is called.
func (g *Generator) brief(d dice, n int) *brief {
	b := &brief{n: n, language: "zh"}
	at := g.draw(d)
	if n < len(g.anchors) {
		a := g.anchors[n]
		at = a.topic
		b.orgIndex, b.org = a.org, g.org(a.org)
	} else {
		b.orgIndex, b.org = g.orgFor(d, n, at.area)
	}
	b.area = g.areas[at.area]
	b.topic = b.area.topics[at.topic]
	english := 9
	if isLatin(b.org.name) {
		english = 95
	}
	if d.chance(english) {
		b.language = "en"
		b.name, b.level = englishTitle(d, b.area, b.topic, n >= DefaultCourses)
	} else {
		b.name, b.level = chineseTitle(d, b.area, b.topic, n >= DefaultCourses)
	}
	if d.chance(4) {
		b.level = "" // as in real catalogues
	}
	if n < len(g.anchors) {
		a := g.anchors[n]
		b.name, b.level, b.language = a.name, a.level, a.language
	}
	b.teachers = teachersFor(d, b.org, at.area)
	return b
}

// draw takes a topic; popular ones come more often.
func (g *Generator) draw(d dice) weighted {
	ticket := d.IntN(g.sum)
	for _, w := range g.topics {
		if ticket -= w.weight; ticket < 0 {
			return w
		}
	}
	return g.topics[len(g.topics)-1]
}

// orgFor finds an org that teaches an area among those that a catalogue of n courses
// has. The first ones have more courses.
func (g *Generator) orgFor(d dice, n, area int) (int, org) {
	count := orgsFor(n + 1)
	for tries := 0; ; tries++ {
		i := int(math.Pow(d.Float64(), 1.3) * float64(count))
		if o := g.org(i); tries == 60 || slices.Contains(o.areas, area) {
			return i, o
		}
	}
}

// teachersFor picks one to three teachers of an org, those of the area first.
func teachersFor(d dice, o org, area int) []int {
	want := 1
	if d.chance(30) {
		want += 1 + d.IntN(2)
	}
	var fitting, others []int
	for n := o.first; n < o.first+o.teachers; n++ {
		if teacherArea(o, n) == area {
			fitting = append(fitting, n)
		} else {
			others = append(others, n)
		}
	}
	chosen := slices.Clone(sample(d, fitting, want))
	return append(chosen, sample(d, others, want-len(chosen))...)
}

// tags are the topic's own and one or two more.
func (b *brief) tags(d dice) []string {
	tags := slices.Clone(sample(d, b.topic.tags, 2+d.IntN(2)))
	if b.english() {
		tags = append(tags, b.topic.english)
	}
	for _, hint := range []string{"实战", "入门", "面试", "考研", "真题", "案例", "源码", "少儿"} {
		if strings.Contains(b.name, hint) {
			tags = append(tags, hint)
		}
	}
	if d.chance(12) {
		tags = append(tags, pick(d, []string{"精品课程", "直播", "有证书", "双语", "限时开放"}))
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// slots says what stands for the letters in the sentences of a course. Each {C} is the
// next chapter.
func (g *Generator) slots(d dice, b *brief) func(byte) string {
	names := make([]string, len(b.teachers))
	for i, t := range b.teachers {
		names[i] = g.teacherName(t)
	}
	people := strings.Join(names, map[bool]string{true: " and ", false: "、"}[b.english()])
	chapter := 0
	return func(slot byte) string {
		switch slot {
		case 'S':
			return b.topic.about
		case 'T':
			return b.topic.name
		case 'E':
			return b.topic.english
		case 'G':
			return b.area.english
		case 'C':
			chapter++
			return b.topic.chapters[(chapter-1)%len(b.topic.chapters)]
		case 'A':
			return pick(d, audiences[b.area.style])
		case 'K':
			return strconv.Itoa(len(b.topic.chapters))
		case 'P':
			return people
		case 'O':
			return b.org.name
		default:
			if b.english() {
				return levelTextsEnglish[string(b.level)]
			}
			return levelTexts[string(b.level)]
		}
	}
}
