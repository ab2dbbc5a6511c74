package doctor

import (
	"testing"
)

func TestCreatesAutomatically(t *testing.T) {
	for setting, want := range map[string]bool{
		"true": true, "false": false, "": true,
		"-xunke-*,+*": false, "+*": true, "-*": false, "logs-*": false, "+logs-*,-*": false, "*courses": true, "-x*-c*s,+*": false,
		"xunke-courses": true, "-xunke,+*": true, "+other, -xunke-courses, +*": false,
	} {
		if got := createsAutomatically(setting, "xunke-courses"); got != want {
			t.Errorf("%q: %t", setting, got)
		}
	}
}

func TestLeastFree(t *testing.T) {
	const gb = 1 << 30
	for _, c := range []struct {
		watermark, headroom string
		total, want         float64
	}{
		{"85%", "", 1000 * gb, 150 * gb}, {"85%", "200GB", 10_000 * gb, 200 * gb}, {"85%", "-1", 10_000 * gb, 1500 * gb},
		{"0.95", "100gb", 1000 * gb, 50 * gb}, {"2gb", "", 1000 * gb, 2 * gb}, {"500mb", "200GB", gb, 500 << 20}, {"1.5tb", "", gb, 1.5 * 1024 * gb},
	} {
		got, err := leastFree(c.watermark, c.headroom, c.total)
		if err != nil || got < c.want*0.999999 || got > c.want*1.000001 {
			t.Errorf("%s of %.0f with %q: %.0f, %v; want %.0f", c.watermark, c.total, c.headroom, got, err, c.want)
		}
	}
	for _, wrong := range []string{"", "many", "%", "gb", "1xb"} {
		if got, err := leastFree(wrong, "", 1); err == nil {
			t.Errorf("%q is read as %.0f", wrong, got)
		}
	}
}
