package config_test

import (
	"strings"
	"testing"

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
	if got := c.Masked().API.AdminPassword; got != "***" {
		t.Errorf("it is shown as %q", got)
	}
}
