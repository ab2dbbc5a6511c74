package answers

import (
	"sync"
	"time"

	"github.com/xunke/xunke/catalog"
)

// Kept is an answer that many get. Nobody may change what its pointers, maps and slices
// lead to.
type Kept struct {
	Answer catalog.Answer       // of a search; its TookMS is 0, since it costs whoever gets it no time
	Lines  []catalog.Suggestion // of what was typed
	Price  int                  // what the query cost beyond an ordinary one when it was asked

	began  time.Time     // when it was asked for
	counts [kinds]uint64 // the changes of the index that were known then
	until  time.Time     // when it has to be made anew even if nothing has changed; zero: no such time
	took   int64         // milliseconds, of those who waited for it

	mu    sync.Mutex
	forms []form
	grow  func(bytes int64) // tells the cache of more that it holds; nil: it is in none
}

// form is what somebody made of an answer.
type form struct {
	name string
	made Form
}

// Form is an answer in bytes. Nobody may change them.
type Form struct {
	Body []byte
	Tag  string // an entity tag; empty: it has none
}

// Form is what encode makes of the answer, which it does once. Errors are those of encode, and
// the next who asks tries again.
func (k *Kept) Form(name string, encode func() (Form, error)) (Form, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.forms {
		if k.forms[i].name == name {
			return k.forms[i].made, nil
		}
	}
	made, err := encode()
	if err != nil {
		return Form{}, err
	}
	k.forms = append(k.forms, form{name, made})
	if k.grow != nil {
		k.grow(int64(len(made.Body) + len(made.Tag) + len(name)))
	}
	return made, nil
}
