package elastic

import "net/url"

// PlainAddress is an address without the password that it may hold.
func PlainAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "http://127.0.0.1:9200"
	}
	u.User = nil
	return u.String()
}
