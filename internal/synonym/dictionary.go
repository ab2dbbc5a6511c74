package synonym

import (
	"slices"

	"github.com/xunke/xunke/internal/hanzi"
)

// Dictionary answers what else a key may be called, and what is near it. It is never changed
// once made, and the zero Dictionary knows nothing.
type Dictionary struct {
	others map[string][]string
	near   map[string][]string // beside the others
}

// NewDictionary joins rules. Where two rules name the same thing, what they say is added
// up; a rule does not lead on to the next.
func NewDictionary(rules []Rule) Dictionary {
	d := Dictionary{others: map[string][]string{}, near: map[string][]string{}}
	for _, r := range rules {
		to := r.To
		if to == nil {
			to = r.From
		}
		into := d.others
		if r.Near {
			into = d.near
		}
		for _, from := range r.From {
			add(into, from, to)
		}
	}
	return d
}

// add keeps names apart that fold to one key but are other words in a text: springboot
// and spring boot.
func add(into map[string][]string, from string, names []string) {
	key := hanzi.Fold(from)
	for _, name := range names {
		same := func(have string) bool { return hanzi.Normalize(have) == hanzi.Normalize(name) }
		if !same(from) && !slices.ContainsFunc(into[key], same) {
			into[key] = append(into[key], name)
		}
	}
}

// Lookup returns what else the key may be called, in the order of the rules; nil if
// nothing is known. The key is hanzi.Fold of what was typed, which may itself be among
// the names where it can be written in several ways.
func (d Dictionary) Lookup(key string) []string { return d.others[key] }

// LookupNear is Lookup with what is near the key after it. What is near another name of
// the key is not near the key.
func (d Dictionary) LookupNear(key string) []string {
	names := slices.Clone(d.others[key])
	for _, name := range d.near[key] {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Len is the number of keys.
func (d Dictionary) Len() int { return len(d.others) + len(d.near) }
