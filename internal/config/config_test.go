package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/config"
)

func TestAdminPassword(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XUNKE_CONFIG", "")
	t.Setenv("XUNKE_API_ADMIN_PASSWORD", "too short")
	if _, err := config.Load(""); err == nil || !strings.Contains(err.Error(), "api.admin_password") || strings.Contains(err.Error(), "too short") {
		t.Errorf("a short password: %v", err)
	}
	t.Setenv("XUNKE_API_ADMIN_PASSWORD", "long enough to keep")
	c, err := config.Load("")
	if err != nil || c.API.AdminPassword != "long enough to keep" {
		t.Fatalf("%v", err)
	}
	if got := c.Mask().API.AdminPassword; got != "***" {
		t.Errorf("it is shown as %q", got)
	}
}

func TestRankings(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XUNKE_CONFIG", "")
	c, err := config.Load("")
	if err != nil || c.Rankings.Scoring() != catalog.StandardScoring() {
		t.Fatalf("without a setting: %+v, %v", c.Rankings, err)
	}
	t.Setenv("XUNKE_RANKINGS_FAVORITE_WEIGHT", "7")
	t.Setenv("XUNKE_RANKINGS_HALF_LIFE", "36h")
	want := catalog.Scoring{View: 1, Favorite: 7, Enrolment: 10, HalfLife: 36 * time.Hour}
	if c, err = config.Load(""); err != nil || c.Rankings.Scoring() != want {
		t.Errorf("%+v, %v", c.Rankings, err)
	}
	for key, value := range map[string]string{
		"rankings.view_weight": "0", "rankings.favorite_weight": "-1", "rankings.enrolment_weight": "1001", "rankings.half_life": "0s",
	} {
		t.Run(key, func(t *testing.T) {
			t.Setenv("XUNKE_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_")), value)
			if _, err := config.Load(""); err == nil || !strings.Contains(err.Error(), key+" = ") {
				t.Errorf("%s: %v", value, err)
			}
		})
	}
}

func TestSecurityContact(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for contact, good := range map[string]bool{
		"": true, "security@school.example": true, "https://school.example/security": true,
		"http://school.example/": false, "https://": false, "school": false, "A <a@b.example>": false, "javascript:alert(1)": false,
		"a@b.example\nContact: mailto:evil@b.example": false, "https://b.example/\nContact:": false,
	} {
		t.Setenv("XUNKE_API_SECURITY_CONTACT", contact)
		if _, err := config.Load(""); (err == nil) != good || (err != nil && !strings.Contains(err.Error(), "api.security_contact")) {
			t.Errorf("%q: %v", contact, err)
		}
	}
}

func TestEncryption(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("XUNKE_CONFIG", "")
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		env  map[string]string
		want string // the key at fault
	}{
		{"a name without TLS", map[string]string{"REDIS_SERVER_NAME": "redis.school.example"}, "redis.server_name = redis.school.example"},
		{"a name with TLS", map[string]string{"REDIS_SERVER_NAME": "redis.school.example", "REDIS_TLS": "true"}, ""},
		{"no such file", map[string]string{"REDIS_CA": "/nowhere/ca.pem", "REDIS_TLS": "true"}, "redis.ca = /nowhere/ca.pem"},
		{"a file without certificates", map[string]string{"ELASTICSEARCH_CA": empty, "ELASTICSEARCH_ADDRESSES": "https://es:9200"}, "elasticsearch.ca = " + empty},
		{"no file", map[string]string{"ELASTICSEARCH_ADDRESSES": "https://es:9200"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for key, value := range c.env {
				t.Setenv("XUNKE_"+key, value)
			}
			_, err := config.Load("")
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestCacheBytes(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("XUNKE_CONFIG", "")
	for bytes, good := range map[string]bool{"0": true, "1048576": true, "1048575": false, "-1": false, "68719476736": true, "68719476737": false} {
		t.Setenv("XUNKE_API_CACHE_BYTES", bytes)
		c, err := config.Load("")
		if (err == nil) != good || err != nil && !strings.Contains(err.Error(), "api.cache_bytes = "+bytes) || err == nil && fmt.Sprint(c.API.CacheBytes) != bytes {
			t.Errorf("%s: %d, %v", bytes, c.API.CacheBytes, err)
		}
	}
}
