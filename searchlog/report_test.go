package searchlog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
)

func TestParseSince(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"1d": "2026-11-23", "7d": "2026-11-17", "400d": "2025-10-20", "1h": "2026-11-23", "24h": "2026-11-22", "13h": "2026-11-22",
		"2026-11-01": "2026-11-01", "2026-11-23": "2026-11-23",
	} {
		if got, err := searchlog.ParseSince(text, now); err != nil || got.Format(time.DateOnly) != want {
			t.Errorf("since %s is %s, %v; want %s", text, got, err, want)
		}
	}
	for _, wrong := range []string{"", "d", "7", "0d", "-1d", "401d", "0h", "9601h", "9999999999999999999d", "1.5d", "7D", "yesterday", "2026-11-24", "2025-01-01", "2026-13-01"} {
		_, err := searchlog.ParseSince(wrong, now)
		if catalog.CodeOf(err) != catalog.CodeInvalid || !strings.Contains(err.Error(), "since") || !strings.Contains(err.Error(), `"`+wrong+`"`) {
			t.Errorf("since %q: %v", wrong, err)
		}
	}
}

func TestRates(t *testing.T) {
	c := searchlog.Counts{Searches: 8, ZeroHits: 2, Corrected: 1, Clicked: 4}
	if c.ZeroHitRate() != 0.25 || c.CorrectedRate() != 0.125 || c.ClickRate() != 0.5 || (searchlog.Counts{}).ClickRate() != 0 {
		t.Errorf("%v %v %v", c.ZeroHitRate(), c.CorrectedRate(), c.ClickRate())
	}
	if p := (searchlog.PositionCounts{Shown: 10, Clicks: 3}); p.Rate() != 0.3 {
		t.Error(p.Rate())
	}
}
