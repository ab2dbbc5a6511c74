package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAnEmptyVariableIsAValue(t *testing.T) {
	file := filepath.Join(t.TempDir(), "xunke.yaml")
	text := "api: {admin_password: of the file itself, listen: 127.0.0.1:1234, operators: [10.0.0.0/8]}\nredis: {addresses: [127.0.0.1:1]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"api.admin_password", "api.listen", "api.operators", "redis.addresses"} {
		t.Setenv(variable(key), "")
	}
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if c.API.AdminPassword != "" || len(c.API.Operators) != 0 || len(c.Redis.Addresses) != 0 {
		t.Errorf("the file's values stay in force: %q, %q, %q", c.API.AdminPassword, c.API.Operators, c.Redis.Addresses)
	}
	if c.API.Listen != "127.0.0.1:1234" {
		t.Errorf("an empty address means nothing, and is taken: %q", c.API.Listen)
	}
	for key, value := range defaults {
		if value == "" && !slices.Contains(emptyMeans, key) {
			t.Errorf("%s is empty by default, and an empty variable does not make it so", key)
		}
	}
	for _, key := range emptyMeans {
		if _, ok := defaults[key]; !ok {
			t.Errorf("%s is no setting", key)
		}
	}
}

func TestUnknownVariables(t *testing.T) {
	for _, name := range []string{"XUNKE_API_ADMIN_PASWORD", "XUNKE_SERVICE_HOST", "XUNKE_API_LISTEN", "XUNKE_TEST_SOMETHING", "XUNKE_CONFIG"} {
		t.Setenv(name, "x")
	}
	got := UnknownVariables()
	for name, want := range map[string]bool{"XUNKE_API_ADMIN_PASWORD": true, "XUNKE_SERVICE_HOST": true, "XUNKE_API_LISTEN": false, "XUNKE_TEST_SOMETHING": false, "XUNKE_CONFIG": false} {
		if slices.Contains(got, name) != want {
			t.Errorf("unknown: %q; %s: want %t", got, name, want)
		}
	}
}

func TestAddressesAreValidated(t *testing.T) {
	for setting, values := range map[string][]string{
		"api.public_url":          {"xunke.example", "ftp://xunke.example", "https://", "https://xunke.example/a b", "https://me:secret@xunke.example", "https://xunke.example/?q=1"},
		"api.listen":              {"127.0.0.1", "127.0.0.1:http", "127.0.0.1:70000", "a b:80"},
		"api.admin_listen":        {"9090", "127.0.0.1:x"},
		"redis.addresses":         {"127.0.0.1", "redis://127.0.0.1:6379", "a b:1"},
		"redis.prefix":            {"a b", "{a}", strings.Repeat("a", 65)},
		"mysql.addresses":         {"a b:1", "tcp(a:1)"},
		"elasticsearch.addresses": {"127.0.0.1:9200", "http://a b:9200"},
	} {
		for _, value := range values {
			t.Run(setting+" "+value, func(t *testing.T) {
				t.Setenv("XUNKE_CONFIG", "")
				t.Setenv("XDG_CONFIG_HOME", t.TempDir())
				t.Setenv("XDG_CACHE_HOME", t.TempDir())
				t.Setenv(variable(setting), value)
				if _, err := Load(""); err == nil || !strings.Contains(err.Error(), setting) || strings.Contains(err.Error(), "secret") {
					t.Errorf("%q: %v", value, err)
				}
			})
		}
	}
	for _, good := range []string{"https://xunke.example", "http://127.0.0.1:8080/", "https://xunke.example/kurse"} {
		if !validPublicURL(good) {
			t.Errorf("%s is refused", good)
		}
	}
	if !validAddress(":8080") || !validAddress("[::1]:8080") {
		t.Error("good addresses are refused")
	}
}
