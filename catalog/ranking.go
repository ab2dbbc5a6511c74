package catalog

import "time"

// Window is the span of days that a ranking looks at.
type Window string

// The windows: the last 1, 7 and 30 days (UTC, today included), and all of history
// with forward decay.
const (
	WindowDay   Window = "day"
	WindowWeek  Window = "week"
	WindowMonth Window = "month"
	WindowAll   Window = "all"
	// WindowRising is no span of days: it ranks by growth, of the last week against the
	// rest of the last month (RisingCurve).
	WindowRising Window = "rising"
)

// RankingWindows returns everything that can be asked for as a window.
func RankingWindows() []Window { return append(Windows(), WindowRising) }

// Windows returns every span of days.
func Windows() []Window { return []Window{WindowDay, WindowWeek, WindowMonth, WindowAll} }

// Days is the number of days of a window; 0 means all of history, or what rises.
func (w Window) Days() int {
	switch w {
	case WindowDay:
		return 1
	case WindowWeek:
		return 7
	case WindowMonth:
		return 30
	default:
		return 0
	}
}

// RankingQuery asks for the hottest items of a kind.
type RankingQuery struct {
	Kind    Kind
	Window  Window
	Limit   int                // 1 to MaxRanking
	Filters map[Facet][]string // at most one value a facet
}

// Ranking is the answer. Degraded means that it came from a substitute.
type Ranking struct {
	Window      Window        `json:"window"`
	GeneratedAt time.Time     `json:"generated_at"`
	Degraded    bool          `json:"degraded"`
	Items       []RankingItem `json:"items"`
}

// RankingItem is one line of a ranking; Rank counts from 1.
type RankingItem struct {
	Rank     int     `json:"rank"`
	ID       int64   `json:"id"`
	Name     string  `json:"name"`
	Score    float64 `json:"score"`
	URL      string  `json:"url"`
	Image    string  `json:"image"`
	Students int     `json:"students"`
	Org      *Ref    `json:"org,omitempty"`
}

// DailyCounts is what happened to one item on one day (UTC).
type DailyCounts struct {
	Day        time.Time
	Views      int64
	Favorites  int64
	Enrolments int64
}
