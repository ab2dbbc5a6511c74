package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
)

// The parts of CycloneDX 1.6 that are used (ECMA-424). It has no time in it, so that the
// same source gives the same bill.
type (
	bom struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		SpecVersion  string       `json:"specVersion"`
		SerialNumber string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Component component `json:"component"`
	}
	component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		PURL       string     `json:"purl"`
		Licences   []choice   `json:"licenses,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	choice struct {
		Licence licence `json:"license"`
	}
	licence struct {
		ID   string `json:"id,omitempty"`
		Name string `json:"name,omitempty"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref string   `json:"ref"`
		On  []string `json:"dependsOn,omitempty"`
	}
)

// billOf is the bill of materials of a program.
func billOf(info *debug.BuildInfo, version string, parts []part) ([]byte, error) {
	program := purl(info.Main.Path, version)
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{component{
			Type: "application", Ref: program, Name: info.Main.Path, Version: version, PURL: program, Licences: []choice{{licence{ID: "Apache-2.0"}}},
		}},
	}
	for _, s := range info.Settings {
		if slices.Contains([]string{"GOOS", "GOARCH", "CGO_ENABLED", "vcs.revision"}, s.Key) {
			b.Metadata.Component.Properties = append(b.Metadata.Component.Properties, property{"go:build:" + s.Key, s.Value})
		}
	}
	on := dependency{Ref: program}
	for _, p := range parts {
		c := component{Type: "library", Ref: purl(p.name, p.version), Name: p.name, Version: p.version, PURL: purl(p.name, p.version)}
		c.Licences = []choice{{licence{ID: p.licence}}}
		if p.licence == "" {
			c.Licences = []choice{{licence{Name: "see " + strings.Join(p.files, ", ")}}}
		}
		if p.sum != "" {
			c.Properties = []property{{"go:sum", p.sum}}
		}
		b.Components = append(b.Components, c)
		b.Dependencies = append(b.Dependencies, dependency{Ref: c.Ref})
		on.On = append(on.On, c.Ref)
	}
	b.Dependencies = append([]dependency{on}, b.Dependencies...)
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the bill of materials: %w", err)
	}
	b.SerialNumber = uuidOf(text)
	if text, err = json.MarshalIndent(b, "", "  "); err != nil {
		return nil, fmt.Errorf("write the bill of materials: %w", err)
	}
	return append(text, '\n'), nil
}

// purl is the address of a Go module in the form of package-url.
func purl(name, version string) string { return "pkg:golang/" + name + "@" + version }

// uuidOf is a UUID of version 8 (RFC 9562) that stands for a text.
func uuidOf(text []byte) string {
	h := sha256.Sum256(text)
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
