package mysql

import (
	"fmt"
	"strconv"
	"strings"
)

// Cardinality is the number of transactions in a GTID set, over all UUIDs.
func Cardinality(set string) (uint64, error) {
	var n uint64
	for part := range strings.SplitSeq(set, ",") {
		for i, interval := range strings.Split(strings.TrimSpace(part), ":") {
			if i == 0 || interval == "" {
				continue
			}
			first, last, ranged := strings.Cut(interval, "-")
			from, err := strconv.ParseUint(first, 10, 63)
			if err != nil {
				return 0, fmt.Errorf("read GTID set %q: %q is no interval (tagged GTIDs are not supported)", set, interval)
			}
			to := from
			if ranged {
				if to, err = strconv.ParseUint(last, 10, 63); err != nil || to < from {
					return 0, fmt.Errorf("read GTID set %q: %q is no interval", set, interval)
				}
			}
			n += to - from + 1
		}
	}
	return n, nil
}
