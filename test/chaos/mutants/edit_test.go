package mutants

import (
	"strings"
	"testing"
)

func TestEdits(t *testing.T) {
	const program = `package p

func (r *reader) read(wait string) {
	if err := r.ask(wait, one); err != nil {
		return
	}
	say("plain", wait)
}

func (w *writer) read() {
	r.ask(wait, two)
	say("again")
	say("again")
}
`
	for _, c := range []struct {
		name string
		edit Edit
		from string // a part of the program
		want string // what stands in its place; "error: …": none, but this error
	}{
		{"at the start", Edit{"(*reader).read", atStart("wait = x")}, "string) {\n", "string) {\nwait = x\n\n"},
		{"the whole if", Edit{"(*reader).read", become(call("ask", "one"), "pass()")}, "if err := r.ask(wait, one); err != nil {\n\t\treturn\n\t}", "pass()"},
		{"a text's statement", Edit{"(*reader).read", drop(text("plain"))}, `say("plain", wait)`, ""},
		{"before", Edit{"(*writer).read", before(call("ask"), "x()")}, "r.ask(wait, two)", "x()\nr.ask(wait, two)"},
		{"after", Edit{"(*writer).read", after(call("ask"), "x()")}, "r.ask(wait, two)", "r.ask(wait, two)\nx()"},
		{"an argument", Edit{"(*reader).read", argument(call("ask"), 0, `""`)}, "ask(wait, one)", `ask("", one)`},
		{"a value", Edit{"(*reader).read", value(call("ask"), "nil")}, "r.ask(wait, one)", "nil"},
		{"no such argument", Edit{"(*reader).read", argument(call("ask"), 2, `""`)}, "", "error: no argument 2"},
		{"a place that is there twice", Edit{"(*writer).read", drop(text("again"))}, "", "error: twice"},
		{"a place that is elsewhere", Edit{"(*writer).read", drop(text("plain"))}, "", "error: no function"},
		{"another function", Edit{"(*writer).write", atStart("x()")}, "", "error: no function"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Mutant{Name: "m", Edits: []Edit{c.edit}}.mutate([]*source{{path: "p.go", text: []byte(program)}})
			if why, ok := strings.CutPrefix(c.want, "error: "); ok {
				if err == nil || !strings.Contains(err.Error(), why) {
					t.Errorf("error %v", err)
				}
				return
			}
			if want := strings.Replace(program, c.from, c.want, 1); err != nil || string(got["p.go"]) != want {
				t.Errorf("%v\n%s\nwant\n%s", err, got["p.go"], want)
			}
		})
	}
	same := []*source{{path: "a.go", text: []byte(program)}, {path: "b.go", text: []byte(program)}}
	if _, err := (Mutant{Edits: []Edit{{"(*reader).read", atStart("x()")}}}).mutate(same); err == nil || !strings.Contains(err.Error(), "a.go") {
		t.Errorf("a function that is there twice: %v", err)
	}
}
