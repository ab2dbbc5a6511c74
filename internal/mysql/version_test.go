package mysql_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
)

// foreignServer answers for its version and refuses what our sessions set, as MariaDB and
// MySQL 5.7 do: they do not know the collation.
type foreignServer struct {
	server.EmptyHandler
	version string
}

// UseDB takes any database.
func (foreignServer) UseDB(string) error { return nil }

// HandleQuery answers SELECT VERSION() and takes what does not name the collation.
func (f foreignServer) HandleQuery(query string) (*gomysql.Result, error) {
	switch {
	case query == "SELECT VERSION()":
		r, err := gomysql.BuildSimpleTextResultset([]string{"VERSION()"}, [][]any{{f.version}})
		return gomysql.NewResult(r), err
	case strings.Contains(query, "utf8mb4_0900_bin"):
		return nil, gomysql.NewError(gomysql.ER_UNKNOWN_COLLATION, "Unknown collation: 'utf8mb4_0900_bin'")
	default:
		return nil, nil
	}
}

// listen serves connections until the test ends and returns the address.
func (f foreignServer) listen(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	conf := server.NewServer(f.version, gomysql.DEFAULT_COLLATION_ID, gomysql.AUTH_NATIVE_PASSWORD, nil, nil)
	go func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = raw.Close() }()
				conn, err := conf.NewConn(raw, "root", "", f)
				for err == nil {
					err = conn.HandleCommand()
				}
			}()
		}
	}()
	return l.Addr().String()
}

// TestForeignServersAreRefused opens servers that stumble over the session's settings
// before anybody has asked for their version: the version is the reason that is given.
func TestForeignServersAreRefused(t *testing.T) {
	for version, says := range map[string]string{
		"10.11.6-MariaDB-0+deb12u1": "the server is MariaDB (10.11.6-MariaDB-0+deb12u1)",
		"5.7.44-log":                "the server is MySQL 5.7.44-log",
	} {
		dsn := "root@tcp(" + foreignServer{version: version}.listen(t) + ")/xunke"
		for name, open := range map[string]func() error{
			"Open": func() error {
				_, err := mysql.Open(t.Context(), dsn)
				return err
			},
			"EnsureDatabase": func() error {
				_, err := mysql.EnsureDatabase(t.Context(), dsn)
				return err
			},
		} {
			err := open()
			e, refused := errors.AsType[*catalog.Error](err)
			if !refused || !strings.Contains(e.Message, says) || !strings.Contains(e.Hint, "run a MySQL 8.0 or 8.4") {
				t.Errorf("%s of %s: %v, want %q and what to run", name, version, err, says)
			}
		}
	}
}
