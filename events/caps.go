package events

// Caps bound what one network may add on one day (UTC). An address can claim to be any
// number of visitors, by as many user agents; networks cost money. 0 is any number.
type Caps struct {
	Visitors int // of one item, that count
	Events   int // views and clicks, and as many searches: the rest is not looked at
	Queries  int // that were not asked before on that day; the texts of others are not kept
}

// MaxDayQueries is how many different queries of one day are kept, whoever asks them: a row
// of them is about 400 bytes in MySQL, and is kept for SearchCountLife.
const MaxDayQueries = 20_000
