// Package config turns flags, environment, file and defaults into one validated value.
// It is loaded once; nothing else in the program reads the environment.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"github.com/xunke/xunke/catalog"
)

// Config is everything that can be set. The mapstructure tags are the names in the
// file; XUNKE_ and the upper-cased path with underscores is the environment variable.
type Config struct {
	MySQL         MySQL         `mapstructure:"mysql" json:"mysql"`
	Elasticsearch Elasticsearch `mapstructure:"elasticsearch" json:"elasticsearch"`
	Redis         Redis         `mapstructure:"redis" json:"redis"`
	API           API           `mapstructure:"api" json:"api"`
	Indexer       Indexer       `mapstructure:"indexer" json:"indexer"`
	Rankings      Rankings      `mapstructure:"rankings" json:"rankings"`
	Meaning       Meaning       `mapstructure:"meaning" json:"meaning"`
	Accounts      Accounts      `mapstructure:"accounts" json:"accounts"`
	Mail          Mail          `mapstructure:"mail" json:"mail"`
	Log           Log           `mapstructure:"log" json:"log"`
	RunDir        string        `mapstructure:"run_dir" json:"run_dir"` // pid files; empty: none are written

	File string `mapstructure:"-" json:"file"` // where it was read from; empty: no file
}

// MySQL is the source of truth.
type MySQL struct {
	DSN string `mapstructure:"dsn" json:"dsn"` // go-sql-driver form: user:password@tcp(host:port)/database
	// Addresses, host:port each, are those of the source and of the replicas that may be
	// promoted. They take the place of the address in both DSNs.
	Addresses []string `mapstructure:"addresses" json:"addresses"`
}

// Elasticsearch is where documents are searched.
type Elasticsearch struct {
	Addresses []string `mapstructure:"addresses" json:"addresses"`
	Username  string   `mapstructure:"username" json:"username"`
	Password  string   `mapstructure:"password" json:"password"`
	APIKey    string   `mapstructure:"api_key" json:"api_key"`
	CA        string   `mapstructure:"ca" json:"ca"`             // a file of authorities for https, in PEM; empty: those of the system
	Prefix    string   `mapstructure:"prefix" json:"prefix"`     // begins every index and alias name
	Replicas  int      `mapstructure:"replicas" json:"replicas"` // of a finished index
	Shards    int      `mapstructure:"shards" json:"shards"`
}

// Redis holds rankings and the event queue. Without addresses rankings come from
// Elasticsearch.
type Redis struct {
	Addresses []string `mapstructure:"addresses" json:"addresses"`
	Username  string   `mapstructure:"username" json:"username"`
	Password  string   `mapstructure:"password" json:"password"`
	TLS       bool     `mapstructure:"tls" json:"tls"`
	CA        string   `mapstructure:"ca" json:"ca"` // a file of authorities in PEM; empty: those of the system
	// ServerName is the name that the server's certificate must have; empty: the host of the address.
	ServerName string `mapstructure:"server_name" json:"server_name"`
	Prefix     string `mapstructure:"prefix" json:"prefix"`
}

