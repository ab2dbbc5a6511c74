package catalog

import "time"

// Day is the UTC day of a time, as the daily counts have it.
func Day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
