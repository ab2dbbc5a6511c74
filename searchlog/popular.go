package searchlog

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/live"
)

const (
	// popularEvery is how often popular queries are read.
	popularEvery = 5 * time.Minute
	// popularDays is how far back they are looked for.
	popularDays = 30
	// popularMost is how many are kept: they are looked through one by one.
	popularMost = 2000
)

// What must have been asked before others see it: what one person looks for again and again
// stays with them, and nobody writes into everybody's suggestions from one line in a day. A
// network is one only within a day, so days are counted on which several asked.
const (
	MinNetworks    = 3 // from which it was asked on one day
	MinNetworkDays = 2 // on which it was
	MinHits        = 3 // that it had last
)

// PopularSource reads the queries that many ask, most networks first, in the form in which
// they found something. Errors: CodeUnavailable.
type PopularSource interface {
	Popular(ctx context.Context, since time.Time, limit int) ([]string, error)
}

// Popular completes what is typed with what many have asked. It follows its source, and
// is safe for concurrent use.
type Popular struct {
	*live.Live[[]popularQuery]
	blocked Blocked // its Live may be nil: nothing is blocked
}

// popularQuery is a query with the forms by which its beginning is typed.
type popularQuery struct {
	text   string
	key    string
	pinyin string   // empty without Hanzi
	short  []string // initials
}

// NewPopular makes an empty Popular; Load and Run fill it.
func NewPopular(source PopularSource, log *slog.Logger) Popular {
	return Popular{Live: live.New(live.Source[[]popularQuery]{
		Name: "popular queries", Every: popularEvery,
		Read: func(ctx context.Context) ([]popularQuery, error) {
			texts, err := source.Popular(ctx, catalog.Day(time.Now()).AddDate(0, 0, 1-popularDays), popularMost)
			return popularQueries(texts), err
		},
	}, log)}
}

// Without is a Popular that leaves out what is blocked.
func (p Popular) Without(b Blocked) Popular {
	p.blocked = b
	return p
}

func (p Popular) isBlocked(q popularQuery) bool {
	return p.blocked.Live != nil && p.blocked.Get()[q.key]
}

// Texts are the first of the queries that are suggested, most popular first.
func (p Popular) Texts(limit int) []string {
	var texts []string
	for _, q := range p.Get() {
		if len(texts) < limit && !p.isBlocked(q) {
			texts = append(texts, q.text)
		}
	}
	return texts
}

// popularQueries prepares queries to be completed.
func popularQueries(texts []string) []popularQuery {
	list := make([]popularQuery, 0, len(texts))
	typedFor := map[string]bool{} // what is typed for queries in Hanzi
	for _, text := range texts {
		if repeats(text) {
			continue
		}
		q := popularQuery{text: text, key: hanzi.Fold(text)}
		if q.short = hanzi.Terms(text, false).Initials; q.short != nil {
			q.pinyin = hanzi.SoundKey(text)
			for _, typed := range append(q.short, q.pinyin) {
				typedFor[typed] = true
			}
		}
		list = append(list, q)
	}
	// Nobody means sjjg where 数据结构 is meant, too.
	return slices.DeleteFunc(list, func(q popularQuery) bool { return q.key == "" || q.pinyin == "" && typedFor[q.key] })
}

// Complete returns popular queries that begin with what is typed, in Hanzi, Latin, pinyin
// or initials, most popular first, those written so before those that sound so. What is
// typed whole is not among them.
func (p Popular) Complete(typed string, limit int) []string {
	key, initials := hanzi.Fold(typed), hanzi.InitialPrefixes(typed)
	if key == "" || limit < 1 {
		return nil
	}
	var written, sound []string
	for _, q := range p.Get() {
		switch {
		case q.key == key || p.isBlocked(q):
		case strings.HasPrefix(q.key, key):
			if written = append(written, q.text); len(written) == limit {
				return written
			}
		case initials != nil && len(sound) < limit && q.soundsLike(key, initials):
			sound = append(sound, q.text)
		}
	}
	return append(written, sound[:min(len(sound), limit-len(written))]...)
}

func (q popularQuery) soundsLike(key string, initials []string) bool {
	return q.pinyin != "" && strings.HasPrefix(q.pinyin, key) ||
		slices.ContainsFunc(q.short, func(short string) bool {
			return slices.ContainsFunc(initials, func(typed string) bool { return strings.HasPrefix(short, typed) })
		})
}
