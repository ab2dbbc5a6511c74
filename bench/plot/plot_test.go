package plot_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/xunke/xunke/bench/plot"
)

// shapes are the attributes of the elements of one name, in order.
func shapes(t *testing.T, drawing, name string) []map[string]string {
	t.Helper()
	var found []map[string]string
	for decoder := xml.NewDecoder(strings.NewReader(drawing)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, drawing)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == name {
			attributes := map[string]string{}
			for _, a := range start.Attr {
				attributes[a.Name.Local] = a.Value
			}
			found = append(found, attributes)
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestBarsGrowWithTheLogarithm(t *testing.T) {
	drawing := plot.Bars("A < B", []plot.Bar{
		{Label: "a", Value: 1000, Least: 900, Most: 1000}, {Label: "b", Value: 100, Least: 100, Most: 100},
		{Label: "c", Value: 10, Least: 10, Most: 10}, {Label: "none"},
	})
	bars := shapes(t, drawing, "rect")
	if len(bars) != 3 {
		t.Fatalf("%d bars, want one for each value above 0", len(bars))
	}
	long, middle := number(t, bars[0]["width"]), number(t, bars[1]["width"])
	if long <= 0 || middle < long*0.49 || middle > long*0.51 {
		t.Errorf("widths %v and %v: 100 is half of the way from 10 to 1000", long, middle)
	}
	if !strings.Contains(drawing, "A &lt; B") {
		t.Error("the title is not escaped")
	}
}

func TestLinesRiseWithValues(t *testing.T) {
	drawing := plot.Lines("latency", "ms", []float64{10, 100, 1000}, []plot.Line{{Label: "p50", Values: []float64{1, 0, 100}}})
	points := shapes(t, drawing, "circle")
	if len(points) != 2 {
		t.Fatalf("%d points, want one for each value above 0", len(points))
	}
	if number(t, points[0]["cy"]) <= number(t, points[1]["cy"]) || number(t, points[0]["cx"]) >= number(t, points[1]["cx"]) {
		t.Errorf("the second point has to be right of and above the first: %v", points)
	}
}

func TestOneSizeIsDrawn(t *testing.T) {
	if n := len(shapes(t, plot.Lines("one", "ms", []float64{10}, []plot.Line{{Values: []float64{5}}}), "circle")); n != 1 {
		t.Errorf("%d points, want 1", n)
	}
}
