package main

import (
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/rankings"
	"github.com/xunke/xunke/searchapi"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web"
	"github.com/xunke/xunke/web/account"
	"github.com/xunke/xunke/web/admin"
	"github.com/xunke/xunke/web/page"
	"github.com/xunke/xunke/web/widget"
)

// reportCurator is the report on searches, and what admins do about it.
type reportCurator struct {
	store.Searches
	*curation.Curator
}

// suggestedQueries are what is suggested to others, and what admins keep from it.
type suggestedQueries struct {
	store.Searches
	popular searchlog.Popular
}

// Suggested implements admin.Queries.
func (q suggestedQueries) Suggested(limit int) []string { return q.popular.Texts(limit) }

// proposedSynonyms are words that may be what queries without hits mean.
type proposedSynonyms struct {
	searchlog.Proposer
	store.Synonyms
}

// mountPages adds the pages of every room to the server.
func (a *app) mountPages(p *api, d parts, calling *searchapi.Service) error {
	pages, err := page.New(p.server, page.Options{PublicURL: a.config.API.PublicURL, HasAccounts: p.learners != nil, Log: a.log})
	if err != nil {
		return err
	}
	err = web.Mount(p.server, pages, web.Deps{
		Search: p.answers, Relater: d.relater, Details: d.details, Ranking: p.ranker,
		Parse: searchapi.ParseSearch, Allow: calling.AllowSearch, ReportSearch: calling.ReportSearch,
		ConsultationPath: widget.ConsultationPath, SecurityContact: a.config.API.SecurityContact,
	})
	if err != nil {
		return err
	}
	err = widget.Mount(p.server, pages, widget.Deps{
		Ranking: p.ranker, Relater: d.relater, Courses: d.details, Consultations: d.desk,
		ParseRanking: searchapi.ParseRanking, ParseRelated: searchapi.ParseRelated,
	})
	if err != nil {
		return err
	}
	if p.learners != nil {
		if err := account.Mount(p.server, pages, p.learners.service); err != nil {
			return err
		}
	}
	db := d.db.Write
	searches, synonyms, source := store.NewSearches(db), store.NewSynonyms(db), store.NewRankingSource(db)
	return admin.Mount(p.server, pages, admin.Deps{
		Curator: reportCurator{searches, &curation.Curator{Curations: store.NewCurations(db), Rules: synonyms, Lookup: p.synonyms.Lookup}},
		Queries: suggestedQueries{searches, p.popular},
		Proposals: proposedSynonyms{searchlog.Proposer{
			Closest: d.index, Dismissals: synonyms, Vector: d.queries.Vector, Known: p.synonyms.LookupNear,
		}, synonyms},
		Trends: rankings.Trends{Source: source}, Ranking: p.ranker, Callers: d.calls.As("page /admin/consultations"),
		CappedViews: source,
	})
}