// API is the HTTP side.
type API struct {
	Listen       string   `mapstructure:"listen" json:"listen"`
	Hosts        []string `mapstructure:"hosts" json:"hosts"`                 // that are answered for, beside that of public_url; empty: any
	AdminListen  string   `mapstructure:"admin_listen" json:"admin_listen"`   // of a second listener with metrics, all of readiness and profiles; empty: none
	Operators    []string `mapstructure:"operators" json:"operators"`         // addresses or networks that see metrics and all of readiness on listen
	PublicURL    string   `mapstructure:"public_url" json:"public_url"`       // how visitors reach it; empty: relative links
	CursorSecret string   `mapstructure:"cursor_secret" json:"cursor_secret"` // signs cursors; empty: made at start
	// SecurityContact is whom /.well-known/security.txt names; empty: there is no such file.
	SecurityContact string `mapstructure:"security_contact" json:"security_contact"`
	// AdminPassword opens the pages for admins; empty: there are none.
	AdminPassword string   `mapstructure:"admin_password" json:"admin_password"`
	TrustedProxy  []string `mapstructure:"trusted_proxies" json:"trusted_proxies"` // addresses or networks whose X-Forwarded-For counts

	Connections        int `mapstructure:"connections" json:"connections"`                 // that may be open at a time; 0: any number
	AddressConnections int `mapstructure:"address_connections" json:"address_connections"` // of those, from one address that is no trusted proxy; 0: any number

	Drain          time.Duration `mapstructure:"drain" json:"drain"`                       // how long requests are answered after the end was asked for, while readiness says no
	SearchesAtOnce int           `mapstructure:"searches_at_once" json:"searches_at_once"` // that a process asks Elasticsearch, and as many lists
	SearchBudget   int           `mapstructure:"search_budget" json:"search_budget"`       // what one network may spend a minute on searches dearer than ordinary ones; 0: anything

	CacheBytes int64 `mapstructure:"cache_bytes" json:"cache_bytes"` // memory that a process may use for answers that many ask for; 0: none is kept

	EventLimit        int           `mapstructure:"event_limit" json:"event_limit"`               // views and clicks that one address may report a minute; 0: any number
	NetworkVisitors   int           `mapstructure:"network_visitors" json:"network_visitors"`     // visitors of one item that count of one network (IPv4 /24, IPv6 /48) a day; 0: all
	NetworkEvents     int           `mapstructure:"network_events" json:"network_events"`         // views and clicks, and as many searches, that are looked at of one network a day; 0: all
	NetworkQueries    int           `mapstructure:"network_queries" json:"network_queries"`       // texts that nobody has searched for yet that are kept of one network a day; 0: all
	ConsultationLimit int           `mapstructure:"consultation_limit" json:"consultation_limit"` // consultations that one address may ask for an hour; 0: any number
	ConsultationsKept time.Duration `mapstructure:"consultations_kept" json:"consultations_kept"` // after which they are deleted, done or not; 0: never
}

// Indexer is the binlog side.
type Indexer struct {
	ReplicationDSN string        `mapstructure:"replication_dsn" json:"replication_dsn"` // a user with REPLICATION SLAVE; empty: mysql.dsn
	ServerID       uint32        `mapstructure:"server_id" json:"server_id"`             // unique among the replicas of the source
	BatchSize      int           `mapstructure:"batch_size" json:"batch_size"`           // documents a bulk request
	Refresh        time.Duration `mapstructure:"refresh_interval" json:"refresh_interval"`
	Grace          time.Duration `mapstructure:"grace" json:"grace"` // how long an old generation stays live after a swap

	ReconcileEvery  time.Duration `mapstructure:"reconcile_every" json:"reconcile_every"`   // from one comparison of documents and rows to the next; 0: never
	ReconcileRows   int           `mapstructure:"reconcile_rows" json:"reconcile_rows"`     // that a comparison reads a second
	ReconcileRepair bool          `mapstructure:"reconcile_repair" json:"reconcile_repair"` // whether it mends what differs

	SumsEvery     time.Duration `mapstructure:"sums_every" json:"sums_every"`         // from one reading of an org's or a teacher's figures to the next, at least
	SentinelEvery time.Duration `mapstructure:"sentinel_every" json:"sentinel_every"` // from one row that measures how fresh searches are to the next; 0: never
}

// Rankings says what an event is worth. Every process of an installation must have the
// same values; when they change the indexer makes all scores anew.
type Rankings struct {
	ViewWeight      int64         `mapstructure:"view_weight" json:"view_weight"`
	FavoriteWeight  int64         `mapstructure:"favorite_weight" json:"favorite_weight"`
	EnrolmentWeight int64         `mapstructure:"enrolment_weight" json:"enrolment_weight"`
	HalfLife        time.Duration `mapstructure:"half_life" json:"half_life"` // of points in the score of all time
}

// Scoring is the scoring that is configured.
func (r Rankings) Scoring() catalog.Scoring {
	return catalog.Scoring{View: r.ViewWeight, Favorite: r.FavoriteWeight, Enrolment: r.EnrolmentWeight, HalfLife: r.HalfLife}
}

