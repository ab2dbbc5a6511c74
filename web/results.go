package web

import (
	"slices"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/web/page"
)

// facetValuesShown is how many values of a facet are seen before "more" is opened.
const facetValuesShown = 7

// facetView is one group of filters.
type facetView struct {
	Facet  catalog.Facet
	Title  string
	Values []page.Choice
	Hidden []page.Choice // behind "more"
	Most   int           // how many values are listed of more that there may be; 0: they are all
	Open   string        // the address that shows the values; empty: they are here
}

// chip is a chosen filter that can be removed.
type chip struct {
	Label  string
	Remove string // what removing it is called
	URL    string
}

// summary says how much was found.
func (r results) summary(a catalog.Answer, total int64) string {
	text := r.asked.text
	if a.CorrectedQuery != nil {
		text = *a.CorrectedQuery
	}
	if text == "" {
		return r.CountOf("results", progress.Thousands(total), total)
	}
	return r.Text("results.query", text, r.CountOf("results", progress.Thousands(total), total))
}

// tabs lead to the same question for each kind. Only kinds that were asked for have a
// count.
func (r results) tabs(a catalog.Answer) []page.Choice {
	counts := map[catalog.Kind]string{}
	for k, part := range a.Parts() {
		counts[k] = r.Count(part.Total)
	}
	list := []page.Choice{{Label: r.Text("kind.all"), URL: r.kindURL(""), Current: r.asked.kind == ""}}
	for _, k := range catalog.Kinds() {
		list = append(list, page.Choice{
			Label: r.Text("kind." + string(k)), Count: counts[k], URL: r.kindURL(k), Current: r.asked.kind == k,
		})
	}
	return list
}

// kindURL asks the same of another kind. Everything of every kind has an address of its
// own: without a parameter it would be the home page.
func (r results) kindURL(k catalog.Kind) string {
	q := r.asked.withKind(k)
	if k == "" && q.text == "" && !q.hasFilters() {
		return r.Link("/?type=all")
	}
	return q.url()
}

func (r results) sorts() []page.Choice {
	current := r.asked.sort
	if current == "" {
		current = catalog.SortRelevance
	}
	var list []page.Choice
	for _, s := range sortsOf(r.asked.kind) {
		if s == catalog.SortRelevance && r.asked.text == "" {
			continue // without a query it is the same as hot
		}
		c := page.Choice{Label: r.Text("sort." + string(s)), URL: r.asked.withSort(s).url(), Current: s == current}
		if s == catalog.SortHot && r.asked.text == "" && current == catalog.SortRelevance {
			c.Current = true
		}
		list = append(list, c)
	}
	return list
}

// notices are the sentences above the results, the correction first.
func (r results) notices(a catalog.Answer) []page.Notice {
	var list []page.Notice
	if a.CorrectedQuery != nil {
		list = append(list, page.Notice{
			Text: r.Text("notice.showing"), Strong: *a.CorrectedQuery,
			LinkText: r.Text("notice.instead", r.asked.text),
			LinkURL:  r.asked.withText(r.asked.text, true).url(),
		})
	}
	told := map[catalog.NoticeCode]bool{
		catalog.NoticeCorrected: a.CorrectedQuery != nil, // said above, with the way back
	}
	codes := a.Notices
	if a.Degraded {
		codes = append(slices.Clone(codes), catalog.Notice{Code: catalog.NoticePartial})
	}
	for _, n := range codes {
		if told[n.Code] {
			continue
		}
		told[n.Code] = true
		told[catalog.NoticePartial] = told[catalog.NoticePartial] || n.Code == catalog.NoticeDegraded // which says more
		said := page.Notice{Text: n.Message}                                                          // one that this version does not know
		if text, err := r.Lookup("notice." + string(n.Code)); err == nil {
			said.Text = text
		}
		if n.Code == catalog.NoticePartial || n.Code == catalog.NoticeDegraded {
			said.Class = "warn"
		}
		list = append(list, said)
	}
	return list
}

