// Package doctor examines an Elasticsearch for whatever searching and indexing rely on.
package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/mappings"
)

// examination looks at one cluster.
type examination struct {
	doctor.Area
	c       *elastic.Client
	address string // for the commands that mend
	user    string // for the same; empty: nobody is asked who it is
	state   indexer.State
}

// Examine looks at everything in Elasticsearch that searching and indexing rely on. It
// changes nothing. address is where an administrator's commands go, and user who they come from:
// curl asks for the password.
func Examine(ctx context.Context, c *elastic.Client, address, user string, state indexer.State) doctor.Findings {
	e := &examination{Area: doctor.Area{Name: "elasticsearch"}, c: c, address: address, user: user, state: state}
	if !e.version(ctx) {
		return e.Findings
	}
	e.health(ctx)
	e.disks(ctx)
	e.autoCreate(ctx)
	for _, k := range catalog.Kinds() {
		e.kind(ctx, k)
	}
	return e.Findings
}

// curl is a command that sends a body.
func (e *examination) curl(method, path, body string) string {
	command := "curl -X " + method
	if e.user != "" {
		command += " --user '" + e.user + "'"
	}
	command += " '" + e.address + path + "'"
	if body != "" {
		command += " -H 'Content-Type: application/json' -d '" + body + "'"
	}
	return command
}

func (e *examination) version(ctx context.Context) bool {
	c := doctor.Check{Name: "version", Why: "mappings and queries are written for Elasticsearch 8", Fix: "run Elasticsearch 8.19 and set elasticsearch.addresses (XUNKE_ELASTICSEARCH_ADDRESSES)"}
	version, err := e.c.Version(ctx)
	if err != nil {
		c.Fix = cmp.Or(elastic.Hint(err), "look at Elasticsearch's own log, or set elasticsearch.addresses (XUNKE_ELASTICSEARCH_ADDRESSES) to where it is")
		e.Fail(c, "%v", err)
		return false
	}
	major, _, _ := strings.Cut(version, ".")
	number, _ := strconv.Atoi(major) // 0 where it is no number
	status := doctor.Failure
	if number > 8 {
		status = doctor.Warning
	}
	e.Judge(number == 8, status, c, "%s", version)
	return true
}

func (e *examination) health(ctx context.Context) {
	c := doctor.Check{
		Name: "cluster health", Why: "red: part of the documents cannot be searched; yellow: one more failure and they cannot",
		Fix: e.curl("GET", "/_cluster/allocation/explain?pretty", ""),
	}
	var health struct {
		Status string `json:"status"`
		Nodes  int    `json:"number_of_nodes"`
		Lost   int    `json:"unassigned_shards"`
	}
	path := "/_cluster/health/" + e.c.Prefix + "-*?expand_wildcards=open"
	if err := e.c.Do(ctx, "GET", path, nil, &health); err != nil {
		e.Unknown(c, err)
		return
	}
	status := doctor.Failure
	if health.Status == "yellow" {
		status = doctor.Warning
	}
	e.Judge(health.Status == "green", status, c, "%s, nodes: %d, unassigned shards: %d", health.Status, health.Nodes, health.Lost)
}

// autoCreate looks whether a write to an index that is gone would make a new one.
func (e *examination) autoCreate(ctx context.Context) {
	pattern := "-" + e.c.Prefix + "-*,+*"
	c := doctor.Check{
		Name: "automatic indices", Why: "an index that is made by a stray write has no mapping, and searches find nothing in it",
		Fix: e.curl("PUT", "/_cluster/settings", `{"persistent":{"action.auto_create_index":"`+pattern+`"}}`),
	}
	settings, err := e.settings(ctx)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	value := settings["action.auto_create_index"]
	e.Judge(!createsAutomatically(value, e.c.Alias(catalog.KindCourse)), doctor.Warning, c, "action.auto_create_index is %s", value)
}

// createsAutomatically says what the setting action.auto_create_index means for a name:
// the first pattern that matches decides, and no match means no.
func createsAutomatically(setting, name string) bool {
	if setting == "true" || setting == "false" || setting == "" {
		return setting != "false"
	}
	for pattern := range strings.SplitSeq(setting, ",") {
		pattern = strings.TrimSpace(pattern)
		allowed := !strings.HasPrefix(pattern, "-")
		if matches(strings.TrimLeft(pattern, "+-"), name) {
			return allowed
		}
	}
	return false
}

