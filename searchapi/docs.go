package searchapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"strings"

	"github.com/xunke/xunke/internal/httpserver"
)

//go:embed docs.html
var docsTemplate string

//go:embed docs.css
var docsStyle string

// docsView is what the template of /docs shows.
type docsView struct {
	Version  string
	Style    template.CSS
	Groups   []docsGroup
	Problems []docsProblem
}

type docsGroup struct {
	ID    string
	Title text
	Calls []docsCall
}

type docsCall struct {
	ID, Method, Path, Example, Body string
	Summary                         text
	Params                          []docsParam
	Answers                         []docsAnswer
}

type docsParam struct {
	Name, Type, Standard, Example string
	About                         text
	Repeat                        bool
}

type docsAnswer struct {
	Status int
	Shape  string
}

type docsProblem struct {
	ID, Title string
	Status    int
}

// Zh is the Chinese sentence.
func (t text) Zh() string { return t.zh }

// En is the English sentence.
func (t text) En() string { return t.en }

// docsPage describes calls to people. The page loads nothing: its style is inside and
// allowed by its hash.
func docsPage(operations []operation, options Options) (document, error) {
	view := docsView{Version: options.Version, Style: template.CSS(docsStyle)} //nolint:gosec // our own file
	for _, o := range operations {
		if n := len(view.Groups); n == 0 || view.Groups[n-1].Title != o.group {
			view.Groups = append(view.Groups, docsGroup{ID: "group-" + strconv.Itoa(n+1), Title: o.group})
		}
		group := &view.Groups[len(view.Groups)-1]
		group.Calls = append(group.Calls, docsCallOf(o))
	}
	described := map[string]bool{}
	for _, k := range httpserver.FailureKinds() {
		if !described[k.Slug] {
			described[k.Slug] = true
			view.Problems = append(view.Problems, docsProblem{ID: "problem-" + k.Slug, Title: k.Title, Status: k.Status})
		}
	}
	page, err := template.New("docs").Parse(docsTemplate)
	if err != nil {
		return document{}, fmt.Errorf("read template of /docs: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, view); err != nil {
		return document{}, fmt.Errorf("make /docs: %w", err)
	}
	hash := sha256.Sum256([]byte(docsStyle))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return document{media: "text/html; charset=utf-8", policy: policy, body: b.Bytes()}, nil
}

func docsCallOf(o operation) docsCall {
	call := docsCall{ID: o.id, Method: o.method, Path: o.path, Example: o.example, Summary: o.summary}
	for _, p := range o.params {
		call.Params = append(call.Params, docsParam{
			Name: p.name, Type: p.typeName(), Standard: p.standard, Example: p.example, About: p.about, Repeat: p.repeat,
		})
	}
	if o.body != nil {
		call.Body = shape(o.body)
	}
	if o.answer != nil {
		call.Answers = append(call.Answers, docsAnswer{Status: o.status, Shape: shape(o.answer)})
	}
	return call
}

// typeName is what a parameter has to be, in a word or as its choices.
func (p param) typeName() string {
	switch p.kind {
	case integerParam:
		if p.max > 1<<31 {
			return fmt.Sprintf("integer ≥ %d", p.min)
		}
		return fmt.Sprintf("integer %d–%d", p.min, p.max)
	case choiceParam, flagParam:
		return strings.Join(p.values(), " | ")
	default:
		return "text"
	}
}

// shape is the JSON form of a type with the types of its fields as values.
func shape(v any) string {
	raw, err := json.MarshalIndent(sketch(reflect.TypeOf(v)), "", "  ")
	if err != nil {
		return ""
	}
	return string(raw)
}
