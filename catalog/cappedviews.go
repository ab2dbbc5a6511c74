package catalog

import "time"

// CappedViews is the views that are in no count and no ranking, because more came from one
// network than counts of it, of the days (UTC) from one to another, both included.
type CappedViews struct {
	From  time.Time    `json:"from"`
	To    time.Time    `json:"to"`
	Views int64        `json:"views"`
	Items []CappedItem `json:"items"` // most first
}

// CappedItem is the views of one item. Name is empty if the item is there no longer.
type CappedItem struct {
	Kind    Kind   `json:"kind"`
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Views   int64  `json:"views"`
	Counted int64  `json:"counted"` // on the same days
}
