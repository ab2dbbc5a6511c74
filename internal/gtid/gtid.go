// Package gtid has sets of MySQL's global transaction identifiers: how far a server's
// history has come, and what one history has that another lacks.
package gtid

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/google/uuid"
)

// Set is a set of GTIDs. Copies share their content; use Clone to keep one.
type Set struct{ set mysql.MysqlGTIDSet }

// NewSet makes an empty set.
func NewSet() Set { return Set{set: mysql.NewMysqlGTIDSet()} }

// Parse reads a set as MySQL writes it: uuid:1-5:7,uuid:1-3. An empty text is an empty set.
func Parse(text string) (Set, error) {
	text = strings.Join(strings.Fields(text), "")
	parsed, err := mysql.ParseMysqlGTIDSet(text)
	if err != nil {
		return Set{}, fmt.Errorf("read GTID set %q: %w", text, err)
	}
	set, ok := parsed.(*mysql.MysqlGTIDSet)
	if !ok {
		return Set{}, fmt.Errorf("read GTID set %q: it is not MySQL's", text)
	}
	return Set{set: *set}, nil
}

// Count is the number of transactions in a set as MySQL writes it. A set with tagged GTIDs
// (MySQL 8.4) is an error: versions of documents count plain ones only.
func Count(text string) (uint64, error) {
	s, err := Parse(text)
	if err != nil {
		return 0, err
	}
	for _, tags := range s.set {
		for tag := range tags {
			if tag != (mysql.Tag{}) {
				return 0, fmt.Errorf("count transactions of GTID set %q: tagged GTIDs are not supported", text)
			}
		}
	}
	return s.Count(), nil
}

// Add adds the transaction of a number that a server gave.
func (s Set) Add(server uuid.UUID, number int64) { s.set.AddGTID(server, number) }

// AddAll adds every GTID of another set.
func (s Set) AddAll(other Set) {
	for id, tags := range other.set {
		for tag, intervals := range tags {
			s.put(id, tag, append(s.set[id][tag], intervals...).Normalize())
		}
	}
}

// Intersect is what is in both sets.
func (s Set) Intersect(other Set) Set {
	both := NewSet()
	for id, tags := range s.set {
		for tag, intervals := range tags {
			var common mysql.IntervalSlice
			for _, a := range intervals {
				for _, b := range other.set[id][tag] {
					if from, to := max(a.Start, b.Start), min(a.Stop, b.Stop); from < to {
						common = append(common, mysql.Interval{Start: from, Stop: to})
					}
				}
			}
			if len(common) == 0 {
				continue
			}
			both.put(id, tag, common.Normalize())
		}
	}
	return both
}

// Subtract is a copy that lacks every GTID of another set.
func (s Set) Subtract(other Set) Set {
	rest := NewSet()
	for id, tags := range s.set {
		for tag, intervals := range tags {
			if kept := subtract(intervals, other.set[id][tag]); len(kept) > 0 {
				rest.put(id, tag, kept)
			}
		}
	}
	return rest
}

// subtract is what of some intervals is in none of the others. Both ascend.
func subtract(intervals, others mysql.IntervalSlice) (kept mysql.IntervalSlice) {
	for _, i := range intervals {
		for _, o := range others {
			if o.Stop <= i.Start || o.Start >= i.Stop {
				continue
			}
			if i.Start < o.Start {
				kept = append(kept, mysql.Interval{Start: i.Start, Stop: o.Start})
			}
			i.Start = min(o.Stop, i.Stop)
		}
		if i.Start < i.Stop {
			kept = append(kept, i)
		}
	}
	return kept
}

// Newest is the last n transactions that one server gave their numbers, those without a tag.
func (s Set) Newest(server uuid.UUID, n int64) Set {
	last := NewSet()
	intervals := s.set[server][mysql.Tag{}]
	var kept mysql.IntervalSlice
	for at := len(intervals) - 1; at >= 0 && n > 0; at-- {
		i := intervals[at]
		i.Start = max(i.Start, i.Stop-n)
		n -= i.Stop - i.Start
		kept = append(kept, i)
	}
	if len(kept) > 0 {
		slices.Reverse(kept)
		last.put(server, mysql.Tag{}, kept)
	}
	return last
}

func (s Set) put(server uuid.UUID, tag mysql.Tag, intervals mysql.IntervalSlice) {
	if s.set[server] == nil {
		s.set[server] = map[mysql.Tag]mysql.IntervalSlice{}
	}
	s.set[server][tag] = intervals
}

// Without is a copy that lacks one transaction.
func (s Set) Without(server uuid.UUID, number int64) Set {
	one := NewSet()
	one.Add(server, number)
	return s.Subtract(one)
}

// Clone is a copy that shares nothing with the set.
func (s Set) Clone() Set {
	c := NewSet()
	c.AddAll(s)
	return c
}

// Contains says whether every GTID of another set is in this one.
func (s Set) Contains(other Set) bool { return s.set.Contain(&other.set) }

// Has says whether a transaction is in the set.
func (s Set) Has(server uuid.UUID, number int64) bool {
	one := NewSet()
	one.Add(server, number)
	return s.Contains(one)
}

// IsEmpty says whether there is no GTID in the set.
func (s Set) IsEmpty() bool { return s.set.IsEmpty() }

// Servers are those that gave the set's transactions their numbers, in no order.
func (s Set) Servers() []uuid.UUID {
	servers := make([]uuid.UUID, 0, len(s.set))
	for id := range s.set {
		servers = append(servers, id)
	}
	return servers
}

// Count is the number of transactions in the set: how far a history has come.
func (s Set) Count() uint64 {
	var n int64
	for _, tags := range s.set {
		for _, intervals := range tags {
			for _, i := range intervals {
				n += i.Stop - i.Start
			}
		}
	}
	return uint64(n)
}

// String is the set as MySQL writes it.
func (s Set) String() string { return s.set.String() }

// Replication is a copy of the set as the client of the replication protocol takes it.
func (s Set) Replication() mysql.GTIDSet {
	c := s.Clone()
	return &c.set
}
