package redis

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/testenv"
)

func TestExamine(t *testing.T) {
	c := testenv.Config(t)
	log := slog.New(slog.DiscardHandler)
	client := Open(Options(c.Redis), log)
	t.Cleanup(func() { _ = client.Close() })
	findings := Examine(t.Context(), client, c.Redis.Addresses[0])
	for _, f := range findings {
		// Whether the server of the tests has an append-only file or a limit is its own affair.
		if f.Status == doctor.Failure || f.Area != "redis" || f.Why == "" || f.Found == "" {
			t.Errorf("%+v", f)
		}
	}
	if last := findings[len(findings)-1]; len(findings) != 6 || last.Check != "appendfsync" || !strings.Contains(last.Found, "lost") {
		t.Errorf("%d findings: %+v", len(findings), findings)
	}
	away := Open(Options{Addresses: []string{"127.0.0.1:1"}}, log)
	t.Cleanup(func() { _ = away.Close() })
	if findings := Examine(t.Context(), away, "127.0.0.1:1"); len(findings) != 1 || findings.Worst() != doctor.Failure {
		t.Errorf("a server that is down: %+v", findings)
	}
	if findings := Examine(t.Context(), Open(Options{}, log), ""); len(findings) != 1 || findings.Worst() != doctor.Warning {
		t.Errorf("no server: %+v", findings)
	}
}

func TestExamineInfo(t *testing.T) {
	good := map[string]string{
		"maxmemory_policy": "noeviction", "maxmemory": "1000", "used_memory": "100", "aof_enabled": "1",
		"rdb_last_bgsave_status": "ok", "aof_last_write_status": "ok", "aof_last_bgrewrite_status": "ok",
	}
	for _, c := range []struct {
		key, value, check string
		status            doctor.Status
		fix               string
	}{
		{"maxmemory_policy", "allkeys-lru", "maxmemory-policy", doctor.Failure, "redis-cli -h r -p 7 CONFIG SET maxmemory-policy noeviction"},
		{"maxmemory_policy", "volatile-ttl", "maxmemory-policy", doctor.Warning, ""},
		{"maxmemory", "0", "memory", doctor.Warning, "CONFIG SET maxmemory"},
		{"used_memory", "801", "memory", doctor.Warning, ""},
		{"aof_enabled", "0", "appendonly", doctor.Warning, "CONFIG SET appendonly yes"},
		{"aof_last_write_status", "err", "persistence", doctor.Failure, ""},
	} {
		info := map[string]string{c.key: c.value}
		for k, v := range good {
			if k != c.key {
				info[k] = v
			}
		}
		area := &doctor.Area{}
		examineMemory(area, info, command("r:7"))
		examinePersistence(area, info, command("r:7"))
		for _, f := range area.Findings {
			if want := f.Check == c.check; want != (f.Status != doctor.OK) || (want && (f.Status != c.status || !strings.Contains(f.Fix, c.fix))) {
				t.Errorf("%s = %s: %+v", c.key, c.value, f)
			}
		}
	}
}

func TestMemoryThatIsNearlyFull(t *testing.T) {
	for used, want := range map[string]bool{"799": false, "800": true, "1000": true} {
		if share, full := memoryOf(map[string]string{"maxmemory": "1000", "used_memory": used}); full != want || share <= 0 {
			t.Errorf("%s of 1000: %g, full: %t", used, share, full)
		}
	}
	if share, full := memoryOf(map[string]string{"maxmemory": "0", "used_memory": "1000"}); full || share != 0 {
		t.Errorf("without a limit: %g, full: %t", share, full)
	}
}
