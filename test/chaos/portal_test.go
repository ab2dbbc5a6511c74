package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/xunke/xunke/test/harness"
)

// portal is the place of an API. Processes come and go in it; its ways to MySQL and Redis,
// and the folder in which events wait that Redis did not take, stay.
type portal struct {
	site *site
	name string
	dir  string // run_dir

	mysql, redis *wire

	mu      sync.Mutex
	process *harness.Process
	base    string // where it answers
	starts  int
}

func (s *site) newPortal(name string) *portal {
	s.T.Helper()
	return &portal{
		site: s, name: name, dir: s.T.TempDir(),
		mysql: newWire(s.T, name+" to MySQL", s.address()),
		redis: newWire(s.T, name+" to Redis", s.Config.Redis.Addresses[0]),
	}
}

// start starts an API in the portal, unless one runs there, and waits until it listens.
func (p *portal) start() {
	p.site.T.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process != nil && !p.process.HasEnded() {
		return
	}
	p.starts++
	p.process = p.site.Start(fmt.Sprintf("%s, run %d", p.name, p.starts), []string{
		"MYSQL_DSN", p.site.through(p.mysql),
		"REDIS_ADDRESSES", p.redis.address(),
		"RUN_DIR", p.dir,
		// Visitors are told apart alike by all, and by the address that they say they have.
		"API_CURSOR_SECRET", "0123456789abcdef0123456789abcdef",
		"API_TRUSTED_PROXIES", "127.0.0.1",
	}, "serve")
	p.base = "http://" + p.process.Address()
}

// kill kills the portal's process, if one runs.
func (p *portal) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process != nil {
		p.process.Kill()
	}
}

// url is where the portal answers, or did when it last ran.
func (p *portal) url() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.base
}

// spillSize is how many bytes of events wait in the portal's folder.
func (p *portal) spillSize() (bytes int64) {
	p.site.T.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "events", "events.*"))
	if err != nil {
		p.site.T.Fatal(err)
	}
	for _, name := range files {
		if info, err := os.Stat(name); err == nil { // it may be renamed meanwhile
			bytes += info.Size()
		}
	}
	return bytes
}