// Meaning is what searches by meaning work with.
type Meaning struct {
	Model   string        `mapstructure:"model" json:"model"`     // the file of the model, which may come later; empty: searches go by words
	Timeout time.Duration `mapstructure:"timeout" json:"timeout"` // how long a search waits for its query's vector
	Share   float64       `mapstructure:"share" json:"share"`     // of one processor that the indexer spends on vectors
}

// Accounts are those of learners. They need mail.
type Accounts struct {
	SessionIdle  time.Duration `mapstructure:"session_idle" json:"session_idle"`     // after which a session that is not used has ended
	SessionMax   time.Duration `mapstructure:"session_max" json:"session_max"`       // after which a session has ended however much it is used
	HashesAtOnce int           `mapstructure:"hashes_at_once" json:"hashes_at_once"` // passwords that a process hashes at once, 19 MiB each
	MailLimit    int           `mapstructure:"mail_limit" json:"mail_limit"`         // mails that one network may ask for an hour; 0: any number
	PagesURL     string        `mapstructure:"pages_url" json:"pages_url"`           // where the pages /activate, /reset and /email are; empty: at the public URL, or without one mails have codes without links
}

// Mail says who sends mails and how.
type Mail struct {
	Sender   string `mapstructure:"sender" json:"sender"` // smtp, or inbox for development; empty: there are no mails, and no accounts
	Host     string `mapstructure:"host" json:"host"`
	Port     int    `mapstructure:"port" json:"port"`
	TLS      string `mapstructure:"tls" json:"tls"` // starttls, implicit, or none on this machine
	CA       string `mapstructure:"ca" json:"ca"`   // a file of authorities in PEM; empty: those of the system
	Username string `mapstructure:"username" json:"username"`
	Password string `mapstructure:"password" json:"password"`
	From     string `mapstructure:"from" json:"from"` // such as Xunke <no-reply@school.example>
}

// maxWeight keeps the points of a day that a million visitors come far below what a
// document holds of a day.
const maxWeight = 1000

// Log says how much is logged and in which form.
type Log struct {
	Level  string `mapstructure:"level" json:"level"`   // debug, info, warn, error
	Format string `mapstructure:"format" json:"format"` // text or json
}

// Every key needs a default: viper does not see a key that only the environment has.
var defaults = map[string]any{
	"mysql.dsn":                "xunke@tcp(127.0.0.1:13306)/xunke",
	"mysql.addresses":          []string{},
	"elasticsearch.addresses":  []string{"http://127.0.0.1:19200"},
	"elasticsearch.username":   "",
	"elasticsearch.password":   "",
	"elasticsearch.api_key":    "",
	"elasticsearch.ca":         "",
	"elasticsearch.prefix":     "xunke",
	"elasticsearch.replicas":   0,
	"elasticsearch.shards":     1,
	"redis.addresses":          []string{"127.0.0.1:16379"},
	"redis.username":           "",
	"redis.password":           "",
	"redis.tls":                false,
	"redis.ca":                 "",
	"redis.server_name":        "",
	"redis.prefix":             "xunke",
	"api.listen":               "127.0.0.1:8080",
	"api.admin_listen":         "",
	"api.operators":            []string{"127.0.0.0/8", "::1"},
	"api.hosts":                []string{},
	"api.public_url":           "",
	"api.cursor_secret":        "",
	"api.admin_password":       "",
	"api.security_contact":     "",
	"api.trusted_proxies":      []string{},
	"api.connections":          10_000,
	"api.address_connections":  1000,
	"api.drain":                time.Duration(0),
	"api.searches_at_once":     8,
	"api.search_budget":        600,
	"api.cache_bytes":          int64(32 << 20),
	"api.event_limit":          600,
	"api.network_visitors":     20,
	"api.network_events":       20_000,
	"api.network_queries":      500,
	"api.consultation_limit":   10,
	"api.consultations_kept":   180 * 24 * time.Hour,
	"indexer.replication_dsn":  "",
	"indexer.server_id":        uint32(5730),
	"indexer.batch_size":       1000,
	"indexer.refresh_interval": 500 * time.Millisecond,
	"indexer.grace":            time.Hour,
	"indexer.reconcile_every":  24 * time.Hour,
	"indexer.reconcile_rows":   500,
	"indexer.reconcile_repair": true,
	"indexer.sums_every":       2 * time.Second,
	"indexer.sentinel_every":   5 * time.Second,
	"meaning.model":            "",
	"meaning.timeout":          150 * time.Millisecond,
	"meaning.share":            0.5,
	"accounts.session_idle":    14 * 24 * time.Hour,
	"accounts.session_max":     60 * 24 * time.Hour,
	"accounts.hashes_at_once":  2,
	"accounts.mail_limit":      60,
	"accounts.pages_url":       "",
	"mail.sender":              "",
	"mail.host":                "",
	"mail.port":                587,
	"mail.tls":                 "starttls",
	"mail.ca":                  "",
	"mail.username":            "",
	"mail.password":            "",
	"mail.from":                "",
	"log.level":                "info",
	"log.format":               "text",
	"run_dir":                  "",

	"rankings.view_weight":      catalog.StandardScoring().View,
	"rankings.favorite_weight":  catalog.StandardScoring().Favorite,
	"rankings.enrolment_weight": catalog.StandardScoring().Enrolment,
	"rankings.half_life":        catalog.StandardScoring().HalfLife,
}

