package indexer

import (
	"fmt"
	"slices"
	"strings"

	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/google/uuid"

	"github.com/xunke/xunke/indexer/binlog"
)

// gtidSet is a set of MySQL GTIDs. Copies share their content; use clone to keep one.
type gtidSet struct{ set gomysql.MysqlGTIDSet }

func emptyGTIDSet() gtidSet { return gtidSet{set: gomysql.NewMysqlGTIDSet()} }

func parseGTIDSet(text string) (gtidSet, error) {
	text = strings.Join(strings.Fields(text), "")
	parsed, err := gomysql.ParseMysqlGTIDSet(text)
	if err != nil {
		return gtidSet{}, fmt.Errorf("read GTID set %q: %w", text, err)
	}
	set, ok := parsed.(*gomysql.MysqlGTIDSet)
	if !ok {
		return gtidSet{}, fmt.Errorf("read GTID set %q: it is not MySQL's", text)
	}
	return gtidSet{set: *set}, nil
}

func (g gtidSet) add(id binlog.GTID) { g.set.AddGTID(id.UUID, id.Number) }

// addAll adds every GTID of another set.
func (g gtidSet) addAll(other gtidSet) {
	for id, tags := range other.set {
		for tag, intervals := range tags {
			g.put(id, tag, append(g.set[id][tag], intervals...).Normalize())
		}
	}
}

// and is what is in both sets.
func (g gtidSet) and(other gtidSet) gtidSet {
	both := emptyGTIDSet()
	for id, tags := range g.set {
		for tag, intervals := range tags {
			var common gomysql.IntervalSlice
			for _, a := range intervals {
				for _, b := range other.set[id][tag] {
					if from, to := max(a.Start, b.Start), min(a.Stop, b.Stop); from < to {
						common = append(common, gomysql.Interval{Start: from, Stop: to})
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

// minus is how many transactions of a set another one lacks.
func (g gtidSet) minus(other gtidSet) uint64 { return g.cardinality() - g.and(other).cardinality() }

// subtract is a copy that lacks every GTID of another set.
func (g gtidSet) subtract(other gtidSet) gtidSet {
	rest := emptyGTIDSet()
	for id, tags := range g.set {
		for tag, intervals := range tags {
			if kept := lacking(intervals, other.set[id][tag]); len(kept) > 0 {
				rest.put(id, tag, kept)
			}
		}
	}
	return rest
}

// lacking is what of some intervals is in none of the others. Both ascend.
func lacking(intervals, others gomysql.IntervalSlice) (kept gomysql.IntervalSlice) {
	for _, i := range intervals {
		for _, o := range others {
			if o.Stop <= i.Start || o.Start >= i.Stop {
				continue
			}
			if i.Start < o.Start {
				kept = append(kept, gomysql.Interval{Start: i.Start, Stop: o.Start})
			}
			i.Start = min(o.Stop, i.Stop)
		}
		if i.Start < i.Stop {
			kept = append(kept, i)
		}
	}
	return kept
}

// newest is the last n transactions that one server gave their numbers, those without a tag.
func (g gtidSet) newest(server uuid.UUID, n int64) gtidSet {
	last := emptyGTIDSet()
	intervals := g.set[server][gomysql.Tag{}]
	var kept gomysql.IntervalSlice
	for at := len(intervals) - 1; at >= 0 && n > 0; at-- {
		i := intervals[at]
		i.Start = max(i.Start, i.Stop-n)
		n -= i.Stop - i.Start
		kept = append(kept, i)
	}
	if len(kept) > 0 {
		slices.Reverse(kept)
		last.put(server, gomysql.Tag{}, kept)
	}
	return last
}

func (g gtidSet) put(server uuid.UUID, tag gomysql.Tag, intervals gomysql.IntervalSlice) {
	if g.set[server] == nil {
		g.set[server] = map[gomysql.Tag]gomysql.IntervalSlice{}
	}
	g.set[server][tag] = intervals
}

// without is a copy that lacks one GTID.
func (g gtidSet) without(id binlog.GTID) gtidSet {
	c := g.clone()
	var kept gomysql.IntervalSlice
	for _, i := range c.set[id.UUID][gomysql.Tag{}] {
		if id.Number < i.Start || id.Number >= i.Stop {
			kept = append(kept, i)
			continue
		}
		if i.Start < id.Number {
			kept = append(kept, gomysql.Interval{Start: i.Start, Stop: id.Number})
		}
		if id.Number+1 < i.Stop {
			kept = append(kept, gomysql.Interval{Start: id.Number + 1, Stop: i.Stop})
		}
	}
	if len(kept) > 0 {
		c.set[id.UUID][gomysql.Tag{}] = kept
	} else {
		delete(c.set, id.UUID)
	}
	return c
}

func (g gtidSet) clone() gtidSet {
	c, ok := g.set.Clone().(*gomysql.MysqlGTIDSet)
	if !ok {
		return emptyGTIDSet()
	}
	return gtidSet{set: *c}
}

func (g gtidSet) contains(other gtidSet) bool { return g.set.Contain(&other.set) }

func (g gtidSet) has(id binlog.GTID) bool {
	one := emptyGTIDSet()
	one.add(id)
	return g.contains(one)
}

func (g gtidSet) empty() bool { return g.set.IsEmpty() }

// cardinality is the number of transactions in the set: how far a history has come.
func (g gtidSet) cardinality() uint64 {
	var n int64
	for _, tags := range g.set {
		for _, intervals := range tags {
			for _, i := range intervals {
				n += i.Stop - i.Start
			}
		}
	}
	return uint64(n)
}

func (g gtidSet) String() string { return g.set.String() }

func (m *Mark) gtid() (binlog.GTID, error) {
	id, err := uuid.Parse(m.UUID)
	if err != nil {
		return binlog.GTID{}, fmt.Errorf("read last transaction of the state: %w", err)
	}
	return binlog.GTID{UUID: id, Number: m.Number, Committed: m.Committed}, nil
}

func markOf(g binlog.GTID) *Mark {
	return &Mark{UUID: g.UUID.String(), Number: g.Number, Committed: g.Committed}
}
