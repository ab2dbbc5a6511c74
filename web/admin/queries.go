package admin

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web/page"
)

const (
	queriesPath = "/admin/queries"
	// maxSuggested is how many of the suggested queries the page lists.
	maxSuggested = 50
)

// Queries are those that are suggested to everybody. Errors are catalog.Error values.
type Queries interface {
	// Suggested are the first of them, most popular first.
	Suggested(limit int) []string
	// Blocked are those that are not suggested, the latest first.
	Blocked(ctx context.Context) ([]searchlog.BlockedQuery, error)
	Block(ctx context.Context, query string) error   // CodeInvalid
	Unblock(ctx context.Context, query string) error // CodeInvalid, CodeNotFound
}

// queryList is queries of which each has a button.
type queryList struct {
	ID, Title, Help string
	Do, Label       string // of the button
	Texts           []string
}

// queryLists are the queries that are suggested, and those that are blocked, if any.
func (p *pages) queryLists(ctx context.Context, l page.Locale) ([]queryList, error) {
	if p.Queries == nil {
		return nil, nil
	}
	blocked, err := p.Queries.Blocked(ctx)
	if err != nil {
		return nil, err
	}
	keys := map[string]bool{}
	kept := queryList{ID: "blocked", Title: l.Text("queries.blocked"), Do: "unblock", Label: l.Text("queries.unblock")}
	for _, b := range blocked {
		keys[b.Key] = true
		kept.Texts = append(kept.Texts, b.Query)
	}
	// Those that were blocked a moment ago are suggested for some seconds more.
	texts := slices.DeleteFunc(p.Queries.Suggested(maxSuggested), func(text string) bool {
		key, _, _ := searchlog.Normal(text)
		return keys[key]
	})
	lists := []queryList{{
		ID: "suggested", Title: l.Text("queries.heading"), Help: l.Text("queries.help"), Do: "block", Label: l.Text("queries.block"), Texts: texts,
	}}
	if len(kept.Texts) > 0 {
		lists = append(lists, kept)
	}
	return lists, nil
}

// changeQuery blocks a query, or lets it be suggested again.
func (p *pages) changeQuery(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	query := httpserver.FormValue(c, "query")
	switch what := httpserver.FormValue(c, "do"); what {
	case "block":
		return p.finishChange(ctx, c, l, what, p.Queries.Block(ctx, query))
	case "unblock":
		return p.finishChange(ctx, c, l, what, p.Queries.Unblock(ctx, query))
	default:
		return catalog.Invalidf("do", "%q is neither block nor unblock", page.ShortText(what))
	}
}
