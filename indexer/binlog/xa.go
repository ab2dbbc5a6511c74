package binlog

import (
	"slices"
	"strings"
)

// The rows of an XA transaction are on the binlog when it is prepared, with a GTID of their
// own, and become visible when it is committed, with another one: whenever that is. Its keys
// are read at both, since one that is committed in one phase looks on the stream like one
// that is only prepared.

// preparedKeys bounds the keys that are held, and preparedTransactions the transactions. The end of
// one that is not held any more makes everything dirty, as does that of one that was prepared
// before the stream began.
const (
	preparedKeys         = 100_000
	preparedTransactions = 10_000
)

// prepared holds the keys of XA transactions that have not come to their end, by xid as
// MySQL writes it. Those that were committed in one phase never come to one.
type prepared struct {
	of    map[string]Keys
	order []string // as they were prepared
	held  int      // keys of all
}

// hold keeps the keys of a transaction that has been prepared, and lets go of the oldest
// where there is no room for all.
func (p *prepared) hold(xid string, keys Keys) {
	p.release(xid) // a name may be used again
	if p.of == nil {
		p.of = map[string]Keys{}
	}
	p.of[xid] = keys
	p.order = append(p.order, xid)
	p.held += keys.Len()
	for p.held > preparedKeys || len(p.order) > preparedTransactions {
		p.release(p.order[0])
	}
}

// release returns the keys of a transaction that is at its end, and whether they were held.
func (p *prepared) release(xid string) (Keys, bool) {
	keys, ok := p.of[xid]
	if ok {
		delete(p.of, xid)
		p.order = slices.DeleteFunc(p.order, func(held string) bool { return held == xid })
		p.held -= keys.Len()
	}
	return keys, ok
}

// onXA takes a statement of an XA transaction: XA START and XA END stand around its rows,
// XA COMMIT or XA ROLLBACK is all that there is in a transaction of its own.
func (h *Handler) onXA(query string) error {
	tokens := strings.Fields(query)
	if len(tokens) < 3 {
		return nil
	}
	xid := tokens[2]
	switch strings.ToLower(tokens[1]) {
	case "start", "begin":
		h.xid = xid
		return nil
	case "end":
		// Only XA PREPARE follows, of which canal says nothing.
		h.prepared.hold(xid, h.keys.clone())
	case "commit":
		keys, held := h.prepared.release(xid)
		h.keys.Merge(keys)
		if !held {
			h.keys.everything()
		}
	case "rollback":
		h.prepared.release(xid)
	default:
		return nil
	}
	return h.seal()
}
