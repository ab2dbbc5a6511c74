// Package progress shows how far a long command has come: a bar that is drawn
// over itself on a terminal, plain lines every few seconds elsewhere, nothing for
// machines.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// How often the two forms are renewed.
const (
	barInterval  = 100 * time.Millisecond
	lineInterval = 5 * time.Second
)

// Meter shows one phase after another. It may be used by several goroutines. It writes
// while it is called and starts no goroutine; a zero total means that the end is not
// known. A nil Meter is silent.
type Meter struct {
	mu       sync.Mutex
	out      io.Writer
	bar      bool
	width    func() int
	now      func() time.Time
	phase    string
	total    int64
	done     int64
	begun    time.Time
	shown    time.Time
	drawn    bool
	recently []sample // of the last seconds, for the rate
}

type sample struct {
	at   time.Time
	done int64
}

// New shows a bar on f if that is a terminal and plain lines otherwise.
func New(f *os.File) *Meter {
	fd := int(f.Fd())
	width := func() int {
		w, _, err := term.GetSize(fd)
		if err != nil {
			return 80
		}
		return w
	}
	return newMeter(f, term.IsTerminal(fd), width, time.Now)
}

func newMeter(out io.Writer, bar bool, width func() int, now func() time.Time) *Meter {
	return &Meter{out: out, bar: bar, width: width, now: now}
}

// Phase ends the phase before it with a line that says what it took, and begins
// another. total is how many things it has, 0 if that is not known.
func (m *Meter) Phase(name string, total int64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end()
	now := m.now()
	m.phase, m.total, m.done, m.begun, m.shown = name, total, 0, now, now
	m.recently = append(m.recently[:0], sample{now, 0})
	if m.bar {
		m.draw(now)
	}
}

// Add counts n more things as done.
func (m *Meter) Add(n int64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(m.done + n)
}

// Set says that done things are done in this phase, for a caller who learns the sum.
func (m *Meter) Set(done int64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(done)
}

// Message writes a line of its own, above the bar if there is one.
func (m *Meter) Message(line string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.erase()
	m.write(line + "\n")
	if m.bar && m.phase != "" {
		m.draw(m.now())
	}
}

// End ends the last phase.
func (m *Meter) End() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end()
}

func (m *Meter) set(done int64) {
	if m.phase == "" {
		return
	}
	m.done = done
	now := m.now()
	if now.Sub(m.recently[len(m.recently)-1].at) >= time.Second {
		m.recently = append(m.recently, sample{now, done})
		if len(m.recently) > 10 {
			m.recently = append(m.recently[:0], m.recently[1:]...)
		}
	}
	switch {
	case m.bar && now.Sub(m.shown) >= barInterval:
		m.draw(now)
	case !m.bar && now.Sub(m.shown) >= lineInterval:
		m.shown = now
		m.write(m.phase + ": " + m.state(now) + "\n")
	}
}

func (m *Meter) end() {
	if m.phase == "" {
		return
	}
	m.erase()
	took := m.now().Sub(m.begun)
	line := fmt.Sprintf("%s: %s in %s", m.phase, Thousands(m.done), Duration(took))
	if took >= 100*time.Millisecond {
		line += fmt.Sprintf(" (%s/s)", Thousands(int64(float64(m.done)/took.Seconds())))
	}
	m.write(line + "\n")
	m.phase = ""
}

// state is the text of both forms: count, share, rate, time left.
func (m *Meter) state(now time.Time) string {
	text := Thousands(m.done)
	if m.total > 0 {
		text += fmt.Sprintf(" of %s (%d %%)", Thousands(m.total), min(100, m.done*100/m.total))
	}
	rate := m.rate(now)
	if rate <= 0 {
		return text
	}
	text += fmt.Sprintf(", %s/s", Thousands(int64(rate)))
	if left := m.total - m.done; left > 0 {
		text += ", " + Duration(time.Duration(float64(left)/rate*float64(time.Second))) + " left"
	}
	return text
}

// rate is things a second over the last seconds.
func (m *Meter) rate(now time.Time) float64 {
	first := m.recently[0]
	if took := now.Sub(first.at); took > 0 {
		return float64(m.done-first.done) / took.Seconds()
	}
	return 0
}

func (m *Meter) draw(now time.Time) {
	m.shown = now
	text := m.state(now)
	line := m.phase + " " + text
	if room := m.width() - 1 - len(line) - 3; m.total > 0 && room >= 10 {
		size := min(room, 40)
		full := int(min(m.done, m.total) * int64(size) / m.total)
		line = m.phase + " [" + strings.Repeat("=", full) + strings.Repeat(" ", size-full) + "] " + text
	}
	if limit := m.width() - 1; len(line) > limit && limit > 0 {
		line = line[:limit]
	}
	m.write("\r\x1b[K" + line)
	m.drawn = true
}

// erase takes the bar away, so that something else can be written in its place.
func (m *Meter) erase() {
	if m.drawn {
		m.write("\r\x1b[K")
		m.drawn = false
	}
}

// write ignores errors: when a terminal has gone away the work goes on.
func (m *Meter) write(s string) { _, _ = io.WriteString(m.out, s) }
