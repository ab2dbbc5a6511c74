package embed

import (
	"context"
	"fmt"
)

// Passages makes the vectors of what can be found.
type Passages struct{ Live }

// Model names the model in use; empty while there is none.
func (p Passages) Model() string {
	if m := p.Get(); m != nil {
		return ID(m)
	}
	return ""
}

// Embed makes the vector of a text, in one byte a dimension. It fails where the model in use
// is not the one that is named.
func (p Passages) Embed(ctx context.Context, model, text string) ([]int8, error) {
	m := p.Get()
	if m == nil || ID(m) != model {
		return nil, fmt.Errorf("embed text: the model in use is not %s", model)
	}
	vector, err := m.Passage(ctx, text)
	if err != nil {
		return nil, err
	}
	return Bytes(vector), nil
}