// Load reads the configuration. path is the file named by a flag, empty for the first
// that exists of SearchPath. The error names every key that is wrong with its value.
func Load(path string) (Config, error) {
	v := viper.New()
	for k, d := range defaults {
		v.SetDefault(k, d)
	}
	v.SetEnvPrefix("XUNKE")
	v.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	v.AutomaticEnv()

	if path == "" {
		path = os.Getenv("XUNKE_CONFIG")
	}
	if path == "" {
		path = firstFile(SearchPath())
	}
	if path != "" {
		v.SetConfigFile(path)
		if err := v.ReadInConfig(); err != nil {
			return Config{}, fmt.Errorf("read configuration %s: %w", path, err)
		}
		for _, k := range v.AllKeys() {
			if _, ok := defaults[k]; !ok {
				return Config{}, fmt.Errorf("read configuration %s: there is no setting %q (xunke config lists them)", path, k)
			}
		}
	}
	for _, k := range emptyMeans {
		if text, ok := os.LookupEnv(variable(k)); ok && text == "" {
			v.Set(k, "") // viper takes an empty variable for one that is not set
		}
	}
	var c Config
	hooks := viper.DecodeHook(mapstructure.ComposeDecodeHookFunc(
		mapstructure.StringToTimeDurationHookFunc(), mapstructure.StringToSliceHookFunc(",")))
	if err := v.Unmarshal(&c, hooks); err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	c.File = path
	return c, c.validate()
}

// SearchPath lists the files that Load looks for, first found first used. The last is
// what the local servers write when they start.
func SearchPath() []string {
	cfg, cache := os.Getenv("XDG_CONFIG_HOME"), os.Getenv("XDG_CACHE_HOME")
	if home, err := os.UserHomeDir(); err == nil {
		if cfg == "" {
			cfg = filepath.Join(home, ".config")
		}
		if cache == "" {
			cache = filepath.Join(home, ".cache")
		}
	}
	return []string{
		"xunke.yaml",
		filepath.Join(cfg, "xunke", "xunke.yaml"),
		"/etc/xunke/xunke.yaml",
		filepath.Join(cache, "xunke", "local", "xunke.yaml"),
	}
}

func firstFile(paths []string) string {
	for _, p := range paths {
		// A file that is there and may not be read is not passed over in silence.
		if _, err := os.Stat(p); err == nil || errors.Is(err, fs.ErrPermission) {
			return p
		}
	}
	return ""
}

// Settings is the configuration as the tree that a file would hold.
func (c Config) Settings() (map[string]any, error) {
	var tree map[string]any
	if err := mapstructure.Decode(c, &tree); err != nil {
		return nil, fmt.Errorf("list settings: %w", err)
	}
	return tree, nil
}
