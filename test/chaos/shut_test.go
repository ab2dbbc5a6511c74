package chaos

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// readThroughFolders are the capabilities of which a server has one where the cache folder is
// closed to its user: DAC_OVERRIDE or DAC_READ_SEARCH.
const readThroughFolders = 1<<1 | 1<<2

// TestServersAreShutToOthers: servers that root starts run as somebody who may do next to
// nothing, and what is written down about them is for their owner alone.
func TestServersAreShutToOthers(t *testing.T) {
	v := ownServers(t)
	for _, role := range []string{"mysql", "elasticsearch", "redis"} {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.pid(role)))
		if err != nil {
			t.Fatal(err)
		}
		field := func(name string) string {
			_, rest, _ := strings.Cut(string(status), "\n"+name+":\t")
			value, _, _ := strings.Cut(rest, "\n")
			return strings.Fields(value + " -")[0]
		}
		may, err := strconv.ParseUint(field("CapEff"), 16, 64)
		if field("Uid") == "0" || err != nil || may&^readThroughFolders != 0 {
			t.Errorf("%s runs as user %s with capabilities %x (%v)", role, field("Uid"), may, err)
		}
	}
	for path, most := range map[string]fs.FileMode{
		"": 0o750, "data": 0o700, "logs": 0o700, "run": 0o700, "pids": 0o700,
		"secrets.env": 0o600, "test.env": 0o600, "xunke.yaml": 0o640, "data/redis.conf": 0o600, "data/elasticsearch-config/users": 0o600,
	} {
		info, err := os.Stat(filepath.Join(v.folder, path))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm()&^most != 0 {
			t.Errorf("%s is open to others: %v", path, info.Mode())
		}
	}
}
