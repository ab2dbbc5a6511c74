package intake

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
)

// ParseLine reads one line of an import: a JSON object with a type and the fields of
// that type, as the documentation of the import format lists them. Everything that is
// wrong with it is in the problems (their Position is left to the caller). If there are
// any, the item must not be used, but its kind and key are set as far as they could be
// read.
//
// Fields compare by exact name, null means absent, names are trimmed of the space
// around them, and nothing is cut to fit.
func ParseLine(line []byte) (Item, []Problem) {
	p := &lineParser{}
	fields := p.object(line)
	if p.problems != nil {
		return Item{}, p.problems
	}
	var item Item
	switch p.kind(fields) {
	case catalog.KindOrg:
		item.Org = p.org(fields)
	case catalog.KindTeacher:
		item.Teacher = p.teacher(fields)
	case catalog.KindCourse:
		item.Course = p.course(fields)
	}
	for _, found := range Check(item) {
		if !p.hasProblem(found.Field) {
			p.problems = append(p.problems, found)
		}
	}
	return item, p.problems
}

// lineParser gathers the problems of one line. field is the one being read.
type lineParser struct {
	field    string
	problems []Problem
}

func (p *lineParser) bad(reason, value string) {
	if !p.hasProblem(p.field) {
		p.problems = append(p.problems, Problem{Field: p.field, Reason: reason, Value: value})
	}
}

func (p *lineParser) hasProblem(field string) bool {
	return slices.ContainsFunc(p.problems, func(o Problem) bool { return o.Field == field })
}

// object splits a line into its fields.
func (p *lineParser) object(line []byte) []member {
	if !utf8.Valid(line) {
		p.bad("is not valid UTF-8", "")
		return nil
	}
	if !json.Valid(line) {
		p.bad("is not JSON: "+syntaxError(line), "")
		return nil
	}
	fields, ok := members(line)
	if !ok {
		p.bad("is not a JSON object", quote(strings.TrimSpace(string(line))))
		return nil
	}
	for i, f := range fields {
		if slices.ContainsFunc(fields[:i], func(o member) bool { return o.name == f.name }) {
			p.field = visible(f.name)
			p.bad("is given twice", "")
		}
		if i == maxFields {
			p.field = ""
			p.bad("has too many fields", "")
			return nil
		}
	}
	return fields
}

// maxFields is more than any type has; what is above it is not looked at.
const maxFields = 64

// kind reads the type of a line, without which no other field means anything.
func (p *lineParser) kind(fields []member) catalog.Kind {
	p.field = "type"
	i := slices.IndexFunc(fields, func(f member) bool { return f.name == "type" })
	if i < 0 {
		p.bad("is missing", "")
		return ""
	}
	s, ok := p.str(fields[i].raw)
	switch kind := catalog.Kind(s); {
	case kind == catalog.KindOrg, kind == catalog.KindTeacher, kind == catalog.KindCourse:
		return kind
	case ok && s != "":
		p.bad("is not one of org, teacher, course", quote(s))
	default:
		p.bad("is missing", "")
	}
	return ""
}

func (p *lineParser) org(fields []member) *Org {
	o := &Org{}
	for _, f := range fields {
		switch p.field = f.name; f.name {
		case "type":
		case "key":
			o.Key = p.label(f.raw)
		case "name":
			o.Name = p.label(f.raw)
		case "description":
			o.Description = p.text(f.raw)
		case "category":
			o.Category = catalog.OrgCategory(p.label(f.raw))
		case "city":
			o.City = p.label(f.raw)
		case "image":
			o.Image = p.label(f.raw)
		default:
			p.unknownField(f, "an org")
		}
	}
	return o
}

func (p *lineParser) teacher(fields []member) *Teacher {
	t := &Teacher{}
	for _, f := range fields {
		switch p.field = f.name; f.name {
		case "type":
		case "key":
			t.Key = p.label(f.raw)
		case "name":
			t.Name = p.label(f.raw)
		case "org":
			t.Org.Text = p.label(f.raw)
		case "title":
			t.Title = p.label(f.raw)
		case "bio":
			t.Bio = p.text(f.raw)
		case "image":
			t.Image = p.label(f.raw)
		default:
			p.unknownField(f, "a teacher")
		}
	}
	return t
}

func (p *lineParser) course(fields []member) *Course {
	c := &Course{}
	for _, f := range fields {
		switch p.field = f.name; f.name {
		case "type":
		case "key":
			c.Key = p.label(f.raw)
		case "name":
			c.Name = p.label(f.raw)
		case "summary":
			c.Summary = p.text(f.raw)
		case "description":
			c.Description = p.text(f.raw)
		case "org":
			c.Org.Text = p.label(f.raw)
		case "teachers":
			for _, name := range p.list(f.raw) {
				c.Teachers = append(c.Teachers, Ref{Text: name})
			}
		case "category":
			c.Category = p.label(f.raw)
		case "level":
			c.Level = catalog.Level(p.label(f.raw))
		case "tags":
			c.Tags = p.list(f.raw)
		case "language":
			c.Language = p.label(f.raw)
		case "minutes":
			c.Minutes = p.number(f.raw)
		case "students":
			c.Students = p.number(f.raw)
		case "image":
			c.Image = p.label(f.raw)
		case "hidden":
			c.Hidden = p.boolean(f.raw)
		case "created_at":
			c.CreatedAt = p.time(f.raw)
		default:
			p.unknownField(f, "a course")
		}
	}
	return c
}

func (p *lineParser) unknownField(f member, of string) {
	p.field = visible(f.name)
	p.bad("is not a field of "+of, "")
}

// visible is a field's name as a message may show it.
func visible(name string) string {
	if name == "" || hasControl(name, false) {
		return quote(name)
	}
	return shorten(name)
}
