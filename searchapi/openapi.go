package searchapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// document is a text that is made once and served as it is.
type document struct {
	media  string
	policy string // Content-Security-Policy; empty: that of every answer
	body   []byte
}

func (d document) serve(c *fiber.Ctx, _ args) error {
	c.Set(fiber.HeaderContentType, d.media)
	c.Set(fiber.HeaderCacheControl, "public, max-age=300")
	if d.policy != "" {
		c.Set(fiber.HeaderContentSecurityPolicy, d.policy)
	}
	return c.Send(d.body)
}

// openAPI describes calls as an OpenAPI 3.1 document.
func openAPI(operations []operation, options Options) (document, error) {
	known := &schemas{byName: map[string]any{}, types: map[string]reflect.Type{}}
	known.of(reflect.TypeFor[httpserver.Problem]())
	paths := map[string]map[string]any{}
	tags, seen := []map[string]string{}, map[string]bool{}
	for _, o := range operations {
		if !seen[o.group.en] {
			seen[o.group.en] = true
			tags = append(tags, map[string]string{"name": o.group.en, "description": o.group.zh})
		}
		if paths[o.path] == nil {
			paths[o.path] = map[string]any{}
		}
		paths[o.path][strings.ToLower(o.method)] = describe(o, known)
	}
	server := options.PublicURL
	if server == "" {
		server = "/"
	}
	components := map[string]any{"schemas": known.byName}
	if slices.ContainsFunc(operations, func(o operation) bool { return o.login }) {
		components["securitySchemes"] = map[string]any{sessionScheme: map[string]any{
			"type": "apiKey", "in": "cookie", "name": httpserver.CookieName(options.PublicURL),
			"description": "登录时得到的 Cookie。The cookie that a log-in sets.",
		}}
	}
	body, err := json.MarshalIndent(map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{
			"title":       "Xunke 寻课",
			"version":     options.Version,
			"description": "课程、机构和教师的搜索、列表与排行。Search, lists and rankings of courses, orgs and teachers.",
			"license":     map[string]string{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers":    []map[string]string{{"url": server}},
		"tags":       tags,
		"paths":      paths,
		"components": components,
	}, "", "  ")
	if err != nil {
		return document{}, fmt.Errorf("encode OpenAPI document: %w", err)
	}
	return document{media: fiber.MIMEApplicationJSON, body: append(body, '\n')}, nil
}

// sessionScheme is how the description calls the cookie of who is logged in.
const sessionScheme = "session"

func describe(o operation, known *schemas) map[string]any {
	good := map[string]any{"description": http.StatusText(o.status)}
	if o.status != http.StatusNoContent {
		good["content"] = content(o.media, o.answer, known)
	}
	responses := map[string]any{strconv.Itoa(o.status): good}
	for status, answer := range o.also {
		r := map[string]any{"description": http.StatusText(status)}
		if answer != nil {
			r["content"] = content("", answer, known)
		}
		responses[strconv.Itoa(status)] = r
	}
	for _, status := range o.problems() {
		responses[strconv.Itoa(status)] = map[string]any{
			"description": http.StatusText(status),
			"content":     content(httpserver.ProblemType, httpserver.Problem{}, known),
		}
	}
	described := map[string]any{
		"operationId": o.id,
		"summary":     o.summary.en,
		"description": o.summary.zh,
		"tags":        []string{o.group.en},
		"responses":   responses,
	}
	if o.about != (text{}) {
		described["description"] = o.summary.zh + "。" + o.about.zh + "\n\n" + o.about.en
	}
	if o.login {
		described["security"] = []any{map[string]any{sessionScheme: []string{}}}
	}
	switch {
	case o.rules != nil:
		described["parameters"] = []any{describeTogether(o.params, o.rules)}
	case len(o.params) > 0:
		list := make([]any, len(o.params))
		for i, p := range o.params {
			list[i] = p.describe()
		}
		described["parameters"] = list
	}
	if o.body != nil {
		described["requestBody"] = map[string]any{
			"required": true, "content": map[string]any{fiber.MIMEApplicationJSON: map[string]any{"schema": known.body(o.body)}},
		}
	}
	return described
}

// content is the media type of a body with its schema. Only JSON has one.
func content(media string, v any, known *schemas) map[string]any {
	if media == "" {
		media = fiber.MIMEApplicationJSON
	}
	schema := map[string]any{"type": "string"}
	if v != nil {
		schema = known.of(reflect.TypeOf(v))
	}
	return map[string]any{media: map[string]any{"schema": schema}}
}

// describe is a parameter object.
func (p param) describe() map[string]any {
	schema := p.valueSchema()
	in := inQuery
	if p.in != "" {
		in = p.in
	}
	described := map[string]any{
		"name": p.name, "in": in, "schema": schema, "description": p.sentence(),
	}
	if in == inPath {
		described["required"] = true
	}
	if p.repeat {
		described["style"], described["explode"] = "form", true
	}
	return described
}

// sentence says what a parameter is for, in both languages.
func (p param) sentence() string { return p.about.zh + "。" + p.about.en + "." }

// valueSchema is what a parameter holds: a list where it may be repeated.
func (p param) valueSchema() map[string]any {
	schema := p.schema()
	if p.repeat {
		allowEmpty(schema)
		return map[string]any{"type": "array", "items": schema, "maxItems": catalog.MaxFilterVals}
	}
	if p.standard != "" {
		schema["default"] = p.standardValue()
	}
	return schema
}

// allowEmpty lets a value be empty, as forms send fields that were left alone: it chooses nothing.
func allowEmpty(schema map[string]any) {
	if choices, ok := schema["enum"].([]string); ok {
		schema["enum"] = append(slices.Clone(choices), "")
	}
	if schema["type"] == "integer" {
		schema["type"], schema["maxLength"] = []string{"integer", "string"}, 0
	}
}

// schema is what one value of a parameter may be.
func (p param) schema() map[string]any {
	switch p.kind {
	case integerParam:
		return map[string]any{"type": "integer", "format": "int64", "minimum": p.min, "maximum": p.max}
	case choiceParam:
		return map[string]any{"type": "string", "enum": p.choices}
	case flagParam:
		return map[string]any{"type": "boolean"}
	case textParam:
		return map[string]any{"type": "string", "maxLength": maxTextRunes}
	case cursorParam:
		return map[string]any{"type": "string", "pattern": "^[" + cursorDigits + "]*$", "minLength": minCursorBytes, "maxLength": maxCursorBytes}
	default:
		return map[string]any{"type": "string"}
	}
}

// standardValue is the default as JSON has it.
func (p param) standardValue() any {
	switch p.kind {
	case integerParam:
		n, _ := strconv.ParseInt(p.standard, 10, 64)
		return n
	case flagParam:
		return p.standard == "true"
	default:
		return p.standard
	}
}
