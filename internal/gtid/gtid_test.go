package gtid_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/xunke/xunke/internal/gtid"
)

const serverA = "6526ad6a-e714-11f1-8848-02fc00000001"

var server = uuid.MustParse(serverA)

func TestSets(t *testing.T) {
	set, err := gtid.Parse(serverA + ":1-3:5-9,\n11111111-1111-1111-1111-111111111111:1-10")
	if err != nil {
		t.Fatal(err)
	}
	if got := set.Count(); got != 18 {
		t.Errorf("cardinality is %d, want 18", got)
	}
	if !set.Has(server, 5) || set.Has(server, 4) {
		t.Error("membership is wrong")
	}
	rest := set.Without(server, 7)
	if rest.Has(server, 7) || !rest.Has(server, 6) || !rest.Has(server, 8) || rest.Count() != 17 {
		t.Errorf("without one: %s", rest)
	}
	other, err := gtid.Parse(serverA + ":2-6:9-20")
	if err != nil {
		t.Fatal(err)
	}
	if both := set.Intersect(other); both.String() != serverA+":2-3:5-6:9" || set.Subtract(other).Count() != 13 {
		t.Errorf("in both: %s; %d are in one only", both, set.Subtract(other).Count())
	}
	if !set.Has(server, 7) {
		t.Error("without must not change the set itself")
	}
	if less := set.Subtract(other); less.String() != "11111111-1111-1111-1111-111111111111:1-10,"+serverA+":1:7-8" && less.String() != serverA+":1:7-8,11111111-1111-1111-1111-111111111111:1-10" {
		t.Errorf("in one only: %s", less)
	}
	if last := set.Newest(server, 6); last.String() != serverA+":3:5-9" {
		t.Errorf("the newest six: %s", last)
	}
	one := gtid.NewSet()
	one.Add(server, 1)
	if !one.Without(server, 1).IsEmpty() {
		t.Error("a set without its only transaction is empty")
	}
	one.AddAll(set)
	if !one.Contains(set) || !set.Contains(one) {
		t.Errorf("union is %s", one)
	}
	if _, err := gtid.Parse("nonsense"); err == nil {
		t.Error("nonsense is no GTID set")
	}
}

func TestClonesShareNothing(t *testing.T) {
	set := gtid.NewSet()
	set.Add(server, 1)
	copied := set.Clone()
	copied.Add(server, 2)
	if set.Count() != 1 || copied.Count() != 2 {
		t.Errorf("%s and its copy %s", set, copied)
	}
	if copied.Replication().String() != copied.String() {
		t.Errorf("the client gets %s of %s", copied.Replication(), copied)
	}
}

func TestCount(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 0, serverA + ":7": 1, serverA + ":1-3:5-9,\n11111111-1111-1111-1111-111111111111:1-10": 18,
	} {
		if n, err := gtid.Count(text); err != nil || n != want {
			t.Errorf("%q has %d transactions, %v, want %d", text, n, err, want)
		}
	}
	for _, text := range []string{"nonsense", serverA + ":x", serverA + ":5-3"} {
		if n, err := gtid.Count(text); err == nil {
			t.Errorf("%q has %d transactions", text, n)
		}
	}
	if _, err := gtid.Count(serverA + ":1-3:a_tag:1-2"); err == nil || !strings.Contains(err.Error(), "tagged GTIDs are not supported") {
		t.Errorf("a tagged set: %v", err)
	}
}
