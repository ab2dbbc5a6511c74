package indexer

import "time"

// The slower lane's pages. Their size is found as TCP finds its window: a step more after a
// page that went well, half after one that did not (additive increase and multiplicative
// decrease: Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion
// avoidance in computer networks", 1989; RFC 5681). A page went well if Elasticsearch put
// nothing off meanwhile, of whatever sender, and if it did not take long: bulk requests take
// longer well before they are refused.
const (
	pageFirst = 500
	pageLeast = 50
	// Smaller pages than this take hardly less time: what a page costs apart from its documents
	// would be most of it. Only refusals make them smaller.
	pageSlow = 200
	pageMost = 1000
	pageStep = 50
	// pageWithin is less than the usual refresh interval: a single change that has to wait
	// for a page is found at most that much later.
	pageWithin = 250 * time.Millisecond
	// After a refusal Elasticsearch wants some time without, more each time (its manual, "Tune
	// for indexing speed").
	pauseFirst = 500 * time.Millisecond
	pauseMost  = 10 * time.Second
	// giveWay is how long a page waits, at most, for the faster lane to have nothing to do.
	giveWay = 250 * time.Millisecond
)

// pace is how fast the slower lane goes. The zero value is where it begins.
type pace struct {
	page  int
	pause time.Duration // before the next page
}

// size is how many documents the next page has at most.
func (p *pace) size() int {
	if p.page == 0 {
		return pageFirst
	}
	return p.page
}

// record takes note of a page: how long it took, and whether Elasticsearch put writes off.
func (p *pace) record(took time.Duration, retried bool) {
	switch {
	case retried:
		p.page = max(p.size()/2, pageLeast)
		p.pause = min(max(2*p.pause, pauseFirst), pauseMost)
	case took > pageWithin && p.size() > pageSlow:
		p.page, p.pause = max(p.size()/2, pageSlow), 0
	default:
		p.page, p.pause = min(p.size()+pageStep, pageMost), 0
	}
}
