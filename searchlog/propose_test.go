package searchlog_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
)

// meaningOf knows what some texts mean, as directions in a plane: the more degrees lie
// between two, the less they have in common.
var meaningOf = map[string][]int8{
	"课程": {0, 127}, "看牙": {127, 0}, "口腔医学": {126, 14}, "牙体": {124, 28}, "医学": {110, 64}, "塔罗牌": {-127, 0}, "孩子顶嘴怎么办啊真的很急": {127, 0}, "做账": {127, 0}, "写小说": {127, 0}, "养生": {127, 0},
}

type closest func(text string) ([]catalog.CourseHit, error)

func (c closest) Closest(_ context.Context, text string, _ int) ([]catalog.CourseHit, error) {
	return c(text)
}

type dismissals []searchlog.Dismissal

func (d dismissals) Dismissed(context.Context) ([]searchlog.Dismissal, error) { return d, nil }

func proposer(refused ...searchlog.Dismissal) searchlog.Proposer {
	hit := func(name, category string, tags ...string) catalog.CourseHit {
		return catalog.CourseHit{Hit: catalog.Hit{Name: name}, Category: category, Tags: tags}
	}
	return searchlog.Proposer{
		Closest: closest(func(string) ([]catalog.CourseHit, error) {
			return []catalog.CourseHit{hit("口腔医学——牙体", "医学", "临床"), hit("看牙入门", "医学", "口腔医学")}, nil
		}),
		Dismissals: dismissals(refused),
		Vector:     func(_ context.Context, text string) ([]int8, string) { return meaningOf[text], "m@1" },
		Known: func(folded string) []string {
			return map[string][]string{"做账": {"会计"}}[folded]
		},
	}
}

func asked(query string, times int64, last ...int64) searchlog.QueryCounts {
	q := searchlog.QueryCounts{Query: query, Counts: searchlog.Counts{ZeroHits: times}}
	if len(last) > 0 {
		q.LastTotal = &last[0]
	}
	return q
}

// TestProposals: of the closest courses the closest word is proposed, for topics that find
// nothing still and have no synonyms yet.
func TestProposals(t *testing.T) {
	got, err := proposer().Propose(t.Context(), []searchlog.QueryCounts{
		asked("看牙", 4, 0), asked("写小说", 3, 5), asked("塔罗牌", 9), asked("孩子顶嘴怎么办啊真的很急", 8), asked("做账", 7), asked("养生", 6),
	})
	if err != nil || len(got) != 2 || got[0].Query != "养生" || got[1].Query != "看牙" {
		t.Fatalf("proposed %+v, %v", got, err)
	}
	if p := got[1]; p.Word != "口腔医学" || p.Times != 4 || p.Similarity < 0.99 || !slices.Equal(p.Courses, []string{"口腔医学——牙体", "看牙入门"}) {
		t.Errorf("proposed %+v", p)
	}
	// What an admin does not want is not proposed again, in whatever spelling; the next is.
	refused, err := searchlog.DismissalOf(" 看牙 ", "口腔醫學")
	if err != nil {
		t.Fatal(err)
	}
	if got, err = proposer(refused).Propose(t.Context(), []searchlog.QueryCounts{asked("看牙", 4)}); err != nil || len(got) != 1 || got[0].Word != "牙体" {
		t.Errorf("after 口腔医学 was dismissed: %+v, %v", got, err)
	}
	for _, bad := range [][2]string{{"", "x"}, {"x", "?"}, {"x", strings.Repeat("长", 65)}} {
		if _, err := searchlog.DismissalOf(bad[0], bad[1]); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("dismiss %q: %v", bad, err)
		}
	}
}

// TestProposalsFail: without a model there are none, and what came in time is kept.
func TestProposalsFail(t *testing.T) {
	queries := []searchlog.QueryCounts{asked("看牙", 4), asked("养生", 6)}
	p := proposer()
	p.Vector = func(context.Context, string) ([]int8, string) { return nil, "" }
	if _, err := p.Propose(t.Context(), queries); !errors.Is(err, searchlog.ErrNoModel) || !strings.Contains(err.Error(), "servers.sh model") {
		t.Errorf("without a model: %v", err)
	}
	p = proposer()
	p.Closest = closest(func(string) ([]catalog.CourseHit, error) { return nil, catalog.Unavailable("the search index", nil) })
	if _, err := p.Propose(t.Context(), queries); catalog.CodeOf(err) != catalog.CodeUnavailable {
		t.Errorf("without an index: %v", err)
	}
	p = proposer()
	p.Closest = closest(func(string) ([]catalog.CourseHit, error) { return nil, nil })
	if got, err := p.Propose(t.Context(), queries); err != nil || len(got) != 0 || got == nil {
		t.Errorf("without vectors of courses: %v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p = proposer()
	all := p.Closest
	p.Closest = closest(func(text string) ([]catalog.CourseHit, error) {
		if text == "养生" {
			cancel()
			return nil, ctx.Err()
		}
		return all.Closest(ctx, text, 10)
	})
	if got, err := p.Propose(ctx, queries); err != nil || len(got) != 1 || got[0].Query != "看牙" {
		t.Errorf("in the time there was: %v, %v", got, err)
	}
}
