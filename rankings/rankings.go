// Package rankings decides what is hot: it keeps the boards of the hottest courses, orgs
// and teachers equal to what MySQL counted, answers from them, and finds a substitute
// when they are lost. It knows no server: where boards are kept, where histories are
// read and who stands in are interfaces.
package rankings

import "github.com/xunke/xunke/catalog"

// Entry is what one versioned read of MySQL said about one item. It is the whole truth
// about the item and never a difference, so that writing it twice changes nothing.
type Entry struct {
	Key catalog.Key
	// Version is that of the read, the same as the document's in Elasticsearch: an entry
	// never replaces one with a greater version, however late it arrives.
	Version int64
	// Deleted says that the item is hidden or gone; Card and History are then ignored.
	Deleted bool
	Card    Card
	// History is every day on which something happened, in any order. Those of orgs and
	// teachers have the days of their visible courses in them. The scores are computed
	// from it: catalog.Scoring.Hot for all time, sums of points for the other windows.
	History []catalog.DailyCounts
}

// Card is what a ranking shows of an item, and what it can be filtered by. Org is the
// org of a course or a teacher; City and OrgCategory are that org's, or the org's own.
// Empty means that the item has none.
type Card struct {
	Name        string
	Image       string
	Students    int64
	Org         *catalog.Ref
	Category    string
	Level       catalog.Level
	City        string
	OrgCategory catalog.OrgCategory
}
