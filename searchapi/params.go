package searchapi

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/xunke/xunke/catalog"
)

const (
	cursorName     = "cursor"
	facetsName     = "facets"
	noFacets       = "none" // as a value of facetsName
	explainName    = "explain"
	useCursor      = "; to go deeper use the cursor: ask for one type and pass its next_cursor on"
	defaultPerPage = "10"
	maxCursorBytes = 16 << 10
	// minCursorBytes is fewer than any cursor has: what is shorter was cut.
	minCursorBytes = 100
)

// facetNames are all facets, in display order: courses have every one.
func facetNames() []catalog.Facet { return catalog.Facets(catalog.KindCourse) }

// searchParams declares GET /api/v1/search.
func searchParams() []param {
	var sorts []string
	for _, k := range catalog.Kinds() {
		for _, s := range texts(catalog.Sorts(k)) {
			if !slices.Contains(sorts, s) {
				sorts = append(sorts, s)
			}
		}
	}
	list := []param{
		queryText(),
		{
			name: "type", kind: choiceParam, choices: append([]string{typeAll}, texts(catalog.Kinds())...), standard: typeAll, example: "course",
			about: text{"要哪一类；all 为三类一起", "The kind of results; all is the three together"},
		},
		{
			name: "sort", kind: choiceParam, choices: sorts, standard: string(catalog.SortRelevance), example: "hot",
			about: sortsByKind(),
		},
	}
	list = append(list, pageParams()...)
	list = append(list, filterParams(catalog.KindCourse)...)
	list = append(list, facetsParam(catalog.KindCourse), param{
		name: "exact", kind: flagParam, standard: "false",
		about: text{"true 为只搜输入的原文，不纠错", "true searches for what was typed, without a correction"},
	})
	return append(list, param{
		name: explainName, kind: flagParam, standard: "false",
		about: text{
			"仅限管理员（HTTP Basic）：true 为说明查询计划和每个结果的得分",
			"For admins (HTTP Basic): true shows the plan of the query and where each hit's score comes from",
		},
	})
}

// sortsByKind says which orders each kind has.
func sortsByKind() text {
	of := func(k catalog.Kind) string { return strings.Join(texts(catalog.Sorts(k)), ", ") }
	courses, orgs, teachers := of(catalog.KindCourse), of(catalog.KindOrg), of(catalog.KindTeacher)
	return text{
		fmt.Sprintf("排序。课程：%s；机构：%s；教师和 all：%s", courses, orgs, teachers),
		fmt.Sprintf("The order. Courses: %s; orgs: %s; teachers and all: %s", courses, orgs, teachers),
	}
}

// listParams declares the list of one kind: its filters and sorts, no query.
func listParams(k catalog.Kind) []param {
	sorts := texts(catalog.Sorts(k))
	list := []param{{
		name: "sort", kind: choiceParam, choices: sorts, standard: string(catalog.SortHot), example: sorts[len(sorts)-1],
		about: text{"排序；没有查询时 relevance 就是 hot", "The order; without a query relevance is hot"},
	}}
	list = append(list, pageParams()...)
	list = append(list, filterParams(k)...)
	list = append(list, facetsParam(k))
	if k == catalog.KindOrg {
		own := filterParam(catalog.FacetOrgCategory)
		own.name = "category"
		own.about = text{"机构类别，与 org_category 相同", "The org's own category, the same as org_category"}
		list = append(list, own)
	}
	return list
}

func queryText() param {
	return param{
		name: "q", kind: queryParam, example: "数据结构",
		about: text{
			"要找的词；超过 256 个字符的部分不用，并给出提示。C++ 要写成 C%2B%2B",
			"What to look for; more than 256 characters are cut, with a notice. C++ is written C%2B%2B",
		},
	}
}

func pageParams() []param {
	return []param{
		{
			name: "page", kind: integerParam, min: 1, max: catalog.MaxWindow, standard: "1", hint: useCursor,
			about: text{"页码，从 1 起；page × per_page 不超过 10000", "The page, from 1; page × per_page is at most 10,000"},
		},
		{
			name: "per_page", kind: integerParam, min: 1, max: catalog.MaxPerPage, standard: defaultPerPage,
			about: text{"每页条数", "Hits on a page"},
		},
		{
			name: cursorName, kind: cursorParam,
			about: text{
				"上一个回答的 next_cursor：不限深度地翻页，只能用于一类，其余参数须与上一次相同",
				"The next_cursor of the previous answer: pages without limit of depth, for one kind, with the same other parameters",
			},
		},
	}
}

