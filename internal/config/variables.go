package config

import (
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// emptyMeans are the settings of which an empty value says something, such as that there are
// no pages for admins: an empty variable takes the place of what the file says. Of all
// others it is as if the variable was not set.
var emptyMeans = []string{
	"mysql.addresses", "elasticsearch.username", "elasticsearch.password", "elasticsearch.api_key",
	"redis.addresses", "redis.username", "redis.password",
	"api.admin_listen", "api.operators", "api.hosts", "api.public_url", "api.cursor_secret", "api.admin_password",
	"api.security_contact", "api.trusted_proxies", "indexer.replication_dsn", "run_dir",
	"elasticsearch.ca", "redis.ca", "redis.server_name", "meaning.model",
	"accounts.pages_url", "mail.sender", "mail.host", "mail.from", "mail.ca", "mail.username", "mail.password",
}

// otherVariables are those of the scripts, and of this program beside its settings; one that
// ends with _ begins others.
var otherVariables = []string{
	"XUNKE_CONFIG", "XUNKE_IMPORT_PASSWORD", "XUNKE_TEST_", "XUNKE_CHAOS_", "XUNKE_CACHE", "XUNKE_ENGINE", "XUNKE_URL", "XUNKE_MAIN", "XUNKE_ES",
	"XUNKE_MYSQL_PORT", "XUNKE_ELASTICSEARCH_PORT", "XUNKE_REDIS_PORT", "XUNKE_ELASTICSEARCH_HEAP",
}

// variable is the environment variable of a setting.
func variable(key string) string {
	return "XUNKE_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// UnknownVariables are the names of those variables that begin with XUNKE_ and mean nothing:
// mistyped ones, and those that Kubernetes makes for a service called xunke.
func UnknownVariables() []string {
	known := map[string]bool{}
	for key := range defaults {
		known[variable(key)] = true
	}
	var unknown []string
	for _, each := range os.Environ() {
		name, _, _ := strings.Cut(each, "=")
		other := slices.ContainsFunc(otherVariables, func(o string) bool {
			return name == o || strings.HasSuffix(o, "_") && strings.HasPrefix(name, o)
		})
		if strings.HasPrefix(name, "XUNKE_") && !known[name] && !other {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// validAddress says whether a text is host:port with a number for a port; the host may be
// empty, for any address of this machine.
func validAddress(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, " /@\t\n") {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func validPublicURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// ImportPassword is the password of the database that xunke import mxonline reads, which no
// file of ours keeps; empty: none is set.
func ImportPassword() string { return os.Getenv("XUNKE_IMPORT_PASSWORD") }
