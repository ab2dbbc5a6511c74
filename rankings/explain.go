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
	// Rising is what the score of what rises is computed from, besides the points of the
	// week and the month.
	Rising catalog.RisingCurve `json:"rising"`
	// Boards is empty when the boards agree; otherwise it says why they cannot.
	Boards string `json:"boards,omitempty"`
}

// Weights are the constants of the scores, as they are configured.
type Weights struct {
	View         int64   `json:"view"`
	Favorite     int64   `json:"favorite"`
	Enrolment    int64   `json:"enrolment"`
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
	Source  Source
	Board   Board
	Scoring catalog.Scoring
	Now     func() time.Time // nil: time.Now
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
			View: e.Scoring.View, Favorite: e.Scoring.Favorite, Enrolment: e.Scoring.Enrolment, HalfLifeDays: e.Scoring.HalfLifeDays(),
		},
		Days: []DayShare{}, Hot: e.Scoring.Hot(entry.History), Windows: map[catalog.Window]WindowShare{}, Rising: e.Scoring.RisingCurve(),
	}
	x.share(entry.History, e.Scoring)
	places, err := e.Board.Places(ctx, key, now)
	if err != nil {
		x.Boards = err.Error()
	}
	for _, w := range catalog.RankingWindows() {
		share := WindowShare{Score: Score(e.Scoring, entry.History, w, now)}
		if p, ok := places[w]; ok {
			share.Place = &p
		}
		// What rises is computed from week and month now and then: it may be older than they.
		if err == nil && w != catalog.WindowRising && !agrees(share, entry.Deleted) {
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
func (x *Explanation) share(history []catalog.DailyCounts, s catalog.Scoring) {
	history = slices.Clone(history)
	slices.SortFunc(history, func(a, b catalog.DailyCounts) int { return cmp.Compare(b.Day.Unix(), a.Day.Unix()) })
	history = slices.DeleteFunc(history, func(d catalog.DailyCounts) bool { return s.Points(d) == 0 })
	if len(history) == 0 {
		return
	}
	newest := history[0].Day
	one := catalog.Scoring{View: 1, HalfLife: s.HalfLife}
	x.Newest = one.Hot([]catalog.DailyCounts{{Day: newest, Views: 1}})
	for _, d := range history {
		share := DayShare{
			Day: d.Day.Format(time.DateOnly), Views: d.Views, Favorites: d.Favorites, Enrolments: d.Enrolments,
			Points: s.Points(d), Factor: math.Exp2(-float64(newest.Sub(d.Day)) / float64(s.HalfLife)),
		}
		share.Decayed = share.Points * share.Factor
		x.Decayed += share.Decayed
		x.Days = append(x.Days, share)
	}
}
