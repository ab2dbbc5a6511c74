package catalog

import "iter"

// Section is the part of an answer that one kind has. NextCursor is null at the end. Near
// stands beside few hits, best first: courses that have only some of what was asked for. They
// are in no total and in no facet, and only on the first page.
type Section[H any] struct {
	Total      int64                  `json:"total"`
	Hits       []H                    `json:"hits"`
	Near       []H                    `json:"near,omitempty" about:"courses that have only some of what was asked for, best first; outside total and facets, first page only, where hits are few"`
	Facets     map[Facet][]FacetValue `json:"facets" about:"of each facet the 20 most frequent values and those that are chosen; where there are 20, there may be more that are not listed"`
	NextCursor *string                `json:"next_cursor"`
	Next       *Cursor                `json:"-"` // the position that NextCursor seals
	// Degraded is set in a list that stands by itself; a search has it once for all kinds.
	Degraded bool `json:"degraded,omitempty" about:"MySQL made the list in the place of the search index: no facets and no cursor, and of a large catalogue the newest items only"`
}

// List is the hits, none where the section is absent.
func (s *Section[H]) List() []H {
	if s == nil {
		return nil
	}
	return s.Hits
}

// Part is what a section of any kind has. Hits are those of the answer itself, in place, and
// so are those near it.
type Part struct {
	Total  int64
	Hits   []*Hit
	Near   []*Hit
	Facets map[Facet][]FacetValue
	Next   *Cursor
}

// Part is the section of a kind as far as all kinds have it; ok is false, and the part
// empty, for a kind that the answer lacks.
func (a Answer) Part(k Kind) (p Part, ok bool) {
	switch k {
	case KindCourse:
		return partOf(a.Courses, func(h *CourseHit) *Hit { return &h.Hit })
	case KindOrg:
		return partOf(a.Orgs, func(h *OrgHit) *Hit { return &h.Hit })
	case KindTeacher:
		return partOf(a.Teachers, func(h *TeacherHit) *Hit { return &h.Hit })
	default:
		return Part{}, false
	}
}

// Parts goes through the sections that the answer has, in the order of Kinds.
func (a Answer) Parts() iter.Seq2[Kind, Part] {
	return func(yield func(Kind, Part) bool) {
		for _, k := range Kinds() {
			if p, ok := a.Part(k); ok && !yield(k, p) {
				return
			}
		}
	}
}

// Total is the number of documents that were found, of all kinds and on all pages.
func (a Answer) Total() int64 {
	var n int64
	for _, p := range a.Parts() {
		n += p.Total
	}
	return n
}

// HitCount is the number of hits in the answer, of all kinds.
func (a Answer) HitCount() int {
	n := 0
	for _, p := range a.Parts() {
		n += len(p.Hits)
	}
	return n
}

func partOf[H any](s *Section[H], hit func(*H) *Hit) (Part, bool) {
	if s == nil {
		return Part{}, false
	}
	p := Part{Total: s.Total, Hits: make([]*Hit, len(s.Hits)), Near: make([]*Hit, len(s.Near)), Facets: s.Facets, Next: s.Next}
	for i := range s.Hits {
		p.Hits[i] = hit(&s.Hits[i])
	}
	for i := range s.Near {
		p.Near[i] = hit(&s.Near[i])
	}
	return p, true
}
