package catalog

import "time"

// Uncounted is the views that are in no count and no ranking, because more came from one
// network than counts of it, of the days (UTC) from one to another, both included.
type Uncounted struct {
	From  time.Time       `json:"from"`
	To    time.Time       `json:"to"`
	Views int64           `json:"views"`
	Items []UncountedItem `json:"items"` // most first
}

// UncountedItem is the views of one item. Name is empty if the item is there no longer.
type UncountedItem struct {
	Kind    Kind   `json:"kind"`
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Views   int64  `json:"views"`
	Counted int64  `json:"counted"` // on the same days
}
