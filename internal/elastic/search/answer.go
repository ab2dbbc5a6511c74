package search

import (
	"fmt"
	"slices"

	"github.com/xunke/xunke/catalog"
)

// answer turns what was found into what a visitor gets.
func (q question) answer(r result) (catalog.Answer, error) {
	a := catalog.Answer{Query: q.Text, CorrectedQuery: q.corrected, Degraded: r.degraded, Notices: q.notices(r)}
	for _, k := range r.kinds {
		var err error
		switch k.kind {
		case catalog.KindCourse:
			a.Courses, err = section(q, k, courseHit)
		case catalog.KindOrg:
			a.Orgs, err = section(q, k, orgHit)
		case catalog.KindTeacher:
			a.Teachers, err = section(q, k, teacherHit)
		}
		if err != nil {
			return catalog.Answer{}, err
		}
	}
	if q.Explain {
		explained := map[string]any{"way": q.matching.name, "plan": q.plan}
		if q.curated != nil {
			explained["curation"] = explainedSet(q.curated)
		}
		a.Plan = explained
	}
	return a, nil
}

// section reads the hits of one kind.
func section[H any](q question, f kindResult, read func(rawHit, marker) (H, error)) (*catalog.Section[H], error) {
	s := &catalog.Section[H]{Total: f.total, Hits: make([]H, 0, len(f.hits)), Facets: f.facets}
	if s.Facets == nil {
		s.Facets = map[catalog.Facet][]catalog.FacetValue{}
	}
	m := newMarker(q.plan, f.kind == catalog.KindTeacher)
	pins := q.curationsOf(f.kind).pins
	for _, raw := range f.hits {
		raw.pinned = slices.Contains(pins, raw.ID)
		hit, err := read(raw, m)
		if err != nil {
			return nil, err
		}
		s.Hits = append(s.Hits, hit)
	}
	if len(f.hits) == q.PerPage && int64(q.Page*q.PerPage) < f.total || q.Cursor != nil && len(f.hits) == q.PerPage {
		s.Next = q.nextCursor(f.kind, f.held, f.hits[len(f.hits)-1])
	}
	return s, nil
}

// notices say in Chinese and in English what is special about an answer.
func (q question) notices(r result) []catalog.Notice {
	notices := []catalog.Notice{}
	add := func(code catalog.NoticeCode, message string) {
		notices = append(notices, catalog.Notice{Code: code, Message: message})
	}
	if r.degraded {
		add(catalog.NoticePartial, "部分结果暂时无法取得。 Some results are missing for the moment.")
	}
	if q.plan.Cut {
		add(catalog.NoticeQueryCut, "搜索词过长，只使用了前面的部分。 The query is long; only its beginning was used.")
	}
	switch {
	case q.corrected != nil:
		add(catalog.NoticeCorrected, fmt.Sprintf("没有找到“%s”，显示的是“%s”的结果。 Nothing for “%[1]s”; these are the results for “%[2]s”.", q.Text, *q.corrected))
	case q.matching.name == mostMatching.name || q.matching.name == aboutMatching.name:
		add(catalog.NoticeRelaxed, "没有完全匹配的结果，以下结果匹配了部分搜索词。 Nothing has all of the words; these have some of them.")
	case q.hasText && q.plan.Empty():
		add(catalog.NoticeNoWords, "请输入文字、字母或数字。 Type a word, a letter or a number.")
	}
	return notices
}