// matches says whether a name fits a pattern in which * stands for any text.
func matches(pattern, name string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	if !strings.HasPrefix(name, first) {
		return false
	}
	name = name[len(first):]
	for i := range len(name) + 1 {
		if matches(rest, name[i:]) {
			return true
		}
	}
	return false
}

// settings are the settings of the cluster in force: transient before persistent before
// those of the nodes' files and defaults.
func (e *examination) settings(ctx context.Context) (map[string]string, error) {
	var answer struct {
		Defaults, Persistent, Transient map[string]any
	}
	if err := e.c.Do(ctx, "GET", "/_cluster/settings?include_defaults=true&flat_settings=true", nil, &answer); err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	settings := map[string]string{}
	for _, from := range []map[string]any{answer.Defaults, answer.Persistent, answer.Transient} {
		for name, value := range from {
			settings[name] = fmt.Sprint(value)
		}
	}
	return settings, nil
}

// kind looks at the alias and the index of a kind.
func (e *examination) kind(ctx context.Context, k catalog.Kind) {
	c := doctor.Check{
		Name: "alias " + e.c.Alias(k), Why: "searches ask the alias, which must lead to the one index that is kept up to date",
		Fix: "xunke reindex --kind " + string(k),
	}
	indices, err := e.c.AliasOf(ctx, k)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	slices.Sort(indices)
	serving := e.state.Serving(k)
	swapping := e.state.Reindex != nil && e.state.Reindex.Phase == indexer.PhaseSwap // and the state follows the alias
	switch {
	case len(indices) == 0:
		c.Fix = "start the indexer, which builds it: xunke index"
		e.Fail(c, "there is none")
		return
	case len(indices) > 1:
		e.Fail(c, "leads to %s", strings.Join(indices, " and "))
		return
	case swapping && e.state.Generation(indices[0]) != nil:
		e.Good(c, "leads to %s, being swapped", indices[0])
	case serving == nil || serving.Index != indices[0]:
		e.Fail(c, "leads to %s, which the indexer does not serve", indices[0])
	default:
		e.Good(c, "leads to %s", indices[0])
	}
	e.index(ctx, k, indices[0])
}

// index looks at the mapping and the settings of a serving index.
func (e *examination) index(ctx context.Context, k catalog.Kind, index string) {
	c := doctor.Check{
		Name: "mapping of " + index, Why: "a field of a wrong type is found wrongly or not at all",
		Fix: "xunke reindex --kind " + string(k),
	}
	var found map[string]struct {
		Mappings struct {
			Dynamic json.RawMessage `json:"dynamic"`
			Meta    struct {
				Version int `json:"version"`
			} `json:"_meta"`
		} `json:"mappings"`
		Settings map[string]any `json:"settings"` // texts and lists of texts
	}
	if err := e.c.Do(ctx, "GET", "/"+index+"?flat_settings=true", nil, &found); err != nil {
		e.Unknown(c, err)
		return
	}
	want, err := mappings.Version(k)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	one := found[index]
	if string(one.Mappings.Dynamic) != `"strict"` {
		e.Fail(c, "dynamic is %s and should be strict", one.Mappings.Dynamic)
	} else {
		e.Judge(one.Mappings.Meta.Version == want, doctor.Warning, c, "strict, version %d; the program has %d", one.Mappings.Meta.Version, want)
	}
	blocks := doctor.Check{
		Name: "blocks of " + index, Why: "a blocked index takes no writes; Elasticsearch blocks indices itself when a disk is full",
		Fix: e.curl("PUT", "/"+index+"/_settings", `{"index.blocks.read_only_allow_delete":null,"index.blocks.read_only":null,"index.blocks.write":null}`),
	}
	var blocked []string
	for name, value := range one.Settings {
		if strings.HasPrefix(name, "index.blocks.") && fmt.Sprint(value) == "true" {
			blocked = append(blocked, name)
		}
	}
	slices.Sort(blocked)
	if len(blocked) > 0 {
		e.Fail(blocks, "%s", strings.Join(blocked, ", "))
	} else {
		e.Good(blocks, "none")
	}
	refresh := doctor.Check{
		Name: "refresh of " + index, Why: "without refreshes nothing that is written is found",
		Fix: e.curl("PUT", "/"+index+"/_settings", `{"index.refresh_interval":"500ms"}`),
	}
	interval := fmt.Sprint(one.Settings["index.refresh_interval"])
	e.Judge(interval != "-1", doctor.Failure, refresh, "%s", interval)
}
