package demo

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
)

//go:embed topics.txt
var topicWords string

//go:embed orgs.txt
var orgWords string

//go:embed anchors.txt
var anchorWords string

// style says which titles and texts suit the topics of an area.
type style string

const (
	styleTech  style = "tech"
	styleStudy style = "study"
	styleCraft style = "craft"
	styleExam  style = "exam"
)

// area is a category of courses.
type area struct {
	name    string
	english string
	style   style
	topics  []topic
}

// topic is what a course can be about.
type topic struct {
	name       string
	english    string
	popularity int // 1 to 9
	tags       []string
	chapters   []string
	about      string // a sentence
}

// weighted is a topic of an area in the urn from which courses draw.
type weighted struct{ area, topic, weight int }

// orgSeed is one of the first forty orgs.
type orgSeed struct {
	name        string
	category    catalog.OrgCategory
	city        string
	first       int // index of its first teacher
	teachers    int
	areas       []int
	named       []string
	slogan      string
	description string
}

// anchor is a course written by hand.
type anchor struct {
	org         int
	name        string
	topic       weighted
	level       catalog.Level
	language    string
	summary     string
	description string
}

func (g *Generator) read() error {
	if err := g.readTopics(); err != nil {
		return err
	}
	if err := g.readOrgs(); err != nil {
		return err
	}
	return g.readAnchors()
}

// fields yields the lines of a word list, split; mark is what begins a line of n fields
// that stands for itself.
func fields(words string, n int) ([][]string, error) {
	var lines [][]string
	for i, line := range strings.Split(words, "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		f := strings.Split(line, "|")
		for j := range f {
			f[j] = strings.TrimSpace(f[j])
		}
		if len(f) != n && !strings.HasPrefix(line, "= ") {
			return nil, fmt.Errorf("line %d has %d fields instead of %d", i+1, len(f), n)
		}
		lines = append(lines, f)
	}
	return lines, nil
}

func (g *Generator) readTopics() error {
	lines, err := fields(topicWords, 6)
	if err != nil {
		return err
	}
	for _, f := range lines {
		if name, ok := strings.CutPrefix(f[0], "= "); ok {
			g.areas = append(g.areas, area{name: name, english: f[1], style: style(f[2])})
			continue
		}
		popularity, err := strconv.Atoi(f[2])
		if err != nil {
			return fmt.Errorf("topic %s: %w", f[0], err)
		}
		a := &g.areas[len(g.areas)-1]
		w := weighted{len(g.areas) - 1, len(a.topics), popularity + 2}
		a.topics = append(a.topics, topic{
			name: f[0], english: f[1], popularity: popularity,
			tags: strings.Split(f[3], ","), chapters: strings.Split(f[4], ";"), about: f[5],
		})
		g.topics = append(g.topics, w)
		g.sum += w.weight
	}
	return nil
}

func (g *Generator) readOrgs() error {
	lines, err := fields(orgWords, 8)
	if err != nil {
		return err
	}
	for i, f := range lines {
		teachers, err := strconv.Atoi(f[3])
		if err != nil {
			return fmt.Errorf("org %s: %w", f[0], err)
		}
		o := orgSeed{
			name: f[0], category: catalog.OrgCategory(f[1]), city: f[2], first: len(g.owners), teachers: teachers,
			named: strings.Split(f[5], ","), slogan: f[6], description: f[7],
		}
		for _, name := range strings.Split(f[4], ",") {
			at := slices.IndexFunc(g.areas, func(a area) bool { return a.name == name })
			if at < 0 {
				return fmt.Errorf("org %s: there is no area %s", o.name, name)
			}
			o.areas = append(o.areas, at)
		}
		for range teachers {
			g.owners = append(g.owners, i)
		}
		g.orgs = append(g.orgs, o)
	}
	if len(g.orgs) != baseOrgs || len(g.owners) != baseTeachers {
		return fmt.Errorf("%d orgs with %d teachers instead of %d with %d", len(g.orgs), len(g.owners), baseOrgs, baseTeachers)
	}
	return nil
}

func (g *Generator) readAnchors() error {
	lines, err := fields(anchorWords, 7)
	if err != nil {
		return err
	}
	for _, f := range lines {
		a := anchor{name: f[1], level: catalog.Level(f[3]), language: f[4], summary: f[5], description: f[6]}
		a.org = slices.IndexFunc(g.orgs, func(o orgSeed) bool { return o.name == f[0] })
		at := slices.IndexFunc(g.topics, func(w weighted) bool { return g.areas[w.area].topics[w.topic].name == f[2] })
		if a.org < 0 || at < 0 {
			return fmt.Errorf("course %s: there is no org %s or no topic %s", a.name, f[0], f[2])
		}
		a.topic = g.topics[at]
		g.anchors = append(g.anchors, a)
	}
	return nil
}
