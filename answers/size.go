package answers

import (
	"reflect"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// sizeOf is about how many bytes of memory an answer takes: what its texts hold and the
// values around them, what the allocator adds aside.
func sizeOf(kept *Kept) int64 {
	return sizeOfValue(reflect.ValueOf(kept.Answer)) + sizeOfValue(reflect.ValueOf(kept.Lines)) + sizeOfEntry
}

// sizeOfEntry is what an answer takes beside itself: its place in the cache.
const sizeOfEntry = 400

// mapEntry is what a map takes for an entry beside key and value.
const mapEntry = 16

func sizeOfValue(v reflect.Value) int64 {
	if !v.IsValid() {
		return 0
	}
	return int64(v.Type().Size()) + sizeBehind(v)
}

// sizeBehind is what a value leads to.
func sizeBehind(v reflect.Value) int64 {
	var size int64
	switch v.Kind() {
	case reflect.String:
		size = int64(v.Len())
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			size = sizeOfValue(v.Elem())
		}
	case reflect.Slice:
		size = int64(v.Cap()-v.Len()) * int64(v.Type().Elem().Size())
		for i := range v.Len() {
			size += sizeOfValue(v.Index(i))
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			size += sizeOfValue(entries.Key()) + sizeOfValue(entries.Value()) + mapEntry
		}
	case reflect.Struct:
		if v.Type() == timeType {
			return 0 // the zone behind it is everybody's
		}
		for i := range v.NumField() {
			size += sizeBehind(v.Field(i))
		}
	}
	return size
}
