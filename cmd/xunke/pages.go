package main

import (
	"database/sql"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/rankings"
	"github.com/xunke/xunke/related"
	"github.com/xunke/xunke/searchapi"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web"
	"github.com/xunke/xunke/web/admin"
	"github.com/xunke/xunke/web/page"
	"github.com/xunke/xunke/web/widget"
)

// pagesDeps is what the pages of a server stand on.
type pagesDeps struct {
	db            *sql.DB
	calls         *searchapi.Service
	searcher      *answers.Keeper
	relater       *related.Service
	details       web.Details
	ranker        *rankings.Service
	consultations *consultations.Desk
	callers       admin.Callers
	synonyms      func(folded string) []string
	proposer      searchlog.Proposer
	popular       searchlog.Popular
}

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

// mountPages adds the pages of every room to a server.
func (a *app) mountPages(server *httpserver.Server, d pagesDeps) error {
	pages, err := page.New(server, page.Options{PublicURL: a.config.API.PublicURL, Log: a.log})
	if err != nil {
		return err
	}
	err = web.Mount(server, pages, web.Deps{
		Search: d.searcher, Relater: d.relater, Details: d.details, Ranking: d.ranker,
		Parse: searchapi.ParseSearch, Allow: d.calls.AllowSearch, ReportSearch: d.calls.ReportSearch,
		ConsultationPath: widget.ConsultationPath, SecurityContact: a.config.API.SecurityContact,
	})
	if err != nil {
		return err
	}
	err = widget.Mount(server, pages, widget.Deps{
		Ranking: d.ranker, Relater: d.relater, Courses: d.details, Consultations: d.consultations,
		ParseRanking: searchapi.ParseRanking, ParseRelated: searchapi.ParseRelated,
	})
	if err != nil {
		return err
	}
	return admin.Mount(server, pages, admin.Deps{
		Curator: reportCurator{store.NewSearches(d.db), &curation.Curator{
			Curations: store.NewCurations(d.db), Rules: store.NewSynonyms(d.db), Lookup: d.synonyms,
		}},
		Queries:   suggestedQueries{store.NewSearches(d.db), d.popular},
		Proposals: proposedSynonyms{d.proposer, store.NewSynonyms(d.db)},
		Trends:    rankings.Trends{Source: store.NewRankingSource(d.db)}, Ranking: d.ranker, Callers: d.callers,
		CappedViews: store.NewRankingSource(d.db),
	})
}
