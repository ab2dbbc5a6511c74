package store_test

import (
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/synonym"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/searchlog"
)

func TestSynonyms(t *testing.T) {
	synonyms := store.NewSynonyms(testenv.MySQL(t, testenv.Config(t)))
	ctx := t.Context()
	rule := func(text string) []synonym.Rule {
		r, err := synonym.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return []synonym.Rule{r}
	}
	versions := map[string]bool{}
	expect := func(when string, err error, want ...string) {
		t.Helper()
		rows, listErr := synonyms.List(ctx)
		rules, rulesErr := synonyms.Rules(ctx)
		version, versionErr := synonyms.Version(ctx)
		for _, err := range []error{err, listErr, rulesErr, versionErr} {
			if err != nil {
				t.Fatalf("%s: %v", when, err)
			}
		}
		var got []string
		for _, row := range rows {
			got = append(got, row.Rule)
		}
		if !slices.Equal(got, want) || len(rules) != len(want) {
			t.Errorf("%s: rules are %q, want %q", when, got, want)
		}
		if versions[version] {
			t.Errorf("%s: the version is an old one", when)
		}
		versions[version] = true
	}
	expect("at first", nil)
	_, err := synonyms.Ship(ctx, slices.Concat(rule("a, b"), rule("c => d")))
	expect("after shipping", err, "a, b", "c => d")
	n, err := synonyms.Add(ctx, slices.Concat(rule("e, f"), rule("a, b")))
	expect("after adding", err, "a, b", "c => d", "e, f")
	if n != 1 {
		t.Errorf("added %d", n)
	}
	expect("after removing", synonyms.Remove(ctx, rule("a, b")[0]), "c => d", "e, f")
	if n, err = synonyms.Ship(ctx, slices.Concat(rule("a, b"), rule("g, h"))); n != 1 {
		t.Errorf("an upgrade ships %d", n)
	}
	expect("after an upgrade", err, "c => d", "e, f", "g, h")
	if rules, err := synonyms.Rules(ctx); err != nil || len(rules) != 3 || rules[0].String() != "e, f" {
		t.Errorf("rules of admins do not come first: %v, %v", rules, err)
	}
	_, err = synonyms.Add(ctx, rule("a, b"))
	expect("after adding it again", err, "a, b", "c => d", "e, f", "g, h")
	if err := synonyms.Remove(ctx, rule("x, y")[0]); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("removing what is not there: %v", err)
	}
}

// TestDismissedSynonyms: what is dismissed stays so, in whatever spelling it was.
func TestDismissedSynonyms(t *testing.T) {
	synonyms := store.NewSynonyms(testenv.MySQL(t, testenv.Config(t)))
	for _, pair := range [][2]string{{"看牙", "口腔 醫學"}, {"看 牙", "口腔医学"}, {"Tooth", "Dental"}} {
		if err := synonyms.Dismiss(t.Context(), pair[0], pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := synonyms.Dismiss(t.Context(), "x", ""); catalog.CodeOf(err) != catalog.CodeInvalid {
		t.Errorf("dismiss nothing: %v", err)
	}
	got, err := synonyms.Dismissed(t.Context())
	if want := []searchlog.Dismissal{{Query: "tooth", Word: "dental"}, {Query: "看牙", Word: "口腔医学"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("dismissed are %v, %v; want %v", got, err, want)
	}
}