// facets are the groups of filters. With all kinds together they are those of the
// courses, and choosing one leads to the courses: what it counts is what it gives.
func (r results) facets(a catalog.Answer) []facetView {
	kind := r.asked.kind
	if kind == "" {
		kind = catalog.KindCourse
	}
	base := r.asked.withKind(kind)
	part, _ := a.Part(kind)
	var views []facetView
	for _, f := range catalog.Facets(kind) {
		values, counted := part.Facets[f]
		if !counted && f.IsCostly() && len(part.Facets) > 0 && part.Total > 1 {
			views = append(views, facetView{Facet: f, Title: r.Text("facet." + string(f)), Open: r.asked.opening(f).url() + "#filters"})
			continue
		}
		chosen := slices.ContainsFunc(values, func(v catalog.FacetValue) bool { return v.Selected })
		if len(values) < 2 && !chosen {
			continue // nothing to choose from
		}
		view := facetView{Facet: f, Title: r.Text("facet." + string(f))}
		if len(values) >= catalog.MaxFacetValues {
			view.Most = catalog.MaxFacetValues
		}
		if f == catalog.FacetLevel {
			values = byLevel(values)
		}
		most := facetValuesShown
		if len(values) <= most+2 {
			most = len(values) // "more" would save no room
		}
		for i, v := range values {
			c := page.Choice{
				Label: facetLabel(r.Locale, f, v), Count: r.Count(v.Count),
				URL: base.toggle(f, v.Value).url(), Current: v.Selected,
			}
			if i < most || v.Selected {
				view.Values = append(view.Values, c)
			} else {
				view.Hidden = append(view.Hidden, c)
			}
		}
		views = append(views, view)
	}
	return views
}

// byLevel orders levels by how hard they are, which says more than how many there are.
func byLevel(values []catalog.FacetValue) []catalog.FacetValue {
	place := func(v catalog.FacetValue) int { return slices.Index(catalog.Levels(), catalog.Level(v.Value)) }
	return slices.SortedStableFunc(slices.Values(values), func(a, b catalog.FacetValue) int { return place(a) - place(b) })
}

// facetLabel is a value for people, in the page's language where it is one of ours.
func facetLabel(l page.Locale, f catalog.Facet, v catalog.FacetValue) string {
	switch f {
	case catalog.FacetLevel:
		return l.Level(catalog.Level(v.Value))
	case catalog.FacetOrgCategory:
		return l.OrgCategory(catalog.OrgCategory(v.Value))
	case catalog.FacetLanguage:
		return l.LanguageName(v.Value)
	}
	if v.Label != "" {
		return v.Label
	}
	return v.Value
}

// chips are the chosen filters. An org or a teacher is called by the name that its
// facet has for it.
func (r results) chips(a catalog.Answer) []chip {
	var list []chip
	for _, f := range orderedFacets {
		for _, value := range r.asked.filters[f] {
			label := r.filterLabel(a, f, value)
			list = append(list, chip{Label: label, Remove: r.Text("filter.remove", label), URL: r.asked.toggle(f, value).url()})
		}
	}
	return list
}

func (r results) filterLabel(a catalog.Answer, f catalog.Facet, value string) string {
	for _, part := range a.Parts() {
		for _, v := range part.Facets[f] {
			if v.Value == value {
				return facetLabel(r.Locale, f, v)
			}
		}
	}
	v := catalog.FacetValue{Value: value}
	if f == catalog.FacetOrg || f == catalog.FacetTeacher {
		v.Label = r.Text("facet."+string(f)) + " " + value
	}
	return facetLabel(r.Locale, f, v)
}

// near is nil where there is nothing near.
func (r results) near(a catalog.Answer) *nearView {
	if a.Courses == nil || len(a.Courses.Near) == 0 {
		return nil
	}
	v := &nearView{Hits: a.Courses.Near}
	if len(a.LeftOut) > 0 {
		v.LeftOut = r.Text("near.left_out", strings.Join(a.LeftOut, r.Text("near.between")))
	}
	return v
}

func (r results) empty(total int64) *emptyView {
	e := &emptyView{Title: r.Text("empty.browse")}
	if r.asked.text != "" {
		e.Title = r.Text("empty.query", r.asked.text)
	}
	if total > 0 {
		e.Title = r.Text("empty.page")
	}
	if r.asked.hasFilters() {
		e.FiltersURL = r.asked.withoutFilters().url()
	}
	if r.asked.kind != "" && r.asked.text != "" {
		e.KindURL = r.asked.withoutFilters().withKind("").url()
	}
	return e
}
