package ops

import (
	"maps"
	"slices"
)

// withoutServer is what visitors get while a server does not answer.
var withoutServer = map[string]string{
	"mysql":         "MySQL does not answer and is not asked: details come out of documents, events wait, nothing can be changed",
	"elasticsearch": "Elasticsearch does not answer and is not asked: searches and lists come out of MySQL, by names",
	"redis":         "Redis does not answer and is not asked: rankings come from Elasticsearch, events go to run_dir",
}

// BreakerWarnings tells which servers a process does not ask for now, since calls had no
// answer. open says so of each by its name.
func BreakerWarnings(open map[string]func() bool) []Warning {
	var all []Warning
	for _, server := range slices.Sorted(maps.Keys(open)) {
		if open[server]() {
			all = append(all, Warning{Component: server, Message: withoutServer[server], Hint: "it is looked for once a second; run: xunke doctor"})
		}
	}
	return all
}
