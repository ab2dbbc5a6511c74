package rankings

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
)

// Explanation is why an item stands where it stands: its history, the arithmetic that
// makes scores of it, and what the boards say.
type Explanation struct {
	Kind    catalog.Kind `json:"kind"`
	ID      int64        `json:"id"`
	Name    string       `json:"name"`
	Hidden  bool         `json:"hidden"` // then it is on no board
	Weights Weights      `json:"weights"`
	// Days are those on which something happened, newest first.
	Days []DayShare `json:"days"`
	// Newest is the score for all time of a single point on the newest day. Scores are
	// logarithms to base 2: Hot = Newest + log2(Σ Decayed).
	Newest  float64                        `json:"newest"`
	Decayed float64                        `json:"decayed"` // Σ of the days' Decayed
	Hot     float64                        `json:"hot"`     // the score for all time
	Windows map[catalog.Window]WindowShare `json:"windows"`
	// Boards is empty when the boards agree; otherwise it says why they cannot.
	Boards string `json:"boards,omitempty"`
}

// Weights are the constants of the scores.
type Weights struct {
	View         float64 `json:"view"`
	Favorite     float64 `json:"favorite"`
	Enrolment    float64 `json:"enrolment"`
	HalfLifeDays float64 `json:"half_life_days"`
}

// DayShare is one day's part in the score for all time.
type DayShare struct {
	Day        string  `json:"day"`
	Views      int64   `json:"views"`
	Favorites  int64   `json:"favorites"`
	Enrolments int64   `json:"enrolments"`
	Points     float64 `json:"points"`
	Factor     float64 `json:"factor"`  // 2^(-days before the newest / half-life)
	Decayed    float64 `json:"decayed"` // Points · Factor
}

// WindowShare is an item's score in a window as its history says, and its place on the
// board; a nil Place is no place.
type WindowShare struct {
	Score float64 `json:"score"`
	Place *Place  `json:"place"`
}

// Explainer explains scores.
type Explainer struct {
	Source Source
	Board  Board
	Now    func() time.Time // nil: time.Now
}

// Explain reads an item's history and its places. Boards that do not answer leave the
// places out. The error is CodeNotFound for an item that is not there, or that of MySQL.
func (e *Explainer) Explain(ctx context.Context, key catalog.Key) (Explanation, error) {
	now := time.Now()
	if e.Now != nil {
		now = e.Now()
	}
	entry, err := e.Source.Entry(ctx, key)
	if err != nil {
		return Explanation{}, err
	}
	x := Explanation{
		Kind: key.Kind, ID: key.ID, Name: entry.Card.Name, Hidden: entry.Deleted,
		Weights: Weights{
			View: catalog.ViewWeight, Favorite: catalog.FavoriteWeight, Enrolment: catalog.EnrolmentWeight,
			HalfLifeDays: catalog.HotHalfLife.Hours() / 24,
		},
		Days: []DayShare{}, Hot: catalog.HotScore(entry.History), Windows: map[catalog.Window]WindowShare{},
	}
	x.share(entry.History)
	places, err := e.Board.Places(ctx, key, now)
	if err != nil {
		x.Boards = err.Error()
	}
	for _, w := range catalog.Windows() {
		share := WindowShare{Score: x.Hot}
		if w != catalog.WindowAll {
			share.Score = WindowPoints(entry.History, w, now)
		}
		if p, ok := places[w]; ok {
			share.Place = &p
		}
		if err == nil && !agrees(share, entry.Deleted) {
			x.Boards = "the boards are not what the history says: run xunke rankings rebuild"
		}
		x.Windows[w] = share
	}
	return x, nil
}

func agrees(s WindowShare, hidden bool) bool {
	if hidden || s.Score == 0 {
		return s.Place == nil
	}
	return s.Place != nil && s.Place.Score == s.Score
}

// share splits the score for all time into the parts of the days.
func (x *Explanation) share(history []catalog.DailyCounts) {
	history = slices.Clone(history)
	slices.SortFunc(history, func(a, b catalog.DailyCounts) int { return cmp.Compare(b.Day.Unix(), a.Day.Unix()) })
	history = slices.DeleteFunc(history, func(d catalog.DailyCounts) bool { return d.Points() == 0 })
	if len(history) == 0 {
		return
	}
	newest := history[0].Day
	x.Newest = catalog.HotScore([]catalog.DailyCounts{{Day: newest, Views: 1}}) - math.Log2(catalog.ViewWeight)
	for _, d := range history {
		share := DayShare{
			Day: d.Day.Format(time.DateOnly), Views: d.Views, Favorites: d.Favorites, Enrolments: d.Enrolments,
			Points: d.Points(), Factor: math.Exp2(-float64(newest.Sub(d.Day)) / float64(catalog.HotHalfLife)),
		}
		share.Decayed = share.Points * share.Factor
		x.Decayed += share.Decayed
		x.Days = append(x.Days, share)
	}
}
