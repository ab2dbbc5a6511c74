package mappings_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

var update = flag.Bool("update", false, "write the golden files anew")

// versionedTerms are the forms of some names, and the versions of the mappings whose
// indices hold them.
type versionedTerms struct {
	Versions map[catalog.Kind]int
	Names    map[string]mappings.NameTerms
	Persons  map[string]mappings.NameTerms
}

// TestTermsBelongToTheVersion fails when the forms of names change and the version of the
// mappings does not: indices of before would keep the old forms, unnoticed, while queries
// look for the new ones.
func TestTermsBelongToTheVersion(t *testing.T) {
	got := versionedTerms{Versions: map[catalog.Kind]int{}, Names: map[string]mappings.NameTerms{}, Persons: map[string]mappings.NameTerms{}}
	for _, k := range catalog.Kinds() {
		v, err := mappings.Version(k)
		if err != nil {
			t.Fatal(err)
		}
		got.Versions[k] = v
	}
	for _, name := range []string{
		"数据结构", "數據結構", "Java多线程编程", "Ｃ＋＋ 程序设计（上）", "重庆银行音乐史", "Node.js & Vue3 全栈", "C#", "大学物理—声学",
		"长春绿化旅游女装", "The Analytics Corner", "西安话", "Über-café", "机器学习 (Machine Learning)", "",
	} {
		got.Names[name] = mappings.TermsOf(name)
	}
	for _, name := range []string{"曾祥民", "单雄信", "仇英", "欧阳修", "Li Wei", "吕布"} {
		got.Persons[name] = mappings.TermsOfPerson(name)
	}
	path := filepath.Join("testdata", "terms.golden.json")
	var want versionedTerms
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, &want)
	}
	changed := !reflect.DeepEqual(got, want)
	if changed && err == nil && reflect.DeepEqual(got.Versions, want.Versions) {
		t.Fatal("the forms of names have changed: raise _meta.version in courses.json, orgs.json and teachers.json, then run with -update")
	}
	if *update {
		if raw, err = json.MarshalIndent(got, "", "  "); err == nil {
			err = os.WriteFile(path, append(raw, '\n'), 0o600)
		}
		changed = false
	}
	if err != nil || changed {
		t.Errorf("the versions are %v and were %v when the forms were written down (%v): run with -update", got.Versions, want.Versions, err)
	}
}
