package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADocumentIsMadeOfItsFigures(t *testing.T) {
	r := report{Courses: 1234, Alternatives: &alternativesFigures{Clients: 8, Ways: []roundFigures{
		{Name: "naive body", PerSecond: spreadOf([]float64{200, 180, 220}), Ratio: spreadOf([]float64{1, 1, 1})},
		{Name: "Xunke", PerSecond: spreadOf([]float64{300, 420, 310}), Ratio: spreadOf([]float64{1.5, 2.33, 1.41})},
	}}, Growth: &growthFigures{Sizes: []sizeFigures{{Courses: 10}, {Courses: 100}}}}
	folder := t.TempDir()
	if err := r.document(folder); err != nil {
		t.Fatal(err)
	}
	again, err := readReport(filepath.Join(folder, figuresFile))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(folder, documentFile))
	if err != nil {
		t.Fatal(err)
	}
	if again.markdown() != string(page) {
		t.Error("the page cannot be made again of its own figures")
	}
	for _, want := range []string{"| Xunke | 310.0 (300.0 to 420.0) | 1.5 |", "1234 courses", alternativesPlot} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	for _, name := range []string{alternativesPlot, growthPlot} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestSizesAreNumbersOfCourses(t *testing.T) {
	o, err := parseFlags([]string{"-sizes", "10, 200", growthPart})
	if err != nil || len(o.sizes) != 2 || o.sizes[1] != 200 {
		t.Errorf("got %v, %v", o.sizes, err)
	}
	for _, text := range []string{"", "many", "10,,20", "-5"} {
		if _, err := parseFlags([]string{"-sizes", text}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
