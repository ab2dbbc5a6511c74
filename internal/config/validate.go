package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/internal/reach"
)

// minAdminPassword is how many characters a password for admins has at least.
const minAdminPassword = 12

// problems are what is wrong with a configuration.
type problems struct{ errs []error }

func (p *problems) add(key string, value any, why string) {
	p.errs = append(p.errs, fmt.Errorf("%s = %v: %s", key, value, why))
}

// notNegative refuses limits below 0, which stands for none.
func (p *problems) notNegative(key string, value int, none string) {
	if value < 0 {
		p.add(key, value, "must be 0 for "+none+", or more")
	}
}

// validate looks at everything, so that all that is wrong is told at once.
func (c *Config) validate() error {
	if c.Indexer.ReplicationDSN == "" {
		c.Indexer.ReplicationDSN = c.MySQL.DSN
	}
	var p problems
	for _, check := range []func(*problems){
		c.checkMySQL, c.checkRedis, c.checkElasticsearch, c.checkAddresses, c.checkLimits, c.checkIndexer, c.checkRankings, c.checkMeaning, c.checkAccounts, c.checkMail, c.checkLog,
	} {
		check(&p)
	}
	return errors.Join(p.errs...)
}

func (c *Config) checkMySQL(p *problems) {
	checkDSN(p, "mysql.dsn", c.MySQL.DSN)
	checkDSN(p, "indexer.replication_dsn", c.Indexer.ReplicationDSN)
	for _, a := range c.MySQL.Addresses {
		if _, err := url.Parse("mysql://" + a); err != nil || a == "" || strings.ContainsAny(a, "/@() \t\n") {
			p.add("mysql.addresses", strconv.Quote(a), "is not host:port")
		}
	}
}

func checkDSN(p *problems, key, value string) {
	// The parser's own error may quote the DSN, password and all.
	if parsed, err := mysql.ParseDSN(value); err != nil {
		p.add(key, "***", "is not user:password@tcp(host:port)/database")
	} else if parsed.DBName == "" {
		p.add(key, maskDSN(value), "names no database")
	}
}

func (c *Config) checkRedis(p *problems) {
	for _, a := range c.Redis.Addresses {
		if !validAddress(a) {
			p.add("redis.addresses", strconv.Quote(a), "is not host:port")
		}
	}
	if prefix := c.Redis.Prefix; prefix == "" || len(prefix) > 64 || strings.ContainsFunc(prefix, func(r rune) bool { return r <= ' ' || r > '~' || r == '{' || r == '}' }) {
		p.add("redis.prefix", strconv.Quote(prefix), "must be 1 to 64 visible ASCII characters other than { and }")
	}
	if _, err := reach.TLS(c.Redis.CA, ""); err != nil {
		p.add("redis.ca", c.Redis.CA, err.Error())
	}
	for key, value := range map[string]string{"redis.ca": c.Redis.CA, "redis.server_name": c.Redis.ServerName} {
		if value != "" && !c.Redis.TLS {
			p.add(key, value, "is for encrypted connections: set redis.tls to true as well")
		}
	}
}

func (c *Config) checkElasticsearch(p *problems) {
	if len(c.Elasticsearch.Addresses) == 0 {
		p.add("elasticsearch.addresses", "[]", "at least one is needed")
	}
	for _, a := range c.Elasticsearch.Addresses {
		if u, err := url.Parse(a); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			p.add("elasticsearch.addresses", maskURL(a), "is not http://host:port or https://host:port")
		}
	}
	if _, err := reach.TLS(c.Elasticsearch.CA, ""); err != nil {
		p.add("elasticsearch.ca", c.Elasticsearch.CA, err.Error())
	} else if encrypted := func(a string) bool { return strings.HasPrefix(a, "https://") }; c.Elasticsearch.CA != "" && !slices.ContainsFunc(c.Elasticsearch.Addresses, encrypted) {
		p.add("elasticsearch.ca", c.Elasticsearch.CA, "is for https://, and no address in elasticsearch.addresses begins so")
	}
	if !validPrefix(c.Elasticsearch.Prefix) {
		p.add("elasticsearch.prefix", c.Elasticsearch.Prefix, "must be 1 to 40 of a-z 0-9 _ and begin with a letter")
	}
	if c.Elasticsearch.Replicas < 0 || c.Elasticsearch.Replicas > 10 {
		p.add("elasticsearch.replicas", c.Elasticsearch.Replicas, "must be 0 to 10")
	}
	if c.Elasticsearch.Shards < 1 || c.Elasticsearch.Shards > 64 {
		p.add("elasticsearch.shards", c.Elasticsearch.Shards, "must be 1 to 64")
	}
}

// checkAddresses looks at who reaches the API where, and who is believed.
func (c *Config) checkAddresses(p *problems) {
	if u := c.API.PublicURL; u != "" && !validPublicURL(u) {
		p.add("api.public_url", strconv.Quote(maskURL(u)), "is not http://host or https://host, with or without port and path")
	}
	if !validAddress(c.API.Listen) {
		p.add("api.listen", c.API.Listen, "is not host:port")
	}
	if c.API.AdminListen != "" && !validAddress(c.API.AdminListen) {
		p.add("api.admin_listen", c.API.AdminListen, "is not host:port, nor empty for none")
	}
	for key, list := range map[string][]string{"api.operators": c.API.Operators, "api.trusted_proxies": c.API.TrustedProxy} {
		for _, s := range list {
			if _, err := netip.ParseAddr(s); err != nil {
				if _, err := netip.ParsePrefix(s); err != nil {
					p.add(key, s, "is neither an address nor a network")
				}
			}
		}
	}
	for _, host := range c.API.Hosts {
		if u, err := url.Parse("http://" + host); err != nil || host == "" || u.Host != host || u.User != nil {
			p.add("api.hosts", host, "is not a host or host:port")
		}
	}
	if contact := c.API.SecurityContact; contact != "" && !validContact(contact) {
		p.add("api.security_contact", strconv.Quote(contact), "is neither an e-mail address nor a URL that begins with https://")
	}
	if n := utf8.RuneCountInString(c.API.AdminPassword); n > 0 && n < minAdminPassword {
		p.add("api.admin_password", "***", fmt.Sprintf("has %d characters; at least %d are needed", n, minAdminPassword))
	}
}

