package searchapi

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/comments"
	"github.com/xunke/xunke/messages"
)

// schemas turns the Go types of bodies and answers into JSON Schema 2020-12, each named
// struct once. What encoding/json would write is what the schema allows.
type schemas struct {
	byName map[string]any
	types  map[string]reflect.Type // of what is in byName
}

// enums are the types whose values are a closed list. "" stands for unknown.
var enums = map[reflect.Type][]string{
	reflect.TypeFor[catalog.Kind]():        texts(catalog.Kinds()),
	reflect.TypeFor[catalog.Level]():       append(texts(catalog.Levels()), ""),
	reflect.TypeFor[catalog.OrgCategory](): texts(catalog.OrgCategories()),
	reflect.TypeFor[catalog.Window]():      texts(catalog.RankingWindows()),
	reflect.TypeFor[catalog.Because]():     texts(catalog.Reasons()),
	reflect.TypeFor[comments.State]():      texts(comments.States()),
	reflect.TypeFor[messages.Kind]():       texts(messages.Kinds()),
}

// of is the schema of a type: a reference for a struct, which is defined on the way.
func (s *schemas) of(t reflect.Type) map[string]any {
	if values, ok := enums[t]; ok {
		return map[string]any{"type": "string", "enum": values}
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[any]():
		return map[string]any{} // anything
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(s.of(t.Elem()))
	case reflect.Struct:
		return s.reference(t)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer", "format": "int64"}
	case reflect.Float64:
		return map[string]any{"type": "number", "format": "double"}
	default:
		// Types are fixed when the program is written, so the first start shows it.
		panic(fmt.Sprintf("no JSON schema for %s", t))
	}
}

func nullable(schema map[string]any) map[string]any {
	if name, ok := schema["type"].(string); ok {
		schema["type"] = []string{name, "null"}
		return schema
	}
	return map[string]any{"anyOf": []any{schema, map[string]any{"type": "null"}}}
}

func (s *schemas) reference(t reflect.Type) map[string]any {
	name := schemaName(t)
	if other, done := s.types[name]; done && other != t {
		panic(fmt.Sprintf("%s and %s would have one JSON schema", t, other)) // the first start shows it
	} else if !done {
		s.types[name] = t
		s.byName[name] = nil // breaks a cycle
		object := map[string]any{"type": "object"}
		properties, required := map[string]any{}, []string{}
		s.fields(t, properties, &required)
		object["properties"] = properties
		if len(required) > 0 {
			object["required"] = required
		}
		s.byName[name] = object
	}
	return map[string]any{"$ref": "#/components/schemas/" + name}
}

// body is the schema of a body that a caller sends: it has no other fields, and obeys the
// rules that its type has beside those of each field.
func (s *schemas) body(v any) map[string]any {
	reference := s.of(reflect.TypeOf(v))
	object, ok := s.byName[schemaName(reflect.TypeOf(v))].(map[string]any)
	if !ok {
		panic(fmt.Sprintf("the body %T is no struct", v)) // the first start shows it
	}
	object["additionalProperties"] = false
	if ruled, ok := v.(interface{ rules() map[string]any }); ok {
		maps.Copy(object, ruled.rules())
	}
	return reference
}

func (s *schemas) fields(t reflect.Type, properties map[string]any, required *[]string) {
	for f := range reflectFields(t) {
		tag := f.Tag.Get("json")
		if f.Anonymous && tag == "" {
			s.fields(f.Type, properties, required)
			continue
		}
		name, flags, _ := strings.Cut(tag, ",")
		if name == "-" || name == "" {
			continue
		}
		optional := strings.Contains(flags, "omitempty") || strings.Contains(flags, "omitzero")
		of := f.Type
		if optional && of.Kind() == reflect.Pointer {
			of = of.Elem() // absent rather than null
		}
		properties[name] = annotate(s.of(of), f.Tag)
		if !optional {
			*required = append(*required, name)
		}
	}
}

func reflectFields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// textForm is what a text has to be like.
type textForm struct {
	pattern              string
	minLength, maxLength int
}

// forms are those that several bodies have, named by the tag form. What is of a form is never
// refused with 400. What is rarer, such as an address with four dots before the @ or a comment of
// emoji alone, is taken as well.
var forms = func() map[string]textForm {
	const local, label = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]", "[A-Za-z0-9]"
	// A text of up to n characters in up to three parts, so that all of it keeps to n.
	parts := func(of, between string, n int) string {
		p := func(n int) string { return fmt.Sprintf("%s{1,%d}", of, n) }
		third := (n - 2) / 3
		return "(" + p(n) + "|" + p(n/2-1) + between + p(n/2) + "|" + p(third) + between + p(third) + between + p(third) + ")"
	}
	host := parts(label, "-", 63)
	return map[string]textForm{
		"email":    {"^" + parts(local, `\.`, 64) + "@" + host + `(\.` + host + `){0,3}\.[A-Za-z]{1,24}$`, 5, accounts.MaxEmail},
		"comment":  {"[!-~\u00C0-\u024F\u3041-\u30FE\u4E00-\u9FFF\uAC00-\uD7A3](.|\\s)*[!-~\u00C0-\u024F\u3041-\u30FE\u4E00-\u9FFF\uAC00-\uD7A3]", comments.MinText, comments.MaxText},
		"password": {`^[^\u0000-\u001F\u007F-\u009F]*$`, accounts.MinPassword, accounts.MaxPassword},
	}
}()

// annotate adds what the tags about, enum, form, pattern and those of limits of a field say.
func annotate(schema map[string]any, tag reflect.StructTag) map[string]any {
	if about, ok := tag.Lookup("about"); ok {
		schema["description"] = about
	}
	if values, ok := tag.Lookup("enum"); ok {
		schema["enum"] = strings.Split(values, ",")
	}
	if pattern, ok := tag.Lookup("pattern"); ok {
		schema["pattern"] = pattern
	}
	for _, limit := range []string{"minimum", "maximum", "minLength", "maxLength"} {
		if n, err := strconv.Atoi(tag.Get(limit)); err == nil {
			schema[limit] = n
		}
	}
	if form, ok := forms[tag.Get("form")]; ok {
		schema["pattern"], schema["minLength"], schema["maxLength"] = form.pattern, form.minLength, form.maxLength
	}
	return schema
}

// schemaName is the name of a struct without its package: Section[CourseHit] becomes
// CourseHitSection, eventBody EventBody.
func schemaName(t reflect.Type) string {
	name, of, generic := strings.Cut(t.Name(), "[")
	if generic {
		of = strings.TrimSuffix(of, "]")
		name = of[strings.LastIndex(of, ".")+1:] + name
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
