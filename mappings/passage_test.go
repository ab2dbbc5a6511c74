package mappings_test

import (
	"testing"

	"github.com/xunke/xunke/mappings"
)

// TestPassagesHaveOneWriting: a text without Hanzi gets none from its category and tags.
func TestPassagesHaveOneWriting(t *testing.T) {
	tags := []string{"Docker", "容器"}
	for _, tt := range []struct{ name, summary, want string }{
		{"Docker", "", "Docker\nDocker"},
		{"Docker", "What containers are", "Docker\nDocker\nWhat containers are"},
		{"Docker", "容器入门", "Docker\n运维\nDocker 容器\n容器入门"},
		{"Docker 入门", "", "Docker 入门\n运维\nDocker 容器"},
	} {
		if got := mappings.Passage(tt.name, "运维", tags, tt.summary); got != tt.want {
			t.Errorf("%s, %s: %q, want %q", tt.name, tt.summary, got, tt.want)
		}
	}
	if got := mappings.Passage("Docker", "Operations", nil, ""); got != "Docker\nOperations" {
		t.Errorf("with a category in Latin letters: %q", got)
	}
}
