package web

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// Colours are checked where they are set: the ratio is that of WCAG 2.2, level AA, which
// asks for 4.5 between a text and what is behind it.
func TestColoursCanBeRead(t *testing.T) {
	sheet, err := os.ReadFile("page/static/css/1_base.css")
	if err != nil {
		t.Fatal(err)
	}
	schemes := regexp.MustCompile(`(?s):root \{(.*?)\n\s*\}`).FindAllStringSubmatch(string(sheet), -1)
	if len(schemes) != 2 {
		t.Fatalf("%d colour schemes, want light and dark", len(schemes))
	}
	texts := map[string][]string{
		"ink":       {"picked", "paper", "surface", "raised", "tint", "faint", "gold-tint"},
		"soft":      {"paper", "surface", "raised", "faint"},
		"accent":    {"paper", "surface", "raised", "tint"},
		"on-accent": {"accent"},
		"mark":      {"surface", "raised", "tint"},
		"gold":      {"gold-tint", "raised"},
		"warm":      {"warm-tint", "raised"},
		"bad":       {"bad-tint"},
	}
	for i, scheme := range schemes {
		colours := map[string]string{}
		for _, c := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{3,6});`).FindAllStringSubmatch(scheme[1], -1) {
			colours[c[1]] = c[2]
		}
		for text, backs := range texts {
			for _, back := range backs {
				if r := contrast(t, colours[text], colours[back]); r < 4.5 {
					t.Errorf("scheme %d: %s on %s has a contrast of %.2f", i, text, back, r)
				}
			}
		}
	}
}

func TestWidgetsCanBeRead(t *testing.T) {
	sheet, err := os.ReadFile("widget/source/widgets.css")
	if err != nil {
		t.Fatal(err)
	}
	pairs := map[string][]string{}
	for _, c := range regexp.MustCompile(`--([a-z]): var\(--xunke-[a-z]+, light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)\);`).FindAllStringSubmatch(string(sheet), -1) {
		pairs[c[1]] = c[2:]
	}
	if len(pairs) != 7 {
		t.Fatalf("%d pairs of colours, want 7", len(pairs))
	}
	for scheme := range 2 {
		for _, text := range []string{"i", "s", "a", "t"} {
			if r := contrast(t, pairs[text][scheme], pairs["b"][scheme]); r < 4.5 {
				t.Errorf("scheme %d: --%s has a contrast of %.2f", scheme, text, r)
			}
		}
	}
}

func TestCoversCanBeRead(t *testing.T) {
	sheet, err := os.ReadFile("page/static/css/2_items.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := regexp.MustCompile(`\.c(\d+) \{ --c: (#[0-9a-f]{6}); --a: (#[0-9a-f]{6});`).FindAllStringSubmatch(string(sheet), -1)
	if len(colours) != coverColours {
		t.Fatalf("%d colours of covers in the style sheet, want %d", len(colours), coverColours)
	}
	for i, c := range colours {
		if c[1] != fmt.Sprint(i) {
			t.Errorf("colour %s stands at place %d", c[1], i)
		}
		// Large letters: AA asks for 3.
		for _, back := range c[2:] {
			if r := contrast(t, "#fff", back); r < 3 {
				t.Errorf("white on %s of c%s has a contrast of %.2f", back, c[1], r)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// luminance is the relative luminance of sRGB, as WCAG 2.2 defines it.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) == 4 {
		colour = "#" + string([]byte{colour[1], colour[1], colour[2], colour[2], colour[3], colour[3]})
	}
	if len(colour) != 7 {
		t.Fatalf("%q is no colour", colour)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
