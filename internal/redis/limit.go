package redis

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	goredis "github.com/redis/go-redis/v9"
)

//go:embed lua/limit.lua
var luaFiles embed.FS

// limitScript lets somebody do something, or says how long they have to wait.
var limitScript = Script(luaFiles, "limit")

// limitKept bounds whom a process remembers by itself while Redis does not answer. Who
// did the thing longest ago is forgotten first.
const limitKept = 10_000

// Limit bounds how often somebody may do one thing: so many at once, and as many again
// spread over each span. It is the generic cell rate algorithm (ITU-T Recommendation
// I.371, annex A), whose whole memory of somebody is one point in time. Redis holds it
// for all processes; while Redis does not answer each process counts for itself.
type Limit struct {
	client *Client
	name   string
	most   int
	span   time.Duration
	secret []byte
	now    func() time.Time

	mu  sync.Mutex
	own *simplelru.LRU[string, time.Time] // when what was let through is worked off
}

// NewLimit lets everybody do the thing of that name most times in a span; most 0 is no
// limit. Who they are is kept as a hash under the secret. A nil now is time.Now.
func NewLimit(c *Client, name string, most int, span time.Duration, secret []byte, now func() time.Time) *Limit {
	if now == nil {
		now = time.Now
	}
	own, _ := simplelru.NewLRU[string, time.Time](limitKept, nil) // fails only for a size below 1
	return &Limit{client: c, name: name, most: most, span: span, secret: secret, now: now, own: own}
}

// Take notes that who does the thing and returns 0, or returns how long who has to wait
// and notes nothing.
func (l *Limit) Take(ctx context.Context, who string) time.Duration { return l.ask(ctx, who, 1, true) }

// TakeMany is Take for something that counts as much as so many. What counts for more than
// a whole span counts as one.
func (l *Limit) TakeMany(ctx context.Context, who string, count int) time.Duration {
	return l.ask(ctx, who, min(count, l.most), true)
}

// Wait is how long who has to wait before Take returns 0; it notes nothing.
func (l *Limit) Wait(ctx context.Context, who string) time.Duration { return l.ask(ctx, who, 1, false) }

func (l *Limit) ask(ctx context.Context, who string, count int, take bool) time.Duration {
	if l.most == 0 || count == 0 {
		return 0
	}
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte(who))
	id := hex.EncodeToString(mac.Sum(nil)[:12])
	var wait int64
	err := l.client.Call(ctx, VisitorTimeout, "limit "+l.name, func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		key := l.client.Keys("events") + "limit:" + l.name + ":" + id
		wait, err = limitScript.Run(ctx, server, []string{key}, milliseconds(time.Duration(count)*l.pace()), milliseconds(l.span), take).Int64()
		return err
	})
	if err != nil {
		return l.askOwn(id, count, take)
	}
	return time.Duration(wait) * time.Millisecond
}

// pace is the time between two when they come evenly.
func (l *Limit) pace() time.Duration { return l.span / time.Duration(l.most) }

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 3, 64)
}

// askOwn is limit.lua with the memory of this process.
func (l *Limit) askOwn(id string, count int, take bool) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	after, _ := l.own.Peek(id)
	if after.Before(now) {
		after = now
	}
	after = after.Add(time.Duration(count) * l.pace())
	if wait := after.Sub(now) - l.span; wait > 0 {
		return wait
	}
	if take {
		l.own.Add(id, after)
	}
	return 0
}
