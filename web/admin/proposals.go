package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web/page"
)

const (
	dismissedPath = "/admin/synonyms/dismissed"
	// proposalsWait is how long the page waits for proposals. What texts mean is remembered,
	// so the next look at the page has those that were missing.
	proposalsWait = 1500 * time.Millisecond
)

// Proposals are words of the catalogue that may be what queries without hits mean. Errors
// are catalog.Error values.
type Proposals interface {
	// Propose proposes synonyms until ctx ends. Errors: searchlog.ErrNoModel, CodeUnavailable.
	Propose(ctx context.Context, queries []searchlog.QueryCounts) ([]searchlog.Proposal, error)
	// Dismiss keeps a word from being proposed for a query again. CodeInvalid.
	Dismiss(ctx context.Context, query, word string) error
}

// proposalView is a word that is proposed for a query.
type proposalView struct{ Query, Word, Facts string }

// proposals are by query. Where none can be made, help says what to do; the rest of the page
// does not depend on them.
func (p *pages) proposals(ctx context.Context, l page.Locale, queries []searchlog.QueryCounts) (byQuery map[string][]proposalView, help string) {
	if p.Proposals == nil || len(queries) == 0 {
		return nil, ""
	}
	ctx, cancel := context.WithTimeout(ctx, proposalsWait)
	defer cancel()
	list, err := p.Proposals.Propose(ctx, queries)
	if errors.Is(err, searchlog.ErrNoModel) {
		return nil, l.Text("proposals.no_model")
	} else if err != nil {
		p.ReportMissing(ctx, "proposals of synonyms", err)
		return nil, ""
	}
	byQuery = map[string][]proposalView{}
	for _, one := range list {
		byQuery[one.Query] = append(byQuery[one.Query], proposalView{
			Query: one.Query, Word: one.Word, Facts: l.Text("proposals.facts", fmt.Sprintf("%.2f", one.Similarity), strings.Join(one.Courses, " · ")),
		})
	}
	return byQuery, ""
}

// dismissProposal keeps a word from being proposed for a query again.
func (p *pages) dismissProposal(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	return p.finishChange(ctx, c, l, "dismiss", p.Proposals.Dismiss(ctx, httpserver.FormValue(c, "query"), httpserver.FormValue(c, "word")))
}
