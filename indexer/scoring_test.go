package indexer_test

import (
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
)

// TestOtherWeightsMakeAllScoresAnew restarts the indexer with another scoring: documents
// that nothing has happened to since get the new scores, and the state says which.
func TestOtherWeightsMakeAllScoresAnew(t *testing.T) {
	h := newHarness(t)
	course := h.Exec(`INSERT INTO courses (name) VALUES ('数据结构')`)
	h.Exec(`INSERT INTO course_daily_counts (course_id, day, views, favorites) VALUES (?, '2026-11-23', 7, 1)`, course)
	history := []catalog.DailyCounts{{Day: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Views: 7, Favorites: 1}}
	scored := func(s catalog.Scoring) map[string]any {
		return map[string]any{"hot": s.Hot(history), "recent": s.Recent(history)}
	}
	h.Start()
	h.eventually(catalog.KindCourse, course, scored(catalog.StandardScoring()))
	h.Stop()
	h.Deps.Scoring = catalog.Scoring{View: 1, Favorite: 40, Enrolment: 10, HalfLife: 24 * time.Hour}
	h.Start()
	h.eventually(catalog.KindCourse, course, scored(h.Deps.Scoring))
	h.Stop()
	state, err := h.Deps.States().LoadState(t.Context())
	if err != nil || state.Scoring != h.Deps.Scoring {
		t.Errorf("the state says %+v, %v", state.Scoring, err)
	}
}
