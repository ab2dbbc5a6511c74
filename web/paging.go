package web

import (
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/progress"
)

// pagingView leads through the pages of one kind.
type pagingView struct {
	Prev, Next string // empty: there is none
	Pages      []pageLink
	Position   string // "page 3 of 20", for narrow screens
	Limit      string // said on the last page that can be reached by number
}

// pageLink is a numbered page, or a gap if it has no URL.
type pageLink struct {
	Number  string
	Label   string
	URL     string
	Current bool
}

// paging is nil where one page holds everything.
func (r results) paging(total int64) *pagingView {
	size := int64(max(r.query.PerPage, 1))
	pages := (total + size - 1) / size
	last := int(min(pages, catalog.MaxWindow/size))
	if last < 2 {
		return nil
	}
	current := r.query.Page
	v := &pagingView{Position: r.Text("results.page", progress.Thousands(int64(current)), progress.Thousands(int64(last)))}
	at := func(n int) string { return r.asked.withPage(n).url() + "#results" }
	if current > 1 {
		v.Prev = at(current - 1)
	}
	if current < last {
		v.Next = at(current + 1)
	} else if pages > int64(last) {
		v.Limit = r.Text("results.limit", progress.Thousands(catalog.MaxWindow))
	}
	before := 0
	for _, n := range numbers(current, last) {
		if n > before+1 {
			v.Pages = append(v.Pages, pageLink{})
		}
		v.Pages = append(v.Pages, pageLink{
			Number: progress.Thousands(int64(n)), Label: r.Text("paging.page", n), URL: at(n), Current: n == current,
		})
		before = n
	}
	return v
}

// numbers are the pages worth a link: the first, the last, and those around the current
// one. A gap of a single page is filled.
func numbers(current, last int) []int {
	var list []int
	for n := 1; n <= last; n++ {
		near := n >= current-2 && n <= current+2
		fills := n == 2 && current == 5 || n == last-1 && current == last-4
		if n == 1 || n == last || near || fills {
			list = append(list, n)
		}
	}
	return list
}
