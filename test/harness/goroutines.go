package harness

import (
	"regexp"
	"strings"
	"syscall"
	"time"
)

// Goroutines counts the goroutines of a process by the function that began them.
type Goroutines map[string]int

var creator = regexp.MustCompile(`^created by ([^\s]+)`)

// Goroutines ends the process by SIGQUIT and counts the goroutines that it lists.
func (p *Process) Goroutines() Goroutines {
	p.t.Helper()
	p.Signal(syscall.SIGQUIT)
	p.shown = 1 // its last words are the goroutines
	timeout := time.NewTimer(Patience)
	defer timeout.Stop()
	select {
	case <-p.Ended:
	case <-timeout.C:
		p.t.Fatalf("%s does not end by SIGQUIT", p.Name)
	}
	found := Goroutines{}
	name := ""
	for line := range strings.Lines(p.stderr.tail(0)) {
		switch {
		case strings.HasPrefix(line, "goroutine "):
			if name != "" {
				found[name]++
			}
			name = "main"
		case creator.MatchString(line):
			name = creator.FindStringSubmatch(line)[1]
		}
	}
	if name != "" {
		found[name]++
	}
	if len(found) == 0 {
		p.t.Fatalf("%s lists no goroutines: %s", p.Name, p.stderr.tail(tailLines))
	}
	return found
}
