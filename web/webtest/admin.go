package webtest

import (
	"context"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web/admin"
)

// Curator has a made-up report for admins; what is added is sent to Done.
type Curator struct {
	Fails chan error // what the next change fails with, if anything
	Done  chan string
}

// Change sends what an admin did to Done.
func (f *Curator) Change(what string) error {
	f.Done <- what
	select {
	case err := <-f.Fails:
		return err
	default:
		return nil
	}
}

// Synonyms has a word for one query.
func (f *Curator) Synonyms(query string) []string {
	if query == "量子烹饪" {
		return []string{"分子料理"}
	}
	return nil
}

// CountPins has two for the first query.
func (f *Curator) CountPins(_ context.Context, queries []string) (map[string]int, error) {
	return map[string]int{queries[0]: 2}, nil
}

// AddSynonym is a change.
func (f *Curator) AddSynonym(_ context.Context, query, word string) error {
	return f.Change(query + " = " + word)
}

// Pin is a change.
func (f *Curator) Pin(_ context.Context, query string, item catalog.Key) error {
	return f.Change(fmt.Sprint(query, " < ", item))
}

// Report is that of a made-up week.
func (f *Curator) Report(_ context.Context, from, to time.Time, _ int) (searchlog.Report, error) {
	some, none := int64(12), int64(0)
	r := searchlog.Report{
		From: from, To: to, Nameless: 3,
		Totals: searchlog.Counts{Searches: 12_345, Visitors: 9000, ZeroHits: 617, Corrected: 247, Clicks: 9000, Clicked: 6173},
		Top: []searchlog.QueryCounts{
			{Query: "python", LastTotal: &some, Counts: searchlog.Counts{Searches: 4000, Visitors: 3000, Clicked: 2000}},
			{Query: "c++ & <b>", LastTotal: &some, Counts: searchlog.Counts{Searches: 1000, Visitors: 900, Clicked: 10}},
			{Query: "filtered", Counts: searchlog.Counts{Searches: 10, Visitors: 9}},
		},
		ZeroHits: []searchlog.QueryCounts{
			{Query: "pyhton", LastTotal: &none, Counts: searchlog.Counts{Searches: 40, Visitors: 30, ZeroHits: 40}},
			{Query: "量子烹饪", LastTotal: &none, Counts: searchlog.Counts{Searches: 9, Visitors: 9, ZeroHits: 9}},
		},
	}
	for i := range 20 {
		r.Positions = append(r.Positions, searchlog.PositionCounts{Kind: catalog.KindCourse, Position: i + 1, Shown: 1000, Clicks: int64(400 / (i + 1))})
	}
	r.Positions = append(r.Positions, searchlog.PositionCounts{Kind: catalog.KindOrg, Position: 1, Shown: 10})
	return r, nil
}

// NewAdminSite is a site with pages for admins.
func NewAdminSite() (*Site, *Curator) {
	s, f := NewSite(), &Curator{Fails: make(chan error, 1), Done: make(chan string, 10)}
	s.Admin, s.Password = &admin.Deps{Curator: f}, AdminPassword
	return s, f
}

// Proposals has a word for the first query of the made-up report.
type Proposals struct {
	*Curator
	Fails error
}

// Propose has it, or fails.
func (f Proposals) Propose(_ context.Context, queries []searchlog.QueryCounts) ([]searchlog.Proposal, error) {
	if f.Fails != nil {
		return nil, f.Fails
	}
	return []searchlog.Proposal{{Query: queries[0].Query, Word: "爬虫 & <b>", Times: 40, Similarity: 0.9125, Courses: []string{"Python 爬虫", "网络数据采集"}}}, nil
}

// Dismiss is a change.
func (f Proposals) Dismiss(_ context.Context, query, word string) error {
	return f.Change(query + " is not " + word)
}
