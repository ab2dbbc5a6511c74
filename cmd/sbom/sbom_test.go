package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// TestBill is of a program that links two modules of this one's.
func TestBill(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.0", Main: debug.Module{Path: "github.com/xunke/xunke"},
		Deps: []*debug.Module{
			{Path: "github.com/spf13/cobra", Version: moduleVersion(t, "github.com/spf13/cobra"), Sum: "h1:x"},
			{Path: "github.com/go-sql-driver/mysql", Version: moduleVersion(t, "github.com/go-sql-driver/mysql")},
		},
		Settings: []debug.BuildSetting{{Key: "GOARCH", Value: "arm64"}, {Key: "-ldflags", Value: "-X secret"}},
	}
	parts, err := partsOf(info)
	if err != nil {
		t.Fatal(err)
	}
	text, err := billOf(info, "v1.2.3", parts)
	if err != nil {
		t.Fatal(err)
	}
	again, err := billOf(info, "v1.2.3", parts)
	if err != nil || string(again) != string(text) {
		t.Errorf("the second time it is another bill (%v)", err)
	}
	var b bom
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, c := range b.Components {
		said = append(said, c.Name+" "+c.Licences[0].Licence.ID)
	}
	want := "std BSD-3-Clause, github.com/spf13/cobra Apache-2.0, github.com/go-sql-driver/mysql MPL-2.0"
	if strings.Join(said, ", ") != want {
		t.Errorf("components %s, want %s", strings.Join(said, ", "), want)
	}
	if len(b.Dependencies) != 4 || len(b.Dependencies[0].On) != 3 || b.Metadata.Component.PURL != "pkg:golang/github.com/xunke/xunke@v1.2.3" ||
		!strings.HasPrefix(b.SerialNumber, "urn:uuid:") || strings.Contains(string(text), "secret") {
		t.Errorf("%s", text)
	}

	folder := t.TempDir()
	for _, p := range parts {
		if err := p.copyLicences(folder); err != nil {
			t.Fatal(err)
		}
	}
	found, err := filepath.Glob(filepath.Join(folder, "github.com", "spf13", "cobra@*", "LICENSE.txt"))
	if err != nil || len(found) != 1 {
		t.Errorf("licences of cobra: %v, %v", found, err)
	}
}

func moduleVersion(t *testing.T, path string) string {
	t.Helper()
	version, err := output("go", "list", "-m", "-f", "{{.Version}}", path)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// TestAModuleWithoutTermsIsNotHandedOn: nobody has said that it may be.
func TestAModuleWithoutTermsIsNotHandedOn(t *testing.T) {
	p := part{name: "example.org/secret", version: "v1", folder: t.TempDir()}
	if err := os.WriteFile(filepath.Join(p.folder, "licensed.go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.findLicences(); err == nil || !strings.Contains(err.Error(), "example.org/secret@v1") {
		t.Errorf("error %v", err)
	}
}
