package searchapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// sketchObject is a JSON object that keeps the order of its fields.
type sketchObject []sketchField

type sketchField struct {
	name  string
	value any
}

// MarshalJSON writes the fields in their order.
func (o sketchObject) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// sketch shows a type as JSON in which each value is the name of its type.
func sketch(t reflect.Type) any {
	if values, ok := enums[t]; ok {
		return strings.Join(values, "|")
	}
	if t == reflect.TypeFor[time.Time]() {
		return "RFC 3339"
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := sketch(t.Elem())
		if name, ok := inner.(string); ok {
			return name + "|null"
		}
		return inner
	case reflect.Struct:
		return sketchFields(t)
	case reflect.Slice:
		return []any{sketch(t.Elem())}
	case reflect.Map:
		return sketchObject{{"…", sketch(t.Elem())}}
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.Bool:
		return "boolean"
	case reflect.Interface:
		return "any"
	default:
		return "string"
	}
}

func sketchFields(t reflect.Type) sketchObject {
	object := sketchObject{}
	for f := range reflectFields(t) {
		tag := f.Tag.Get("json")
		if f.Anonymous && tag == "" {
			object = append(object, sketchFields(f.Type)...)
			continue
		}
		if name, _, _ := strings.Cut(tag, ","); name != "" && name != "-" {
			object = append(object, sketchField{name, sketch(f.Type)})
		}
	}
	return object
}
