package searchlog

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/follow"
	"github.com/xunke/xunke/internal/hanzi"
)

const (
	// popularEvery is how often popular queries are read.
	popularEvery = 5 * time.Minute
	// popularDays is how far back they are looked for.
	popularDays = 30
	// popularMost is how many are kept: they are looked through one by one.
	popularMost = 2000
)

// MinVisitors is how many visitors must have asked a query on one day before others see
// it: what one person looks for again and again stays with them.
const MinVisitors = 3

// PopularSource reads the queries that many ask, most visitors first, in the form that is
// shown. Errors: CodeUnavailable.
type PopularSource interface {
	Popular(ctx context.Context, since time.Time, limit int) ([]string, error)
}

// Popular completes what is typed with what many have asked. It follows its source, and
// is safe for concurrent use.
type Popular struct {
	source  PopularSource
	log     *slog.Logger
	current atomic.Pointer[[]popularQuery]
}

// popularQuery is a query with the forms by which its beginning is typed.
type popularQuery struct {
	text   string
	key    string
	pinyin string   // empty without Hanzi
	short  []string // initials
}

// NewPopular makes an empty Popular; Run fills it.
func NewPopular(source PopularSource, log *slog.Logger) *Popular {
	p := &Popular{source: source, log: log}
	p.current.Store(&[]popularQuery{})
	return p
}

// Load reads the popular queries.
func (p *Popular) Load(ctx context.Context, now time.Time) error {
	texts, err := p.source.Popular(ctx, catalog.Day(now).AddDate(0, 0, 1-popularDays), popularMost)
	if err != nil {
		return err
	}
	list := make([]popularQuery, 0, len(texts))
	typedFor := map[string]bool{} // what is typed for queries in Hanzi
	for _, text := range texts {
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
	list = slices.DeleteFunc(list, func(q popularQuery) bool { return q.key == "" || q.pinyin == "" && typedFor[q.key] })
	p.current.Store(&list)
	return nil
}

// Complete returns popular queries that begin with what is typed, in Hanzi, Latin, pinyin
// or initials, most popular first, those written so before those that sound so. What is
// typed whole is not among them.
func (p *Popular) Complete(typed string, limit int) []string {
	key, initials := hanzi.Fold(typed), hanzi.InitialPrefixes(typed)
	if key == "" || limit < 1 {
		return nil
	}
	var written, sound []string
	for _, q := range *p.current.Load() {
		switch {
		case q.key == key:
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

// Run follows the source until ctx ends. While it does not answer, what was last read
// stays in use.
func (p *Popular) Run(ctx context.Context) error {
	return follow.Every(ctx, popularEvery, "popular queries", p.log, func(ctx context.Context) error { return p.Load(ctx, time.Now()) })
}
