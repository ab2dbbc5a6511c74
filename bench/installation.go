package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	driver "github.com/go-sql-driver/mysql"
	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/mysql"
)

// refresh is the refresh interval of the indices: the program's own default.
const refresh = 500 * time.Millisecond

// batchSize is the program's default, and that of the raw bulk requests too.
const batchSize = 1000

// installation is a Xunke of this run's own: a database, indices, Redis keys, a folder
// for logs and files, and the processes that have been started.
type installation struct {
	name      string
	dir       string
	binary    string
	env       []string
	redis     string
	root      *sql.DB // may create databases
	db        *sql.DB
	client    *elastic.Client
	processes []*process
	indexing  *process // the indexer
}

// install makes an installation without tables. The error says which setting is missing
// or which server is not on this machine.
func install(ctx context.Context, binary string) (_ *installation, err error) {
	token := make([]byte, 6)
	_, _ = rand.Read(token) // never fails: the program ends instead
	i := &installation{name: "xunke_bench_" + hex.EncodeToString(token), redis: os.Getenv("XUNKE_TEST_REDIS")}
	defer func() {
		if err != nil {
			err = errors.Join(err, i.remove())
		}
	}()
	server, address := os.Getenv("XUNKE_TEST_MYSQL_DSN"), os.Getenv("XUNKE_TEST_ELASTICSEARCH")
	if server == "" || address == "" || i.redis == "" {
		return nil, errors.New("XUNKE_TEST_MYSQL_DSN, XUNKE_TEST_ELASTICSEARCH and XUNKE_TEST_REDIS say where the servers are (make bench starts some and sets them)")
	}
	dsn, err := driver.ParseDSN(server)
	if err != nil {
		return nil, errors.New("XUNKE_TEST_MYSQL_DSN is not user:password@tcp(host:port)/")
	}
	elasticsearch, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("XUNKE_TEST_ELASTICSEARCH is not http://user:password@host:port")
	}
	for _, a := range []string{dsn.Addr, elasticsearch.Host, i.redis} {
		if err := onThisMachine(a); err != nil {
			return nil, err
		}
	}
	if i.dir, err = os.MkdirTemp("", "xunke-bench-"); err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	if i.root, err = sql.Open("mysql", server); err != nil {
		return nil, fmt.Errorf("open MySQL: %w", err)
	}
	if _, err = i.root.ExecContext(ctx, "CREATE DATABASE "+i.name); err != nil {
		return nil, fmt.Errorf("create a database: %w", err)
	}
	dsn.DBName = i.name
	pool, err := mysql.Open(ctx, dsn.FormatDSN())
	if err != nil {
		return nil, err
	}
	i.db = pool.Write
	options := elastic.Options{Addresses: []string{elastic.PlainAddress(address)}, Username: elasticsearch.User.Username(), Prefix: i.name}
	options.Password, _ = elasticsearch.User.Password()
	if i.client, err = elastic.Open(options); err != nil {
		return nil, err
	}
	serverID, err := rand.Int(rand.Reader, big.NewInt(1<<24))
	if err != nil {
		return nil, fmt.Errorf("choose a server id: %w", err)
	}
	nowhere := filepath.Join(i.dir, "nowhere")
	i.env = append(os.Environ(),
		"XUNKE_CONFIG=", "XDG_CACHE_HOME="+nowhere, "XDG_CONFIG_HOME="+nowhere, // no configuration is found
		"XUNKE_MYSQL_DSN="+dsn.FormatDSN(), "XUNKE_ELASTICSEARCH_ADDRESSES="+options.Addresses[0], "XUNKE_ELASTICSEARCH_PREFIX="+i.name,
		"XUNKE_ELASTICSEARCH_USERNAME="+options.Username, "XUNKE_ELASTICSEARCH_PASSWORD="+options.Password,
		"XUNKE_REDIS_ADDRESSES="+i.redis, "XUNKE_REDIS_PREFIX="+i.name, "XUNKE_RUN_DIR="+i.dir, "XUNKE_LOG_LEVEL=warn",
		"XUNKE_INDEXER_SERVER_ID="+strconv.FormatInt(1<<25+serverID.Int64(), 10),
		"XUNKE_INDEXER_REFRESH_INTERVAL="+refresh.String(), "XUNKE_INDEXER_BATCH_SIZE="+strconv.Itoa(batchSize))
	if i.binary, err = filepath.Abs(binary); binary == "" {
		i.binary = filepath.Join(i.dir, "xunke")
		say("building the program")
		var out []byte
		if out, err = exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", i.binary, "./cmd/xunke").CombinedOutput(); err != nil {
			err = fmt.Errorf("build the program: %w\n%s", err, out)
		}
	}
	return i, err
}

// onThisMachine refuses servers elsewhere: the load that is made here is not for them.
func onThisMachine(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("read address %s: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s is not on this machine, and only servers on it are measured", address)
	}
	return nil
}

// prepare fills the database and starts an indexer, and returns it once every course can
// be searched.
func (i *installation) prepare(ctx context.Context, courses int, r *report) (*process, error) {
	say("making a catalogue of %d courses", courses)
	if _, err := i.run(ctx, "migrate"); err != nil {
		return nil, err
	}
	began := time.Now()
	if _, err := i.run(ctx, "demo", "--courses", strconv.Itoa(courses), "--json"); err != nil {
		return nil, err
	}
	r.DemoSeconds = time.Since(began).Seconds()
	say("indexing it for the first time")
	began = time.Now()
	p, err := i.start(ctx, "index")
	if err != nil {
		return nil, err
	}
	states := index.NewStateStore(i.client)
	err = i.wait(ctx, p, func() (bool, error) {
		s, err := states.LoadState(ctx)
		if err != nil && !elastic.IsStatus(err, 503) && !isUnavailable(err) {
			return false, err
		}
		for _, k := range catalog.Kinds() {
			if s.Serving(k) == nil {
				return false, nil
			}
		}
		return true, nil
	})
	r.FirstSeconds = time.Since(began).Seconds()
	return p, err
}

// isUnavailable says whether an error may pass, such as that of an index that was made a
// moment ago.
func isUnavailable(err error) bool {
	e, ok := errors.AsType[*catalog.Error](err)
	return ok && e.Code == catalog.CodeUnavailable
}

// remove ends the processes and removes everything that the installation has made.
func (i *installation) remove() error {
	for _, p := range i.processes {
		p.kill()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	if i.client != nil {
		var indices map[string]any
		errs = append(errs, i.client.Do(ctx, "GET", "/"+i.name+"-*?expand_wildcards=all&filter_path=*.aliases", nil, &indices))
		for name := range indices {
			errs = append(errs, i.client.Do(ctx, "DELETE", "/"+name, nil, nil))
		}
		i.client.Close()
	}
	if i.db != nil {
		errs = append(errs, i.db.Close())
	}
	if i.root != nil {
		_, err := i.root.ExecContext(ctx, "DROP DATABASE IF EXISTS "+i.name)
		errs = append(errs, err, i.root.Close())
	}
	if i.redis != "" {
		errs = append(errs, forgetKeys(ctx, i.redis, i.name))
	}
	if i.dir != "" {
		errs = append(errs, os.RemoveAll(i.dir))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove what was made: %w", err)
	}
	return nil
}

func forgetKeys(ctx context.Context, address, prefix string) error {
	client := goredis.NewClient(&goredis.Options{Addr: address})
	keys := client.Scan(ctx, 0, "*"+prefix+"*", 1000).Iterator()
	for keys.Next(ctx) {
		client.Unlink(ctx, keys.Val())
	}
	return errors.Join(keys.Err(), client.Close())
}
