package demo

import (
	"fmt"
	"strings"

	"github.com/xunke/xunke/intake"
)

// contents adds lessons, videos, files and what else a course's own page shows.
func (g *Generator) contents(d dice, b *brief, c *intake.Course, slot func(byte) string) {
	if b.language != "zh" && !b.english() {
		return // the chapters are written in those two languages only
	}
	details := c.Details
	names := b.lessonNames(d, slot)
	for i, name := range names {
		details.Lessons = append(details.Lessons, intake.Lesson{Name: name})
		if b.full() {
			details.Lessons[i].Videos = b.videos(d, i+1)
		}
	}
	if !b.full() {
		return
	}
	c.Minutes = 0
	for _, l := range details.Lessons {
		for _, v := range l.Videos {
			c.Minutes += v.Minutes
		}
	}
	for _, name := range sample(d, b.resourceNames(), d.IntN(4)) {
		details.Resources = append(details.Resources, intake.Resource{Name: name})
	}
	if b.english() {
		details.Prerequisites = levelTextsEnglish[string(b.level)]
		details.Outcomes = "You can explain the core ideas of " + b.topic.english + " and finish a small piece of work on your own."
		return
	}
	if d.chance(50) {
		details.Notice = pick(d, notices)
	}
	details.Prerequisites = fill(pick(d, prerequisites[string(b.level)]), slot)
	details.Outcomes = fill(strings.Join(sample(d, outcomesList, 3), "\n"), slot)
}

// lessonNames are the chapters of the topic, numbered in half of the courses.
func (b *brief) lessonNames(d dice, slot func(byte) string) []string {
	var names []string
	if b.english() {
		for _, name := range sample(d, lessonsEnglish, 5+d.IntN(4)) {
			names = append(names, fill(name, slot))
		}
		return names
	}
	if !b.full() {
		return append(names, sample(d, b.topic.chapters, 5)...)
	}
	names = append(names, b.topic.chapters...)
	if d.chance(60) {
		names = append([]string{pick(d, []string{"课程介绍", "开课导言", "怎样学好这门课", "学前测验"})}, names...)
	}
	if d.chance(60) {
		names = append(names, pick(d, []string{"总结与展望", "综合作业", "期末测验", "答疑精选", "结业项目"}))
	}
	if d.chance(50) {
		for i := range names {
			names[i] = fmt.Sprintf("第%d章 %s", i+1, names[i])
		}
	}
	return names
}

func (b *brief) videos(d dice, lesson int) []intake.Video {
	titles := []string{"概念讲解", "为什么需要它", "跟着做一遍", "例题精讲", "常见错误", "练习讲评", "延伸阅读"}
	if b.english() {
		titles = []string{"The idea", "Why it matters", "Step by step", "A worked example", "Common mistakes", "Exercise review", "Further reading"}
	}
	var videos []intake.Video
	for i, title := range sample(d, titles, 2+d.IntN(3)) {
		videos = append(videos, intake.Video{Name: fmt.Sprintf("%d.%d %s", lesson, i+1, title), Minutes: int64(4 + d.IntN(22))})
	}
	return videos
}

func (b *brief) resourceNames() []string {
	if b.english() {
		return []string{"Slides.pdf", "Reading list.pdf", "Exercises.zip"}
	}
	if b.area.style == styleTech {
		return []string{"课件.pdf", "示例代码.zip", "课后练习.pdf", "环境安装说明.pdf"}
	}
	return []string{"课件.pdf", "课后练习.pdf", "参考书目.pdf", "思维导图.png"}
}