// checkLimits looks at how much the API does for whom, and what it keeps.
func (c *Config) checkLimits(p *problems) {
	p.notNegative("api.connections", c.API.Connections, "any number")
	p.notNegative("api.address_connections", c.API.AddressConnections, "any number")
	p.notNegative("api.search_budget", c.API.SearchBudget, "none")
	p.notNegative("api.event_limit", c.API.EventLimit, "none")
	p.notNegative("api.network_visitors", c.API.NetworkVisitors, "any number")
	p.notNegative("api.network_events", c.API.NetworkEvents, "any number")
	p.notNegative("api.network_queries", c.API.NetworkQueries, "any number")
	p.notNegative("api.consultation_limit", c.API.ConsultationLimit, "none")
	if c.API.Drain < 0 || c.API.Drain > 10*time.Minute {
		p.add("api.drain", c.API.Drain, "must be 0 to 10m")
	}
	if c.API.SearchesAtOnce < 1 || c.API.SearchesAtOnce > 1000 {
		p.add("api.searches_at_once", c.API.SearchesAtOnce, "must be 1 to 1000")
	}
	if why := checkCache(c.API.CacheBytes); why != "" {
		p.add("api.cache_bytes", c.API.CacheBytes, why)
	}
	if kept := c.API.ConsultationsKept; kept != 0 && kept < 24*time.Hour {
		p.add("api.consultations_kept", kept, "must be 0 for ever, or 24h or more")
	}
}

func (c *Config) checkIndexer(p *problems) {
	if c.Indexer.ServerID == 0 {
		p.add("indexer.server_id", 0, "must be 1 to 4294967295 and unlike that of any other replica")
	}
	if c.Indexer.BatchSize < 1 || c.Indexer.BatchSize > 10_000 {
		p.add("indexer.batch_size", c.Indexer.BatchSize, "must be 1 to 10000")
	}
	if c.Indexer.Refresh < 50*time.Millisecond || c.Indexer.Refresh > time.Minute {
		p.add("indexer.refresh_interval", c.Indexer.Refresh, "must be 50ms to 1m")
	}
	if c.Indexer.Grace < 0 {
		p.add("indexer.grace", c.Indexer.Grace, "must not be negative")
	}
	if every := c.Indexer.ReconcileEvery; every != 0 && every < time.Minute {
		p.add("indexer.reconcile_every", every, "must be 0 for never, or 1m or more")
	}
	if c.Indexer.ReconcileRows < 1 || c.Indexer.ReconcileRows > 1_000_000 {
		p.add("indexer.reconcile_rows", c.Indexer.ReconcileRows, "must be 1 to 1000000 rows a second")
	}
	if every := c.Indexer.SumsEvery; every < 100*time.Millisecond || every > time.Minute {
		p.add("indexer.sums_every", every, "must be 100ms to 1m")
	}
	if every := c.Indexer.SentinelEvery; every != 0 && (every < time.Second || every > time.Minute) {
		p.add("indexer.sentinel_every", every, "must be 0 for never, or 1s to 1m")
	}
}

func (c *Config) checkRankings(p *problems) {
	for key, weight := range map[string]int64{
		"rankings.view_weight": c.Rankings.ViewWeight, "rankings.favorite_weight": c.Rankings.FavoriteWeight,
		"rankings.enrolment_weight": c.Rankings.EnrolmentWeight,
	} {
		if weight < 0 || weight > maxWeight {
			p.add(key, weight, fmt.Sprintf("must be a whole number from 0 to %d", maxWeight))
		}
	}
	if c.Rankings.ViewWeight <= 0 {
		p.add("rankings.view_weight", c.Rankings.ViewWeight, "must be at least 1: what has only been looked at would be in no ranking")
	}
	if c.Rankings.HalfLife < time.Hour || c.Rankings.HalfLife > 10*365*24*time.Hour {
		p.add("rankings.half_life", c.Rankings.HalfLife, "must be 1h to 87600h")
	}
}

func (c *Config) checkMeaning(p *problems) {
	if t := c.Meaning.Timeout; t < time.Millisecond || t > 2*time.Second {
		p.add("meaning.timeout", t, "must be 1ms to 2s")
	}
	if share := c.Meaning.Share; !(share >= 0.01 && share <= 1) {
		p.add("meaning.share", share, "must be 0.01 to 1 of a processor")
	}
}

func (c *Config) checkLog(p *problems) {
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		p.add("log.level", c.Log.Level, "must be debug, info, warn or error")
	}
	if !slices.Contains([]string{"text", "json"}, c.Log.Format) {
		p.add("log.format", c.Log.Format, "must be text or json")
	}
}

// validContact says whether security.txt can name a contact, which is one line of it.
func validContact(contact string) bool {
	if strings.ContainsFunc(contact, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	if u, err := url.Parse(contact); err == nil && u.Scheme == "https" {
		return u.Host != ""
	}
	address, err := mail.ParseAddress(contact)
	return err == nil && address.Address == contact
}

func validPrefix(p string) bool {
	if p == "" || len(p) > 40 || p[0] < 'a' || p[0] > 'z' {
		return false
	}
	return strings.Trim(p, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
