package config

import "fmt"

// The bounds of api.cache_bytes: fewer keep hardly an answer.
const (
	leastCache = 1 << 20
	mostCache  = 64 << 30
)

// checkCache says what is wrong with api.cache_bytes; empty: nothing.
func checkCache(bytes int64) string {
	if bytes == 0 || bytes >= leastCache && bytes <= mostCache {
		return ""
	}
	return fmt.Sprintf("must be 0 for none, or %d to %d", leastCache, int64(mostCache))
}
