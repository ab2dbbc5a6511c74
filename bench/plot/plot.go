// Package plot draws figures of measurements as SVG, in colours that are readable on white
// and on black pages.
package plot

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Measures of a drawing, in pixels.
const (
	width     = 760
	labelRoom = 320
	valueRoom = 90
	barHeight = 22
	barStep   = 34
	top       = 44
)

// Colours that have a contrast of at least 3 : 1 on white and on near-black.
const (
	ink   = "#767676"
	other = "#7a8aa0"
	own   = "#d2552b"
)

// Bar is one figure. Least and Most say how much it varied.
type Bar struct {
	Label              string
	Value, Least, Most float64
	Own                bool // it is drawn in the colour of one's own
	Shown              string
}

// Bars are drawn on a logarithmic axis, since what is compared differs by orders of
// magnitude. A value of 0 or less has no bar.
func Bars(title string, bars []Bar) string {
	least, most := math.Inf(1), 0.0
	for _, b := range bars {
		if b.Least > 0 {
			least = min(least, b.Least)
		}
		most = max(most, b.Most)
	}
	floor := math.Pow(10, math.Floor(math.Log10(least)))
	room := float64(width - labelRoom - valueRoom)
	x := func(v float64) float64 {
		if v <= floor || most <= floor {
			return labelRoom
		}
		return labelRoom + room*math.Log(v/floor)/math.Log(most/floor)
	}
	d := newDrawing(title, top+barStep*len(bars)+28)
	for v := floor; v <= most; v *= 10 {
		d.add(`<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s" stroke-opacity=".35"/>`, x(v), top-6, x(v), top+barStep*len(bars), ink)
		d.text(x(v), float64(top+barStep*len(bars)+16), "middle", fmt.Sprintf("%g", v))
	}
	for n, b := range bars {
		y, colour := top+barStep*n, other
		if b.Own {
			colour = own
		}
		d.text(labelRoom-10, float64(y)+15, "end", b.Label)
		if b.Value <= 0 {
			continue
		}
		d.add(`<rect x="%d" y="%d" width="%.1f" height="%d" rx="3" fill="%s"/>`, labelRoom, y, max(x(b.Value)-labelRoom, 2), barHeight, colour)
		d.add(`<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s" stroke-width="2"/>`, x(b.Least), y+barHeight/2, x(b.Most), y+barHeight/2, ink)
		d.text(x(b.Most)+8, float64(y)+15, "start", b.Shown)
	}
	return d.String()
}

// Line is one figure over several sizes.
type Line struct {
	Label  string
	Values []float64
	Own    bool
}

// Lines are drawn over sizes, both axes logarithmic.
func Lines(title, unit string, sizes []float64, lines []Line) string {
	const height, left, right, bottom = 300, 70, 150, 40
	least, most := math.Inf(1), 0.0
	for _, l := range lines {
		for _, v := range l.Values {
			if v > 0 {
				least, most = min(least, v), max(most, v)
			}
		}
	}
	low, high := math.Pow(10, math.Floor(math.Log10(least))), math.Pow(10, math.Ceil(math.Log10(most)))
	share := func(v, from, to float64) float64 {
		if to <= from {
			return 0.5
		}
		return math.Log(v/from) / math.Log(to/from)
	}
	x := func(v float64) float64 {
		return left + float64(width-left-right)*share(v, sizes[0], sizes[len(sizes)-1])
	}
	y := func(v float64) float64 { return height - bottom - float64(height-bottom-top)*share(v, low, high) }
	d := newDrawing(title, height)
	for v := low; v <= high*1.001; v *= 10 {
		d.add(`<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="%s" stroke-opacity=".35"/>`, left, y(v), width-right, y(v), ink)
		d.text(left-8, y(v)+4, "end", fmt.Sprintf("%g %s", v, unit))
	}
	for _, s := range sizes {
		d.text(x(s), height-bottom+20, "middle", fmt.Sprintf("%.0f", s))
	}
	for _, l := range lines {
		colour := other
		if l.Own {
			colour = own
		}
		var points []string
		for n, v := range l.Values {
			if v <= 0 {
				continue
			}
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(sizes[n]), y(v)))
			d.add(`<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>`, x(sizes[n]), y(v), colour)
		}
		d.add(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.Join(points, " "), colour)
		if last := l.Values[len(l.Values)-1]; last > 0 {
			d.text(x(sizes[len(sizes)-1])+10, y(last)+4, "start", l.Label)
		}
	}
	return d.String()
}

type drawing struct {
	b strings.Builder
}

func newDrawing(title string, height int) *drawing {
	d := &drawing{}
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" font-family="system-ui, sans-serif" font-size="13" fill="%s">`, width, height, width, height, ink)
	d.add(`<title>%s</title>`, html.EscapeString(title))
	d.add(`<text x="0" y="18" font-size="15" font-weight="600">%s</text>`, html.EscapeString(title))
	return d
}

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

func (d *drawing) text(x, y float64, anchor, text string) {
	d.add(`<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x, y, anchor, html.EscapeString(text))
}

// String is the drawing as a file.
func (d *drawing) String() string { return d.b.String() + "</svg>\n" }
