// Package vectors gives courses their vectors, beside everything else that the indexer does: it
// reads texts and writes rows, and touches no document.
package vectors

import (
	"context"
	"time"
)

// Passage is the text of a visible course, and of which text and model its vector is, as far
// as it has one.
type Passage struct {
	ID    int64
	Text  string
	Hash  string
	Model string
}

// Vector is what a model made of a course's text.
type Vector struct {
	ID      int64
	Hash    string // mappings.PassageHash of the text
	Numbers []int8
}

// Store keeps vectors as rows. Errors are worth a retry.
type Store interface {
	// Page returns up to limit courses with an id greater than after, ascending.
	Page(ctx context.Context, after int64, limit int) ([]Passage, error)
	// Of returns those of some courses.
	Of(ctx context.Context, ids []int64) ([]Passage, error)
	// Save writes vectors of a model in the place of those that are there.
	Save(ctx context.Context, model string, vectors []Vector) error
	// Count counts the visible courses, and those that have a vector of a model.
	Count(ctx context.Context, model string) (have, courses int64, err error)
}

// Embedder makes vectors of texts.
type Embedder interface {
	// Model names the model that is used; empty while there is none.
	Model() string
	// Embed makes the vector of a text with that model. It fails where another is used by now.
	Embed(ctx context.Context, model, text string) ([]int8, error)
}

// Progress is how far the vectors of courses are.
type Progress struct {
	Model   string    `json:"model"`          // that makes them; empty: there is none
	Have    int64     `json:"have"`           // courses that have a vector of it
	Courses int64     `json:"courses"`        // visible ones
	Waiting int       `json:"waiting"`        // courses that changed and wait for theirs, beside the sweep
	Since   time.Time `json:"since,omitzero"` // since when the oldest of them waits, or the sweep runs; zero: nothing waits
	Rate    float64   `json:"rate"`           // vectors a second, when some were made last
	Made    int64     `json:"made"`           // by the leadership that wrote this
	Failed  int64     `json:"failed"`         // texts that the model made none of
	At      time.Time `json:"at"`
}
