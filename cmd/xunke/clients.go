package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/redis"
)

// clients reach the servers that an API needs.
type clients struct {
	db             *mysql.Pool
	guard          *mysql.Guard
	elastic        *elastic.Client
	withoutBreaker *elastic.Client // the same one
	redis          *redis.Client
	secret         []byte // under which limits keep networks
}

// connect makes the clients of an API, which closes them.
func (a *app) connect(ctx context.Context, p *api) (c clients, err error) {
	if c.db, err = a.mysql(ctx); err != nil {
		return c, err
	}
	p.closers = append(p.closers, c.db.Close)
	if c.withoutBreaker, err = a.elasticsearch(); err != nil {
		return c, err
	}
	c.elastic = c.withoutBreaker.WithBreaker(a.log)
	p.closers = append(p.closers, func() error { c.elastic.Close(); return nil })
	c.guard = mysql.NewGuard(c.db.Read, a.log)
	p.closers = append(p.closers, c.guard.Close)
	c.redis = redis.Open(redis.Options(a.config.Redis), a.log)
	p.closers = append(p.closers, c.redis.Close)
	if c.secret = []byte(a.config.API.CursorSecret); len(c.secret) == 0 { // limits are this process's own then, like its cursors
		c.secret = []byte(rand.Text())
	}
	return c, nil
}

// limit is how many of something a network may have in a span, for all processes.
func (c clients) limit(name string, most int, span time.Duration) *redis.Limit {
	return redis.NewLimit(c.redis, name, most, span, c.secret, nil)
}
