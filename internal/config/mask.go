package config

import (
	"net/url"
	"slices"

	"github.com/go-sql-driver/mysql"
)

// Mask returns the configuration as it may be shown: secrets are replaced by ***.
func (c Config) Mask() Config {
	c.MySQL.DSN = maskDSN(c.MySQL.DSN)
	c.Indexer.ReplicationDSN = maskDSN(c.Indexer.ReplicationDSN)
	c.Elasticsearch.Addresses = slices.Clone(c.Elasticsearch.Addresses)
	for i, a := range c.Elasticsearch.Addresses {
		c.Elasticsearch.Addresses[i] = maskURL(a)
	}
	for _, s := range []*string{&c.Elasticsearch.Password, &c.Elasticsearch.APIKey, &c.Redis.Password, &c.API.CursorSecret, &c.API.AdminPassword, &c.Mail.Password} {
		if *s != "" {
			*s = "***"
		}
	}
	return c
}

func maskDSN(dsn string) string {
	parsed, err := mysql.ParseDSN(dsn)
	if err != nil {
		return "***"
	}
	if parsed.Passwd != "" {
		parsed.Passwd = "***"
	}
	return parsed.FormatDSN()
}

func maskURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "***"
	}
	if u.User != nil {
		if _, has := u.User.Password(); has {
			u.User = url.UserPassword(u.User.Username(), "***")
		}
	}
	return u.String()
}
