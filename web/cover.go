package web

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"strings"
	"unicode"
)

// Most items have no image, so each gets a drawing of its own: a colour, a pattern and
// a word of its name. It depends on the name alone (and for courses on the
// subject, so that a subject has its colour), so it is the same on every page. Colours
// live in the style sheet: c0 to c11.
const (
	coverColours  = 12
	coverPatterns = 6
)

// cover is the drawing of a course, 16 to 9.
func cover(name, subject string) template.HTML {
	colour := subject
	if colour == "" {
		colour = name
	}
	h := hash(name)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="cover c%d" viewBox="0 0 160 90" preserveAspectRatio="xMinYMid slice" aria-hidden="true" focusable="false"><rect class="bg" width="160" height="90"/>`,
		hash(colour)%coverColours)
	drawPattern(&b, int(h%coverPatterns), int(h/coverPatterns%7))
	drawGlyphs(&b, coverText(name))
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // numbers, constants and escaped text
}

// emblem is the drawing of an org (a rounded square) or a teacher (a circle, by CSS).
func emblem(name string) template.HTML {
	text := emblemText(name)
	size := 34
	if len([]rune(text)) > 1 {
		size = 26
	}
	return template.HTML(fmt.Sprintf( //nolint:gosec // numbers, constants and escaped text
		`<svg class="emblem c%d" viewBox="0 0 64 64" aria-hidden="true" focusable="false"><rect class="bg" width="64" height="64"/><circle class="b" cx="%d" cy="58" r="34"/><text x="32" y="33" font-size="%d" text-anchor="middle" dominant-baseline="central">%s</text></svg>`,
		hash(name)%coverColours, 12+hash(name)/coverColours%40, size, template.HTMLEscapeString(text)))
}

func hash(s string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s)) // never fails
	// FNV's low bits follow the last byte closely; the high ones are mixed in.
	v := h.Sum32()
	return v ^ v>>15
}

// drawPattern draws one of the patterns; turn varies it.
func drawPattern(b *strings.Builder, pattern, turn int) {
	switch pattern {
	case 0: // rings in a corner
		x := 118 + 6*turn
		for i, r := range []int{62, 46, 30, 14} {
			fmt.Fprintf(b, `<circle class="%s" cx="%d" cy="%d" r="%d"/>`, either(i%2 == 0, "a", "b"), x, 8+4*turn, r)
		}
	case 1: // a hill before a sun
		fmt.Fprintf(b, `<circle class="b" cx="%d" cy="30" r="17"/><path class="a" d="M0 90V72Q%d %d 96 70T160 %dV90Z"/>`, 104+5*turn, 40+4*turn, 40+2*turn, 52+3*turn)
	case 2: // dots
		for row := range 5 {
			for column := range 7 {
				r := 1 + (row+column+turn)%4
				fmt.Fprintf(b, `<circle class="%s" cx="%d" cy="%d" r="%d"/>`, either((row*column+turn)%3 == 0, "b", "a"), 70+column*15, 8+row*18, r)
			}
		}
	case 3: // leaning bars
		for i := range 5 {
			x := 62 + i*24 + turn
			fmt.Fprintf(b, `<path class="%s" d="M%d 90L%d 0h12L%d 90Z"/>`, either((i+turn)%3 == 0, "b", "a"), x, x+34, x+12)
		}
	case 4: // quarter circles on a grid
		for i := range 6 {
			x, y := 70+i%3*30, i/3*45
			if (i+turn)%2 == 0 {
				fmt.Fprintf(b, `<path class="%s" d="M%d %dh30a30 30 0 0 1-30 30Z"/>`, either((i+turn)%4 == 0, "b", "a"), x, y)
			} else {
				fmt.Fprintf(b, `<path class="a" d="M%d %dv30a30 30 0 0 1-30-30Z"/>`, x+30, y+15)
			}
		}
	default: // waves
		for i := range 4 {
			y := 22 + i*20
			fmt.Fprintf(b, `<path class="line" d="M0 %dq20-%d 40 0t40 0 40 0 40 0 40 0"/>`, y, 10+turn*2)
		}
	}
}

func either(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// drawGlyphs sets four Hanzi as a square seal, fewer on a line, one large, or a Latin
// word as large as it fits. It keeps to the left 120 of 160: narrow screens cut the rest.
func drawGlyphs(b *strings.Builder, text string) {
	runes := []rune(text)
	line := func(y, size int, s string) {
		fmt.Fprintf(b, `<text x="13" y="%d" font-size="%d">%s</text>`, y, size, template.HTMLEscapeString(s))
	}
	switch n := len(runes); {
	case n == 0:
	case isHan(runes[0]) && n == 4:
		line(42, 27, string(runes[:2]))
		line(74, 27, string(runes[2:]))
	case isHan(runes[0]) && n == 1:
		line(73, 54, text)
	case isHan(runes[0]):
		line(74, 32, text)
	default:
		line(75, min(54, 152/n), text)
	}
}

// emblemText is the first Hanzi of a name, or the initials of its first two words.
func emblemText(name string) string {
	var initials []rune
	start := true
	for _, r := range name {
		switch {
		case isHan(r) && len(initials) == 0:
			return string(r)
		case start && isWord(r):
			initials = append(initials, unicode.ToUpper(r))
			if len(initials) == 2 {
				return string(initials)
			}
		}
		start = !isWord(r) && r != '\'' && r != '’'
	}
	return string(initials)
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
