package mxonline

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// key is the key here of a row there.
func key(k catalog.Kind, id int64) string { return fmt.Sprintf("mxonline:%s:%d", k, id) }

// link refers to a row there; nothing if there is none.
func link(k catalog.Kind, id int64) intake.Ref {
	if id == 0 {
		return intake.Ref{}
	}
	return intake.Ref{Text: key(k, id), KeyOnly: true}
}

// converter turns rows into items. What has no counterpart is reported and left out.
type converter struct {
	options Options
	table   string
	id      int64
	warn    func(intake.Problem)
}

func (c *converter) leave(field, reason, value string) {
	c.warn(intake.Problem{
		Position: intake.Position{Source: c.table, Line: c.id}, Field: field, Reason: reason, Value: strconv.Quote(value), Warning: true,
	})
}

var orgCategories = map[string]catalog.OrgCategory{
	"": "", "pxjg": catalog.OrgTraining, "gx": catalog.OrgUniversity, "gr": catalog.OrgIndividual,
	"培训机构": catalog.OrgTraining, "高校": catalog.OrgUniversity, "个人": catalog.OrgIndividual,
}

var levels = map[string]catalog.Level{
	"": "", "cj": catalog.LevelBeginner, "zj": catalog.LevelIntermediate, "gj": catalog.LevelAdvanced,
	"初级": catalog.LevelBeginner, "中级": catalog.LevelIntermediate, "高级": catalog.LevelAdvanced,
}

func (c *converter) org(r record, cities map[int64]string) *intake.Org {
	category, ok := orgCategories[r.get("category")]
	if !ok {
		c.leave("category", "left out, because it is none of pxjg, gx, gr", r.get("category"))
	}
	city := cities[r.ref("city")]
	if city == "" && r.ref("city") != 0 {
		c.leave("city_id", "left out, because there is no such city", r.get("city"))
	}
	return &intake.Org{
		Key: key(catalog.KindOrg, r.id), Name: line(r.get("name")), Description: plain(r.get("desc")),
		Category: category, City: line(city), Image: c.image(r.get("image")), CreatedAt: c.time(r.get("created")),
		Details: &intake.OrgDetails{
			Address: line(r.get("address")), Slogan: line(r.get("slogan")),
			Gold: truth(r.get("gold")), Certified: truth(r.get("certified")), Favorites: c.number("fav_nums", r.get("favorites")),
		},
	}
}

func (c *converter) teacher(r record) *intake.Teacher {
	return &intake.Teacher{
		Key: key(catalog.KindTeacher, r.id), Name: line(r.get("name")), Org: link(catalog.KindOrg, r.ref("org")),
		Title: line(r.get("title")), Bio: plain(r.get("bio")), Image: c.image(r.get("image")), CreatedAt: c.time(r.get("created")),
		Details: &intake.TeacherDetails{
			Company: line(r.get("company")), YearsWorked: c.number("work_years", r.get("years")),
			Style: line(r.get("style")), Favorites: c.number("fav_nums", r.get("favorites")),
		},
	}
}

// children are the rows that belong to one course.
type children struct {
	tags      []record
	lessons   []record
	videos    map[int64][]record // by lesson
	resources []record
	learners  int64 // whose enrolments are carried over, and counted then
}

func (c *converter) course(r record, of children) *intake.Course {
	level, ok := levels[r.get("degree")]
	if !ok {
		c.leave("degree", "left out, because it is none of cj, zj, gj", r.get("degree"))
	}
	item := &intake.Course{
		Key: key(catalog.KindCourse, r.id), Name: line(r.get("name")), Summary: plain(r.get("desc")), Description: plain(r.get("detail")),
		Org: link(catalog.KindOrg, r.ref("org")), Category: line(r.get("category")), Level: level,
		Language: c.options.Language,
		Minutes:  c.number("learn_times", r.get("minutes")), Students: max(0, c.number("students", r.get("students"))-of.learners),
		Image: c.image(r.get("image")), CreatedAt: c.time(r.get("created")),
		Details: &intake.CourseDetails{
			Notice: plain(r.get("notice")), Prerequisites: plain(r.get("prerequisites")), Outcomes: plain(r.get("outcomes")),
			Classic: truth(r.get("classic")), Favorites: c.number("fav_nums", r.get("favorites")),
		},
	}
	if teacher := r.ref("teacher"); teacher != 0 {
		item.Teachers = []intake.Ref{link(catalog.KindTeacher, teacher)}
	}
	item.Tags = splitTags(r.get("tag"))
	for _, t := range of.tags {
		item.Tags = append(item.Tags, splitTags(t.get("tag"))...)
	}
	slices.Sort(item.Tags)
	item.Tags = slices.Compact(item.Tags)
	for n, l := range of.lessons {
		lesson := intake.Lesson{Name: nameOr(l, fmt.Sprintf("第%d章", n+1))}
		for m, v := range of.videos[l.id] {
			lesson.Videos = append(lesson.Videos, intake.Video{
				Name: nameOr(v, fmt.Sprintf("%d.%d", n+1, m+1)), URL: c.address(v.get("url")), Minutes: c.number("learn_times", v.get("minutes")),
			})
		}
		item.Details.Lessons = append(item.Details.Lessons, lesson)
	}
	for _, res := range of.resources {
		item.Details.Resources = append(item.Details.Resources, intake.Resource{
			Name: nameOr(res, path.Base(res.get("url"))), URL: c.image(res.get("url")),
		})
	}
	return item
}

// nameOr is the name of a part of a course. One without a name does not cost the course.
func nameOr(r record, substitute string) string {
	if name := line(r.get("name")); name != "" {
		return name
	}
	return substitute
}

// splitTags reads a tag, or several with commas between them.
func splitTags(s string) []string {
	var tags []string
	for _, t := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '，' || r == '、' || r == ';' || r == '；' }) {
		if t = line(t); t != "" {
			tags = append(tags, t)
		}
	}
	return tags
}

func (c *converter) number(field, s string) int64 {
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > intake.MaxNumber {
		c.leave(field, "taken as 0, because it is no count", s)
		return 0
	}
	return n
}

// image is the address of a file of the platform's media folder; without a media
// address there is nothing that a browser could fetch.
func (c *converter) image(s string) string {
	if s == "" || strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
		return s
	}
	if c.options.MediaURL == "" {
		return ""
	}
	joined, err := url.JoinPath(c.options.MediaURL, s)
	if err != nil {
		c.leave("image", "left out, because it is no path", s)
		return ""
	}
	return joined
}

// address is a link to a video; what is neither a path nor http is left out.
func (c *converter) address(s string) string {
	if u, err := url.Parse(s); err != nil || (u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https") {
		c.leave("url", "left out, because it is neither a path nor an http or https address", s)
		return ""
	}
	return s
}

// time reads a DATETIME as it is written, in the platform's time zone.
func (c *converter) time(s string) time.Time {
	if s == "" || strings.HasPrefix(s, "0000") {
		return time.Time{}
	}
	t, err := time.ParseInLocation("2006-01-02 15:04:05.999999", s, c.options.Location)
	if err != nil {
		c.leave("add_time", "left out, because it is no time", s)
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

func truth(s string) bool { return s != "" && s != "0" && !strings.EqualFold(s, "false") }
