package rankings

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/retry"
)

// BoardItem is what boards have of one item.
type BoardItem struct {
	Scores map[catalog.Window]float64 // of the spans of days; a window in which it is on no board is absent
	Card   *Card                      // what is shown of it; nil: nothing
}

// Inspector reads boards for a comparison with what they ought to be. Errors are those of
// Board.
type Inspector interface {
	// Items returns what the boards have of each of some items, in the order of the ids.
	Items(ctx context.Context, k catalog.Kind, ids []int64, now time.Time) ([]BoardItem, error)
	// Sizes counts the items on each board of a kind.
	Sizes(ctx context.Context, k catalog.Kind, now time.Time) (map[catalog.Window]int64, error)
}

// Check compares the boards with what MySQL says. It changes nothing: boards are mended as
// a whole, by a rebuild, which takes seconds.
type Check struct {
	Boards  Inspector
	Source  Source
	Scoring catalog.Scoring
	Pause   time.Duration    // before what differs is looked at again: it may be on its way
	Now     func() time.Time // nil: time.Now
}

// checkLooks is how often a kind is compared until nothing differs, and checkNamed how
// many differences are named, and worth another look.
const (
	checkLooks = 3
	checkNamed = 1000
)

// CheckResult is the outcome for one kind.
type CheckResult struct {
	Kind      catalog.Kind `json:"kind"`
	Items     int64        `json:"items"`     // that something has happened to
	Different int64        `json:"different"` // of them, whose scores or cards are not on the boards as they ought to be
	Surplus   int64        `json:"surplus"`   // lines of boards that nothing accounts for
	Named     []Mismatch   `json:"differences"`
}

// Mismatch is one item that differs.
type Mismatch struct {
	ID   int64  `json:"id"`
	Says string `json:"says"`
}

// Equal says whether nothing differs.
func (c CheckResult) Equal() bool { return c.Different == 0 && c.Surplus == 0 }

// Run compares one kind.
func (c *Check) Run(ctx context.Context, k catalog.Kind) (CheckResult, error) {
	for look := 1; ; look++ {
		out, err := c.look(ctx, k)
		// Much that differs is no accident of the moment.
		if err != nil || out.Equal() || look == checkLooks || out.Different > checkNamed {
			return out, err
		}
		if err := retry.Sleep(ctx, c.Pause); err != nil {
			return out, err
		}
	}
}

// look compares everything once.
func (c *Check) look(ctx context.Context, k catalog.Kind) (out CheckResult, err error) {
	out = CheckResult{Kind: k, Named: []Mismatch{}}
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	expected := map[catalog.Window]int64{}
	for after := int64(0); ; {
		entries, next, err := c.Source.Entries(ctx, k, after, pageOf[k])
		if err != nil {
			return out, fmt.Errorf("read %s for rankings: %w", k.Plural(), err)
		}
		ids := make([]int64, len(entries))
		for i, e := range entries {
			ids[i] = e.Key.ID
		}
		at := now()
		held, err := c.Boards.Items(ctx, k, ids, at)
		if err != nil {
			return out, err
		}
		for i, e := range entries {
			scores := map[catalog.Window]float64{}
			for _, w := range catalog.Windows() {
				if score := Score(c.Scoring, e.History, w, at); score > 0 {
					scores[w] = score
					expected[w]++
				}
			}
			if len(scores) == 0 {
				continue // days without points
			}
			out.Items++
			if says := differs(scores, e.Card, held[i]); says != "" {
				out.Different++
				if len(out.Named) < checkNamed {
					out.Named = append(out.Named, Mismatch{ID: e.Key.ID, Says: says})
				}
			}
		}
		if next == 0 {
			break
		}
		after = next
	}
	sizes, err := c.Boards.Sizes(ctx, k, now())
	if err != nil {
		return out, err
	}
	for _, w := range catalog.Windows() {
		out.Surplus += max(0, sizes[w]-expected[w])
	}
	return out, nil
}

// differs says in what the boards differ from what they ought to have; "" if in nothing.
func differs(scores map[catalog.Window]float64, card Card, held BoardItem) string {
	for _, w := range catalog.Windows() {
		want, ranked := scores[w]
		have, there := held.Scores[w]
		switch {
		case ranked && !there:
			return fmt.Sprintf("%s: %g, and on no board", w, want)
		case there && !ranked:
			return fmt.Sprintf("%s: none, and %g on the board", w, have)
		case want != have:
			return fmt.Sprintf("%s: %g, and %g on the board", w, want, have)
		}
	}
	shown := Card{Name: card.Name, Image: card.Image, Students: card.Students, Org: card.Org}
	if held.Card == nil || !sameCard(shown, *held.Card) {
		return "its card is not what is shown of it"
	}
	return ""
}

func sameCard(a, b Card) bool {
	orgs := func(o *catalog.Ref) []catalog.Ref {
		if o == nil {
			return nil
		}
		return []catalog.Ref{*o}
	}
	return a.Name == b.Name && a.Image == b.Image && a.Students == b.Students && slices.Equal(orgs(a.Org), orgs(b.Org))
}
