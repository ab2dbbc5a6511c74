package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Limits of the pool. One process needs few connections: the catalogue is served from
// Elasticsearch and MySQL sees writes, snapshots and detail pages.
const (
	maxConns     = 32
	maxIdleConns = 8
	maxIdleTime  = 2 * time.Minute
	maxLifetime  = 30 * time.Minute
)

// Pool is the source of truth: the servers at which it may be, and connections to the one
// that takes writes.
type Pool struct {
	// Write is for whatever is written, and for reads that must see all that was committed:
	// those of the indexer, of verify and of imports.
	Write *sql.DB
	// Read is for what may be a moment old, such as the pages of items. It is Write as long
	// as nothing is read from replicas.
	Read *sql.DB

	servers *servers
}

func newPool(s *servers) *Pool {
	db := openPool(s)
	return &Pool{Write: db, Read: db, servers: s}
}

// openPool makes connections of a connector within the limits.
func openPool(connector driver.Connector) *sql.DB {
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxIdleConns)
	db.SetConnMaxIdleTime(maxIdleTime)
	db.SetConnMaxLifetime(maxLifetime)
	return db
}

// Database is the name of the database that is used, as the server spells it. With
// lower_case_table_names it may differ in case from what a DSN says.
func (p *Pool) Database(ctx context.Context) (name string, err error) {
	if err := p.Write.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&name); err != nil {
		return "", fmt.Errorf("ask for the name of the database: %w", err)
	}
	return name, nil
}

// Close closes all connections.
func (p *Pool) Close() error { return p.Write.Close() }

// Renew lets go of the connections that the pool has now: whoever needs one finds out anew
// where the source of truth is. Those in use end with what they are used for.
func (p *Pool) Renew() { p.servers.era.Add(1) }

// Member is what one of a pool's servers says of itself.
type Member struct {
	Address  string
	UUID     string // server_uuid; empty where Err is set
	Writable bool
	Err      error // why nothing is known
}

// Members asks every server that the pool may go to, in the order of the addresses, and
// waits no more than a second for those that are slower than one that takes writes. Those
// that are one server under two addresses are told of once.
func (p *Pool) Members(ctx context.Context) []Member {
	var members []Member
	known := map[string]bool{}
	for _, a := range p.servers.ask(ctx, time.Second) {
		m := Member{Address: a.address, Err: a.err}
		if a.session != nil {
			m.UUID, m.Writable = a.session.uuid, !a.session.readOnly
			_ = a.session.Close()
		}
		if m.UUID == "" || !known[m.UUID] {
			members = append(members, m)
		}
		known[m.UUID] = true
	}
	return members
}

// Replica is one of a pool's servers that takes no writes.
type Replica struct {
	Address string
	Values  []string // of the variables asked for
	Err     error    // why Values is empty
}

// Several says whether the source may be at more than one address.
func (p *Pool) Several() bool { return len(p.servers.members) > 1 }

// Replicas asks those of the pool's servers that answer and take no writes for the values of
// global variables.
func (p *Pool) Replicas(ctx context.Context, variables []string) []Replica {
	var replicas []Replica
	for _, a := range p.servers.ask(ctx, time.Second) {
		if a.err != nil {
			continue // Members tells of it
		}
		if a.session.readOnly {
			r := Replica{Address: a.address}
			r.Values, r.Err = a.session.row(ctx, "SELECT @@GLOBAL."+strings.Join(variables, ", @@GLOBAL."), len(variables))
			replicas = append(replicas, r)
		}
		_ = a.session.Close()
	}
	return replicas
}

// Address is the address of the server that the pool works with now.
func (p *Pool) Address(ctx context.Context) (address string, err error) {
	conn, err := p.Write.Conn(ctx)
	if err != nil {
		return "", fmt.Errorf("find the source: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	err = conn.Raw(func(c any) error {
		s, ok := c.(*session)
		if !ok {
			return fmt.Errorf("find the source: a %T has no address", c)
		}
		address = s.address
		return nil
	})
	return address, err
}