func filterParams(k catalog.Kind) []param {
	var list []param
	for _, f := range catalog.Facets(k) {
		list = append(list, filterParam(f))
	}
	return list
}

// facetsParam declares which facets are counted. Values may stand in one parameter or in several.
func facetsParam(k catalog.Kind) param {
	return param{
		name: facetsName, kind: choiceParam, repeat: true, commas: true, choices: append(texts(catalog.Facets(k)), noFacets), example: "category,level",
		about: text{
			"要统计哪些筛选项，用逗号分隔，none 为不统计；不给则为除 org_id 和 teacher_id 之外的全部；已选的总会统计",
			"Which facets to count, with commas between them, or none; without it all but org_id and teacher_id. Those of which something is chosen are counted always",
		},
	}
}

// filterParam declares the filter of one facet. Several values of it are OR.
func filterParam(f catalog.Facet) param {
	p := param{name: string(f), kind: textParam, repeat: true}
	switch f {
	case catalog.FacetCategory:
		p.about = text{"课程分类，可重复", "The course's category; may be repeated"}
	case catalog.FacetLevel:
		p.kind, p.choices = choiceParam, texts(catalog.Levels())
		p.about = text{"难度，可重复", "The level; may be repeated"}
	case catalog.FacetTag:
		p.about = text{"标签，可重复", "A tag; may be repeated"}
	case catalog.FacetCity:
		p.about = text{"机构所在城市，可重复", "The city of the org; may be repeated"}
	case catalog.FacetOrg:
		p.kind, p.min, p.max = integerParam, 1, math.MaxInt64
		p.about = text{"机构的 id，可重复", "The id of the org; may be repeated"}
	case catalog.FacetTeacher:
		p.kind, p.min, p.max = integerParam, 1, math.MaxInt64
		p.about = text{"教师的 id，可重复", "The id of a teacher; may be repeated"}
	case catalog.FacetOrgCategory:
		p.kind, p.choices = choiceParam, texts(catalog.OrgCategories())
		p.about = text{"机构类别：培训机构、高校、个人，可重复", "The category of the org; may be repeated"}
	case catalog.FacetLanguage:
		p.about = text{"授课语言（BCP 47），可重复", "The language of the course (BCP 47); may be repeated"}
	}
	return p
}

// suggestParams declares GET /api/v1/suggest.
func suggestParams() []param {
	q := queryText()
	q.example = "sj"
	q.about = text{"已经输入的内容", "What has been typed so far"}
	return []param{q, limitParam(catalog.MaxSuggest, "8")}
}

// rankingParams declares the ranking of one kind. A filter has one value here.
func rankingParams(k catalog.Kind) []param {
	list := []param{
		{
			name: "window", kind: choiceParam, choices: texts(catalog.RankingWindows()), standard: string(catalog.WindowWeek), example: "week",
			about: text{
				"时间范围：最近 1、7、30 天，或全部（越新越重）；rising 按增长排：最近 7 天比此前 23 天的平常水平至少高几倍",
				"The last 1, 7 or 30 days, or all of history (newer counts more); rising ranks by growth: by what factor the last 7 days outdo the 23 before, at the least",
			},
		},
		limitParam(catalog.MaxRanking, "10"),
	}
	for _, name := range rankingFilters(k) {
		p := filterParam(name.facet)
		p.name, p.repeat = name.param, false
		p.about = text{"只排其中的一部分", "Ranks only a part"}
		list = append(list, p)
	}
	return list
}

// rankingFilter is a filter of a ranking and the facet that it stands for.
type rankingFilter struct {
	param string
	facet catalog.Facet
}

func rankingFilters(k catalog.Kind) []rankingFilter {
	switch k {
	case catalog.KindCourse:
		return []rankingFilter{
			{"category", catalog.FacetCategory},
			{"level", catalog.FacetLevel},
			{"city", catalog.FacetCity},
			{"org_id", catalog.FacetOrg},
		}
	case catalog.KindOrg:
		return []rankingFilter{{"category", catalog.FacetOrgCategory}, {"city", catalog.FacetCity}}
	default:
		return []rankingFilter{{"org_id", catalog.FacetOrg}}
	}
}

func limitParam(most int64, standard string) param {
	return param{
		name: "limit", kind: integerParam, min: 1, max: most, standard: standard,
		about: text{"最多几条", "How many at most"},
	}
}

// idParam declares the id in a path.
func idParam() param {
	return param{
		name: "id", in: inPath, kind: integerParam, min: 1, max: math.MaxInt64, example: "1",
		about: text{"编号", "The id"},
	}
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
