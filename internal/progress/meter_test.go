package progress

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// clock is a time that only the test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) forward(d time.Duration) { c.t = c.t.Add(d) }

func meter(bar bool, width int) (*Meter, *bytes.Buffer, *clock) {
	out, c := &bytes.Buffer{}, &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	return newMeter(out, bar, func() int { return width }, c.now), out, c
}

func TestLinesWithoutATerminal(t *testing.T) {
	m, out, c := meter(false, 0)
	m.Phase("courses", 20_000)
	for range 12 {
		c.forward(time.Second)
		m.Add(1000)
	}
	m.Message("a.jsonl:3: name: is missing")
	m.Phase("check", 0)
	m.End()
	want := `courses: 5,000 of 20,000 (25 %), 1,000/s, 15s left
courses: 10,000 of 20,000 (50 %), 1,000/s, 10s left
a.jsonl:3: name: is missing
courses: 12,000 in 12s (1,000/s)
check: 0 in 0.0s
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}

func TestBarOnATerminal(t *testing.T) {
	m, out, c := meter(true, 80)
	m.Phase("orgs", 1000)
	c.forward(time.Second)
	m.Add(500)
	out.Reset()
	c.forward(time.Second)
	m.Add(250)
	if want := "\r\x1b[Korgs [" + strings.Repeat("=", 20); !strings.HasPrefix(out.String(), want) {
		t.Errorf("the bar is %q", out)
	}
	if !strings.HasSuffix(out.String(), "] 750 of 1,000 (75 %), 375/s, 0.7s left") || strings.Contains(out.String(), "\n") {
		t.Errorf("the bar is %q", out)
	}
	out.Reset()
	m.Add(1) // too soon to be drawn again
	if out.Len() != 0 {
		t.Errorf("drawn at once again: %q", out)
	}
	m.Message("hello")
	if !strings.HasPrefix(out.String(), "\r\x1b[Khello\n\r\x1b[Korgs [") {
		t.Errorf("a message over the bar: %q", out)
	}
	out.Reset()
	m.End()
	if out.String() != "\r\x1b[Korgs: 751 in 2.0s (375/s)\n" {
		t.Errorf("the end is %q", out)
	}
}

func TestBarNeverWrapsANarrowTerminal(t *testing.T) {
	for width := 1; width < 120; width++ {
		m, out, c := meter(true, width)
		m.Phase("teachers", 1_000_000)
		c.forward(3 * time.Second)
		out.Reset()
		m.Set(123_456)
		if drawn := strings.TrimPrefix(out.String(), "\r\x1b[K"); width > 1 && len(drawn) >= width {
			t.Fatalf("%d columns drawn on %d", len(drawn), width)
		}
	}
}

func TestRateForgetsTheDistantPast(t *testing.T) {
	m, out, c := meter(false, 0)
	m.Phase("slow, then fast", 0)
	for range 60 {
		c.forward(time.Second)
		m.Add(1)
	}
	for range 20 {
		c.forward(time.Second)
		m.Add(1000)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := lines[len(lines)-1]; !strings.HasSuffix(last, " 1,000/s") {
		t.Errorf("last line %q", last)
	}
}

func TestSilence(t *testing.T) {
	var m *Meter
	m.Phase("a", 1)
	m.Add(1)
	m.Set(1)
	m.Message("x")
	m.End()
	one, out, _ := meter(false, 0)
	one.Add(3) // before any phase
	one.End()
	if out.Len() != 0 {
		t.Errorf("wrote %q", out)
	}
}

func TestFormats(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %s, want %s", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		-1: "0s", 400 * time.Millisecond: "0.4s", 12 * time.Second: "12s",
		185 * time.Second: "3m05s", 127 * time.Minute: "2h07m",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%s) = %s, want %s", d, got, want)
		}
	}
}
