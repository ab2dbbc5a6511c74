package boards

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/rankings"
)

// silence is how long a rebuild may write nothing before its boards are given up.
const silence = time.Minute

// batch is what settle.lua reads.
type batch struct {
	Windows      []string         `json:"windows"`       // the unions that are kept up
	UnionSeconds int64            `json:"union_seconds"` // until a union expires
	DaySeconds   map[string]int64 `json:"day_seconds"`   // until a day's board expires
	Gone         [2]string        `json:"gone"`          // the days whose gravestones count, newest first
	GoneSeconds  int64            `json:"gone_seconds"`  // until a gravestone expires
	Entries      []line           `json:"entries"`
}

// line is one entry. One without a card is removed from the boards.
type line struct {
	Kind    catalog.Kind      `json:"kind"`
	Member  string            `json:"member"`
	Version string            `json:"version"`
	Deleted bool              `json:"deleted,omitempty"`
	Card    string            `json:"card,omitempty"`
	Digest  string            `json:"digest,omitempty"` // of card, score, facets and days: equal ones need no write
	Hot     string            `json:"hot,omitempty"`
	Facets  []string          `json:"facets"`
	Days    map[string]string `json:"days"`    // day → score
	Windows map[string]string `json:"windows"` // union → score
}

// Claim makes a follower the only one that is heard.
func (b *Boards) Claim(ctx context.Context, follower string) (sequence int64, err error) {
	err = b.client.Call(ctx, redis.WorkerTimeout, "claim the boards", func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		sequence, err = claimScript.Run(ctx, server, b.state(), follower).Int64()
		return err
	})
	return sequence, err
}

// Settle writes a follower's entries in one script.
func (b *Boards) Settle(ctx context.Context, follower string, entries []rankings.Entry, now time.Time) (int64, error) {
	return b.settle(ctx, redis.WorkerTimeout, "follow", follower, entries, now)
}

func (b *Boards) settle(ctx context.Context, timeout time.Duration, role, token string, entries []rankings.Entry, now time.Time) (sequence int64, err error) {
	payload, err := b.encodeBatch(entries, now)
	if err != nil {
		return 0, err
	}
	var reply any
	err = b.client.Call(ctx, timeout, "write boards", func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		reply, err = settleScript.Run(ctx, server, b.state(), b.keys(),
			role, token, silence.Milliseconds(), payload).Result()
		return err
	})
	if err != nil {
		return 0, err
	}
	switch reply := reply.(type) {
	case int64:
		return reply, nil
	case string:
		return 0, outcome(reply)
	default:
		return 0, fmt.Errorf("write boards: answer of an unknown form %T", reply)
	}
}

func outcome(word string) error {
	switch word {
	case "lost":
		return rankings.ErrLost
	case "superseded":
		return rankings.ErrSuperseded
	case "none":
		return rankings.ErrNoBoards
	default:
		return fmt.Errorf("write boards: unknown answer %q", word)
	}
}

// Tend makes the unions of today and tomorrow and the board of what rises, one kind at a
// time.
func (b *Boards) Tend(ctx context.Context, follower string, now time.Time) (sequence int64, err error) {
	for _, k := range catalog.Kinds() {
		owner, n, scoring, err := b.unite(ctx, "", k, now)
		switch {
		case err != nil:
			return 0, err
		case owner == "":
			return 0, rankings.ErrLost
		case owner != follower:
			return 0, rankings.ErrSuperseded
		case scoring != b.scoringName():
			return 0, rankings.ErrScoring
		}
		sequence = n
	}
	return sequence, nil
}

// tend is Tend for one kind of one generation (empty: the live one), whoever follows.
func (b *Boards) tend(ctx context.Context, generation string, k catalog.Kind, now time.Time) error {
	_, _, _, err := b.unite(ctx, generation, k, now)
	return err
}

