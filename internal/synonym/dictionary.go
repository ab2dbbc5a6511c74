package synonym

import (
	"slices"

	"github.com/xunke/xunke/internal/hanzi"
)

// Dictionary answers what else a key may be called. It is never changed once made, and
// the zero Dictionary knows nothing.
type Dictionary struct{ others map[string][]string }

// NewDictionary joins rules. Where two rules name the same thing, what they say is added
// up; a rule does not lead on to the next.
func NewDictionary(rules []Rule) Dictionary {
	d := Dictionary{others: map[string][]string{}}
	for _, r := range rules {
		to := r.To
		if to == nil {
			to = r.From
		}
		for _, from := range r.From {
			d.add(from, to)
		}
	}
	return d
}

// add keeps names apart that fold to one key but are other words in a text: springboot
// and spring boot.
func (d Dictionary) add(from string, names []string) {
	key := hanzi.Fold(from)
	for _, name := range names {
		same := func(have string) bool { return hanzi.Normalize(have) == hanzi.Normalize(name) }
		if !same(from) && !slices.ContainsFunc(d.others[key], same) {
			d.others[key] = append(d.others[key], name)
		}
	}
}

// Lookup returns what else the key may be called, in the order of the rules; nil if
// nothing is known. The key is hanzi.Fold of what was typed, which may itself be among
// the names where it can be written in several ways.
func (d Dictionary) Lookup(key string) []string { return d.others[key] }

// Len is the number of keys.
func (d Dictionary) Len() int { return len(d.others) }
