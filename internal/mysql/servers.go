package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
)

// ErrNoneWritable says that servers answer, or none does, but no one takes writes: the
// source has gone and no replica has been promoted yet.
var ErrNoneWritable = errors.New("no MySQL server takes writes")

// electionGrace is how long a server that takes writes waits for the answers of those that
// have not spoken yet, one of which might take writes as well. Within a data centre an
// answer takes some milliseconds; a dead address costs each new connection this much.
const electionGrace = 300 * time.Millisecond

// servers is where the source of truth may be. It is a connector: every new connection
// asks all of them and goes to the one that takes writes, so that a promotion needs no
// word to anybody. A single address is taken as it is, read-only or not.
type servers struct {
	members []member
	era     atomic.Int64           // connections of an earlier era are not used again
	current atomic.Pointer[string] // server_uuid of the last one that was chosen
}

// member is one address.
type member struct {
	address string
	dial    driver.Connector
}

var (
	_ driver.Connector = (*servers)(nil)
	_ driver.Driver    = (*servers)(nil)
)

// newServers takes the address of cfg, or, where there are addresses, those instead.
func newServers(cfg *mysql.Config, addresses []string) (*servers, error) {
	s := &servers{}
	if len(addresses) == 0 {
		return s, s.add(cfg)
	}
	for _, address := range addresses {
		one := cfg.Clone()
		one.Net, one.Addr = "tcp", withPort(address)
		one.TLS = nil // made anew for the host, of what the DSN says
		if err := s.add(one); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *servers) add(cfg *mysql.Config) error {
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return fmt.Errorf("prepare connection to MySQL: %w", err)
	}
	s.members = append(s.members, member{address: cfg.Addr, dial: connector})
	return nil
}

func withPort(address string) string {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return net.JoinHostPort(address, "3306")
	}
	return address
}

// Driver implements driver.Connector.
func (s *servers) Driver() driver.Driver { return s }

// Open implements driver.Driver. Connections are made by Connect only.
func (s *servers) Open(string) (driver.Conn, error) {
	return nil, errors.New("open MySQL: connections are made by the pool that has the servers")
}

// Connect implements driver.Connector.
func (s *servers) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := s.find(ctx)
	if err != nil {
		return nil, err
	}
	// One that is another server than before ends the time of the old connections: some of
	// them may lead to the old source, which answers as if nothing had happened.
	uuid := c.uuid // a copy: the session reads its own anew each time that it is taken again
	if before := s.current.Swap(&uuid); before != nil && *before != uuid {
		s.era.Add(1)
	}
	c.era = s.era.Load()
	return c, nil
}

// find connects to the server that takes writes.
func (s *servers) find(ctx context.Context) (*session, error) {
	if len(s.members) == 1 {
		return s.connect(ctx, s.members[0])
	}
	var best *session
	var problems []string
	var refusal error
	for _, a := range s.ask(ctx, electionGrace) {
		switch {
		case a.err != nil:
			problems = append(problems, fmt.Sprintf("%s: %v", a.address, a.err))
			if _, answered := errors.AsType[*mysql.MySQLError](a.err); answered && refusal == nil {
				refusal = &memberError{a.address, a.err}
			}
		case a.session.readOnly:
			problems = append(problems, a.address+" is read-only")
			_ = a.session.Close()
		case best == nil:
			best = a.session
		default:
			best = a.session.elect(ctx, best)
		}
	}
	if best != nil {
		return best, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if refusal != nil {
		return nil, refusal
	}
	e := catalog.Unavailable("MySQL", fmt.Errorf("%w (%s)", ErrNoneWritable, strings.Join(problems, "; ")))
	e.Message = "none of the servers in mysql.addresses takes writes"
	e.Hint = "promote one: STOP REPLICA; RESET REPLICA ALL; SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF"
	return nil, e
}

// memberError is the answer of a server that refuses the connection, because of the user or
// the database: a promotion would not help.
type memberError struct {
	address string
	err     error
}

// Error implements error.
func (e *memberError) Error() string { return "MySQL at " + e.address + ": " + e.err.Error() }

// Unwrap returns the server's error.
func (e *memberError) Unwrap() error { return e.err }

// answer is what one address says.
type answer struct {
	address string
	session *session
	err     error
}

// ask connects to all members at once and returns their answers in the order of the
// addresses. Once one takes writes the others are waited for no longer than grace.
func (s *servers) ask(ctx context.Context, grace time.Duration) []answer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type numbered struct {
		answer
		at int
	}
	came := make(chan numbered)
	done := make(chan struct{})
	defer close(done)
	for i, m := range s.members {
		go func() {
			c, err := s.connect(ctx, m)
			select {
			case came <- numbered{answer{m.address, c, err}, i}:
			case <-done:
				if err == nil {
					_ = c.Close()
				}
			}
		}()
	}
	answers := make([]answer, len(s.members))
	for i, m := range s.members {
		answers[i] = answer{address: m.address, err: errors.New("does not answer")}
	}
	var enough <-chan time.Time
	for range s.members {
		select {
		case n := <-came:
			answers[n.at] = n.answer
			if enough == nil && n.err == nil && !n.session.readOnly {
				timer := time.NewTimer(grace)
				defer timer.Stop()
				enough = timer.C
			}
		case <-enough:
			return answers
		}
	}
	return answers
}

func (s *servers) connect(ctx context.Context, m member) (*session, error) {
	conn, err := m.dial.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(connection)
	if !ok {
		return nil, errors.Join(fmt.Errorf("connect to MySQL at %s: a %T lacks what the pool needs", m.address, conn), conn.Close())
	}
	c := &session{connection: full, of: s, address: m.address}
	if err := c.look(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// At is a DSN with another address, host:port.
func At(dsn, address string) (string, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return "", catalog.Invalidf("mysql.dsn", "is not user:password@tcp(host:port)/database")
	}
	if cfg.Net != "unix" {
		cfg.Addr = address
	}
	return cfg.FormatDSN(), nil
}