func (b *Boards) unite(ctx context.Context, generation string, k catalog.Kind, now time.Time) (follower string, sequence int64, scoring string, err error) {
	var made []any
	for _, day := range endDays(now)[1:] { // in this order: tomorrow's is made from today's
		for _, w := range unitedWindows() {
			made = append(made, unionOf(w, day))
		}
	}
	made = append(made, b.recipe(catalog.WindowRising, now))
	payload, err := json.Marshal(made)
	if err != nil {
		return "", 0, "", fmt.Errorf("encode unions: %w", err)
	}
	var reply []any
	err = b.client.Call(ctx, redis.RebuildTimeout, "unite boards", func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		reply, err = tendScript.Run(ctx, server, b.state(), b.keys(), generation,
			string(k), int(unionLife.Seconds()), payload).Slice()
		if redis.IsNil(err) {
			reply, err = nil, nil
		}
		return err
	})
	switch {
	case err != nil:
		return "", 0, "", err
	case len(reply) == 0:
		return "", 0, "", rankings.ErrNoBoards
	case len(reply) != 3:
		return "", 0, "", fmt.Errorf("unite boards: answer of %d parts", len(reply))
	}
	follower, isText := reply[0].(string)
	sequence, isNumber := reply[1].(int64)
	scoring, isScoring := reply[2].(string)
	if !isText || !isNumber || !isScoring {
		return "", 0, "", errors.New("unite boards: answer of an unknown form")
	}
	return follower, sequence, scoring, nil
}

func (b *Boards) encodeBatch(entries []rankings.Entry, now time.Time) ([]byte, error) {
	today := catalog.Day(now)
	out := batch{
		Windows:      windowNames(now),
		UnionSeconds: int64(unionLife.Seconds()),
		DaySeconds:   map[string]int64{},
		Gone:         [2]string{dayName(today), dayName(today.AddDate(0, 0, -1))},
		GoneSeconds:  int64(stoneLife.Seconds()),
		Entries:      make([]line, len(entries)),
	}
	for _, day := range keptDays(now) {
		out.DaySeconds[dayName(day)] = int64(day.Add(boardLife).Sub(now).Seconds())
	}
	for i, e := range entries {
		l, err := encodeEntry(b.scoring, e, now, out.DaySeconds)
		if err != nil {
			return nil, err
		}
		out.Entries[i] = l
	}
	payload, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encode entries: %w", err)
	}
	return payload, nil
}

func encodeEntry(s catalog.Scoring, e rankings.Entry, now time.Time, days map[string]int64) (line, error) {
	l := line{
		Kind: e.Key.Kind, Member: member(e.Key.ID), Version: fmt.Sprintf("%019d", e.Version),
		Deleted: e.Deleted, Facets: []string{}, Days: map[string]string{}, Windows: map[string]string{},
	}
	hot := s.Hot(e.History)
	if e.Deleted || hot == 0 {
		return l, nil // on no board
	}
	shown, err := json.Marshal(card{Name: e.Card.Name, Image: e.Card.Image, Students: e.Card.Students, Org: e.Card.Org})
	if err != nil {
		return l, fmt.Errorf("encode card of %s: %w", e.Key, err)
	}
	l.Card, l.Hot = string(shown), score(hot)
	for _, facet := range rankings.Filters(e.Key.Kind) {
		if value := facetValue(e.Card, facet); value != "" {
			l.Facets = append(l.Facets, facetName(facet, value))
		}
	}
	for _, d := range e.History {
		if name := dayName(d.Day); days[name] != 0 && s.Points(d) > 0 {
			l.Days[name] = score(s.Points(d))
		}
	}
	l.Digest = digest(l)
	for _, day := range endDays(now) {
		for _, w := range unitedWindows() {
			if points := rankings.WindowPoints(s, e.History, w, day); points > 0 {
				l.Windows[boardName(w, day)] = score(points)
			}
		}
	}
	return l, nil
}

// windowNames are the unions that are kept up.
func windowNames(now time.Time) []string {
	var names []string
	for _, day := range endDays(now) {
		for _, w := range unitedWindows() {
			names = append(names, boardName(w, day))
		}
	}
	return names
}

// digest is 16 characters that stand for what is written of an entry. What is written of
// its windows follows from its days.
func digest(l line) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q %q", l.Card, l.Hot, l.Facets)
	for _, day := range slices.Sorted(maps.Keys(l.Days)) {
		fmt.Fprintf(hash, " %s=%s", day, l.Days[day])
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

func facetValue(c rankings.Card, f catalog.Facet) string {
	switch f {
	case catalog.FacetCategory:
		return c.Category
	case catalog.FacetLevel:
		return string(c.Level)
	case catalog.FacetCity:
		return c.City
	case catalog.FacetOrgCategory:
		return string(c.OrgCategory)
	case catalog.FacetOrg:
		if c.Org != nil {
			return strconv.FormatInt(c.Org.ID, 10)
		}
	}
	return ""
}
