package doctor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/doctor"
	"github.com/xunke/xunke/internal/elastic"
	elasticdoctor "github.com/xunke/xunke/internal/elastic/doctor"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
)

func TestExamine(t *testing.T) {
	c := testenv.Config(t)
	client := testenv.Elasticsearch(t, c)
	indices := index.NewIndices(client, mappings.Options{Shards: 1, Refresh: time.Second})
	examine := func(state indexer.State) map[string]doctor.Finding {
		t.Helper()
		found := map[string]doctor.Finding{}
		for _, f := range elasticdoctor.Examine(t.Context(), client, "http://es:9200", "admin", state) {
			if f.Area != "elasticsearch" || f.Why == "" || f.Found == "" || (f.Fix == "") != (f.Status == doctor.OK) {
				t.Errorf("incomplete: %+v", f)
			}
			found[f.Check] = f
		}
		return found
	}
	for _, k := range catalog.Kinds() {
		if f := examine(indexer.State{})["alias "+client.Alias(k)]; f.Status != doctor.Failure || f.Found != "there is none" {
			t.Errorf("without an index: %+v", f)
		}
	}

	var state indexer.State
	to := map[catalog.Kind]string{}
	for i, k := range catalog.Kinds() {
		g, err := indices.Create(t.Context(), k, i+1)
		if err != nil {
			t.Fatal(err)
		}
		g.Stage, to[k] = indexer.StageServing, g.Index
		state.Live = append(state.Live, g)
	}
	if err := indices.Swap(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	course, org, teacher := to[catalog.KindCourse], to[catalog.KindOrg], to[catalog.KindTeacher]
	if f := examine(state)["refresh of "+course]; f.Status != doctor.Failure || f.Found != "-1" {
		t.Errorf("an index that is still being loaded: %+v", f)
	}
	for _, name := range to {
		if err := indices.Finish(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	for check, f := range examine(state) {
		// Disks and the cluster's settings are those of the machine.
		if f.Status != doctor.OK && check != "disk watermarks" && check != "automatic indices" && check != "cluster health" {
			t.Errorf("%+v", f)
		}
	}

	for _, change := range []struct {
		method, path string
		body         any
	}{
		{"PUT", "/" + course + "/_mapping", map[string]any{"dynamic": true}},
		{"PUT", "/" + org + "/_settings", map[string]any{"index.blocks.read_only_allow_delete": true}},
		{"PUT", "/" + teacher + "/_alias/" + client.Alias(catalog.KindOrg), nil},
	} {
		if err := client.Do(t.Context(), change.method, change.path, change.body, nil); err != nil {
			t.Fatal(err)
		}
	}
	state.Live[2].Index = "another"
	found := examine(state)
	for check, want := range map[string]string{
		"mapping of " + course:                       "dynamic is",
		"alias " + client.Alias(catalog.KindOrg):     "leads to " + org + " and " + teacher,
		"alias " + client.Alias(catalog.KindTeacher): "leads to " + teacher + ", which the indexer does not serve",
	} {
		if f := found[check]; f.Status != doctor.Failure || !strings.HasPrefix(f.Found, want) || f.Fix == "" {
			t.Errorf("%s: %+v, want %s", check, f, want)
		}
	}
	if err := client.Do(t.Context(), "DELETE", "/"+teacher+"/_alias/"+client.Alias(catalog.KindOrg), nil, nil); err != nil {
		t.Fatal(err)
	}
	if f := examine(state)["blocks of "+org]; f.Status != doctor.Failure || f.Found != "index.blocks.read_only_allow_delete" || !strings.Contains(f.Fix, "--user 'admin' 'http://es:9200/"+org) {
		t.Errorf("a blocked index: %+v", f)
	}
}

func TestExamineWithoutElasticsearch(t *testing.T) {
	client, err := elastic.Open(elastic.Options{Addresses: []string{"http://127.0.0.1:1"}, Prefix: "x"})
	if err != nil {
		t.Fatal(err)
	}
	findings := elasticdoctor.Examine(t.Context(), client, "http://127.0.0.1:1", "", indexer.State{})
	if len(findings) != 1 || findings.Worst() != doctor.Failure {
		t.Errorf("%+v", findings)
	}
}
