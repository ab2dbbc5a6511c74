package ops

import "testing"

func TestBreakerWarnings(t *testing.T) {
	is := func(open bool) func() bool { return func() bool { return open } }
	all := map[string]func() bool{"mysql": is(false), "elasticsearch": is(false), "redis": is(false)}
	if got := BreakerWarnings(all); len(got) > 0 {
		t.Errorf("all answer: %+v", got)
	}
	for server := range all {
		all[server] = is(true)
	}
	got := BreakerWarnings(all)
	if len(got) != 3 || got[0].Component != "elasticsearch" || got[2].Component != "redis" {
		t.Fatalf("none answers: %+v", got)
	}
	for _, w := range got {
		if w.Message == "" || w.Hint == "" {
			t.Errorf("%+v", w)
		}
	}
}
