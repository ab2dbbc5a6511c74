package main

import (
	"slices"
	"testing"
	"time"
)

func TestQuantilesAreMeasuredValues(t *testing.T) {
	var all []time.Duration
	for n := 200; n >= 1; n-- { // not in order
		all = append(all, time.Duration(n)*time.Millisecond)
	}
	if got, want := quantilesOf(all), (quantiles{Count: 200, P50: 100, P90: 180, P99: 198, Max: 200}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := quantilesOf([]time.Duration{7 * time.Millisecond}), (quantiles{Count: 1, P50: 7, P90: 7, P99: 7, Max: 7}); got != want {
		t.Errorf("of one value: got %+v, want %+v", got, want)
	}
	if got := quantilesOf(nil); got != (quantiles{}) {
		t.Errorf("of none: got %+v", got)
	}
}

func TestTokensDifferAndAreLetters(t *testing.T) {
	seen := map[string]bool{}
	for n := range 2000 {
		name := token(n)
		if seen[name] || len(name) != len("freshaaaaaa") {
			t.Fatalf("token %d is %s", n, name)
		}
		seen[name] = true
	}
}

func TestFlagsAreChecked(t *testing.T) {
	if o, err := parseFlags([]string{"-courses", "5", "search"}); err != nil || o.courses != 5 || !slices.Equal(o.parts, []string{"search"}) {
		t.Errorf("got %+v, %v", o, err)
	}
	for _, args := range [][]string{{"-courses", "0"}, {"speed"}, {"-clients", "-1"}} {
		if _, err := parseFlags(args); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}

func TestOnlyThisMachineIsMeasured(t *testing.T) {
	for address, ok := range map[string]bool{"127.0.0.1:9200": true, "localhost:3306": true, "[::1]:6379": true, "10.0.0.7:9200": false, "example.org:9200": false, "nonsense": false} {
		if err := onThisMachine(address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}
