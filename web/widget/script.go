package widget

import (
	"embed"
	"fmt"
	"strings"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"
)

// The files that pages of other sites load. Their addresses stay as they are for good:
// they stand in pages that we cannot change.
const (
	scriptName = "widgets.js"
	sheetName  = "widgets.css"
	// fileCache makes a new version known within minutes, at the cost of one question
	// that is mostly answered with 304.
	fileCache = "public, max-age=300, stale-while-revalidate=86400"
)

// sheetPlace is where the script has the style sheet that it puts into its elements.
const sheetPlace = `"{{css}}"`

// sourceFiles are the style sheet and the script of the widgets.
//
//go:embed source
var sourceFiles embed.FS

// buildScript puts the style sheet of the widgets into their script, so that a page loads
// one file and the look is written down once.
func buildScript() (script, sheet []byte, err error) {
	sheet, err = sourceFiles.ReadFile("source/" + sheetName)
	if err != nil {
		return nil, nil, err
	}
	source, err := sourceFiles.ReadFile("source/" + scriptName)
	if err != nil {
		return nil, nil, err
	}
	m := newMinifier()
	short, err := m.Bytes("text/css", sheet)
	if err != nil {
		return nil, nil, fmt.Errorf("shorten %s: %w", sheetName, err)
	}
	// Back quotes need no escapes inside: neither they nor ${ stand in a style sheet.
	quote := "`" + strings.ReplaceAll(string(short), `\`, `\\`) + "`"
	if strings.Count(string(source), sheetPlace) != 1 {
		return nil, nil, fmt.Errorf("join %s: it does not have one place for the style sheet", scriptName)
	}
	script, err = m.Bytes("text/javascript", []byte(strings.Replace(string(source), sheetPlace, quote, 1)))
	if err != nil {
		return nil, nil, fmt.Errorf("shorten %s: %w", scriptName, err)
	}
	return script, sheet, nil
}

// newMinifier shortens what other sites load with every page of theirs.
func newMinifier() *minify.M {
	m := minify.New()
	m.AddFunc("text/css", css.Minify)
	m.AddFunc("text/javascript", js.Minify)
	return m
}
