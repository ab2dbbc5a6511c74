package redis

import (
	"context"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/reach"
)

// fullAt is the share of maxmemory from which on memory is short.
const fullAt = 0.8

// Examine looks at everything in Redis that rankings and the way of events rely on. It
// changes nothing. address is where an administrator's commands go.
func Examine(ctx context.Context, c *Client, address string) doctor.Findings {
	area := &doctor.Area{Name: "redis"}
	check := doctor.Check{
		Name: "version", Why: "without Redis rankings are read from Elasticsearch and views are counted late",
		Fix: "start Redis, or set redis.addresses (XUNKE_REDIS_ADDRESSES) to where it is",
	}
	over := ""
	if c.tls {
		over = ", over TLS"
	}
	if !c.IsConfigured() {
		area.Warn(check, "none is configured")
		return area.Findings
	}
	info, err := c.info(ctx)
	if err != nil {
		if hint := c.hintOf(err); hint != "" {
			check.Fix = hint
		}
		area.Fail(check, "%v", err)
		return area.Findings
	}
	area.Good(check, "%s%s", info["redis_version"], over)
	examineMemory(area, info, command(address))
	examinePersistence(area, info, command(address))
	if info["aof_enabled"] == "1" {
		examineFsync(ctx, area, c, command(address))
	}
	return area.Findings
}

// hintOf says what to do about the error of a call, empty where it does not tell.
func (c *Client) hintOf(err error) string {
	server := reach.Server{
		Name: "Redis", Address: "redis.addresses (XUNKE_REDIS_ADDRESSES)",
		CA:   "redis.ca (XUNKE_REDIS_CA) to the file of its authority, in PEM",
		Host: "redis.server_name (XUNKE_REDIS_SERVER_NAME) to a name that it has",
		TLS:  "redis.tls (XUNKE_REDIS_TLS) to true", Plain: "redis.tls (XUNKE_REDIS_TLS) to false",
		Encrypted: c.tls,
	}
	said := err.Error()
	switch {
	case strings.Contains(said, "WRONGPASS"):
		return "Redis refuses the password: set redis.username and redis.password (XUNKE_REDIS_USERNAME, XUNKE_REDIS_PASSWORD) to what its ACL has"
	case strings.Contains(said, "NOAUTH"):
		return "Redis wants a password: set redis.password (XUNKE_REDIS_PASSWORD), and redis.username where it has users"
	case strings.Contains(said, "NOPERM"):
		return "the user of redis.username may not do that: docs/OPERATIONS.md has the ACL that it needs, with commands and key patterns"
	default:
		return server.Hint(err)
	}
}

// command makes the commands that set something for now and for every start to come.
func command(address string) func(setting, value string) string {
	host, port := address, "6379"
	if at := strings.LastIndex(address, ":"); at >= 0 {
		host, port = address[:at], address[at+1:]
	}
	cli := "redis-cli -h " + host + " -p " + port + " "
	return func(setting, value string) string {
		return cli + "CONFIG SET " + setting + " " + value + " && " + cli + "CONFIG REWRITE"
	}
}

func examineMemory(area *doctor.Area, info map[string]string, set func(string, string) string) {
	policy := info["maxmemory_policy"]
	status := doctor.Failure
	if strings.HasPrefix(policy, "volatile-") {
		status = doctor.Warning
	}
	area.Judge(policy == "noeviction", status, doctor.Check{
		Name: "maxmemory-policy", Why: "a policy that evicts throws away boards and events without a word",
		Fix: set("maxmemory-policy", "noeviction"),
	}, "%s", policy)

	limit := number(info["maxmemory"])
	c := doctor.Check{
		Name: "memory", Why: "without a limit the machine runs out of memory; at the limit Redis refuses every write",
		Fix: set("maxmemory", "1gb"),
	}
	if limit == 0 {
		area.Warn(c, "%s used, no limit", info["used_memory_human"])
		return
	}
	area.Judge(number(info["used_memory"]) < limit*fullAt, doctor.Warning, c, "%s of %s used", info["used_memory_human"], info["maxmemory_human"])
}

func examinePersistence(area *doctor.Area, info map[string]string, set func(string, string) string) {
	area.Judge(info["aof_enabled"] == "1", doctor.Warning, doctor.Check{
		Name: "appendonly", Why: "what was acknowledged since the last snapshot is lost when Redis dies: views on their way to MySQL",
		Fix: set("appendonly", "yes"),
	}, "%s", map[string]string{"1": "yes", "0": "no"}[info["aof_enabled"]])
	writes := info["rdb_last_bgsave_status"] == "ok" && info["aof_last_write_status"] == "ok" && info["aof_last_bgrewrite_status"] == "ok"
	area.Judge(writes, doctor.Failure, doctor.Check{
		Name: "persistence", Why: "a Redis that cannot write to its disk soon refuses writes, or loses them at a restart",
		Fix: "free space on Redis's disk, then: redis-cli BGREWRITEAOF",
	}, "snapshot: %s, append-only file: %s, its rewrite: %s",
		info["rdb_last_bgsave_status"], info["aof_last_write_status"], info["aof_last_bgrewrite_status"])
}

// examineFsync tells what of the events that were accepted a sudden end of Redis may cost.
func examineFsync(ctx context.Context, area *doctor.Area, c *Client, set func(string, string) string) {
	var policy string
	err := c.Call(ctx, WorkerTimeout, "config", func(ctx context.Context, server goredis.UniversalClient) error {
		found, err := server.ConfigGet(ctx, "appendfsync").Result()
		policy = found["appendfsync"]
		return err
	})
	check := doctor.Check{
		Name: "appendfsync", Why: "views that were accepted are lost with the machine as long as they are not on the disk",
		Fix: set("appendfsync", "everysec"),
	}
	switch policy {
	case "always":
		area.Good(check, "always: nothing that was accepted is lost")
	case "everysec":
		area.Good(check, "everysec: up to two seconds of views may be lost with the machine; with always none, at the price of a write each")
	case "":
		check.Fix = "allow the user of redis.username CONFIG GET, or ask whoever runs Redis"
		area.Warn(check, "not known: %v", err)
	default:
		area.Warn(check, "%s", policy)
	}
}

// Memory is how much of its memory a Redis uses, from 0 to 1; 0 where it has no limit.
// Beyond fullAt little is left until it refuses every write. Errors: CodeUnavailable.
func (c *Client) Memory(ctx context.Context) (used float64, full bool, err error) {
	info, err := c.info(ctx)
	if err != nil {
		return 0, false, err
	}
	used, full = memoryOf(info)
	return used, full, nil
}

func memoryOf(info map[string]string) (used float64, full bool) {
	limit := number(info["maxmemory"])
	if limit == 0 {
		return 0, false
	}
	used = number(info["used_memory"]) / limit
	return used, used >= fullAt
}

// info reads what a server says of itself. Of a cluster it is one server's answer.
func (c *Client) info(ctx context.Context) (map[string]string, error) {
	info := map[string]string{}
	err := c.Call(ctx, WorkerTimeout, "info", func(ctx context.Context, server goredis.UniversalClient) error {
		text, err := server.Info(ctx).Result()
		for line := range strings.SplitSeq(text, "\n") {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				info[name] = value
			}
		}
		return err
	})
	return info, err
}

// Version is the server's version number.
func (c *Client) Version(ctx context.Context) (string, error) {
	info, err := c.info(ctx)
	return info["redis_version"], err
}

// number reads a figure of a server's answer, 0 where it is none.
func number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return n
}
