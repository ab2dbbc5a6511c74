package curation

import (
	"time"

	"github.com/xunke/xunke/catalog"
)

// ItemState says whether visitors can see a curated item. What they cannot see is not
// pinned either, and is again as soon as they can.
type ItemState string

// The states.
const (
	ItemVisible ItemState = "visible"
	ItemHidden  ItemState = "hidden"
	ItemGone    ItemState = "gone" // there is no such row any more
)

// Row is one curated item of a query.
type Row struct {
	ID        int64        `json:"id"`
	Query     string       `json:"query"`
	QueryKey  string       `json:"query_key"`
	Action    Action       `json:"action"`
	Kind      catalog.Kind `json:"kind"`
	ItemID    int64        `json:"item_id"`
	Name      string       `json:"name"` // empty if the item is gone
	State     ItemState    `json:"state"`
	Place     int          `json:"place,omitempty"`  // of a pin, from 1
	Factor    float64      `json:"factor,omitempty"` // of a boost
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"`
}

// Item is the row's item.
func (r Row) Item() catalog.Key { return catalog.Key{Kind: r.Kind, ID: r.ItemID} }
