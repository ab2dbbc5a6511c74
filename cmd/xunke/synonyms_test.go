package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/searchlog"
)

// TestSynonymsAreNotProposedWithoutAModel: the command says what to do, and what an admin does
// not want can be said all the same.
func TestSynonymsAreNotProposedWithoutAModel(t *testing.T) {
	testenv.MySQL(t, testenv.Config(t))
	if out, err := runCommand(t, "synonyms", "suggest"); !errors.Is(err, searchlog.ErrNoModel) || !strings.Contains(err.Error(), "meaning.model") || out != "" {
		t.Errorf("suggest: %v\n%s", err, out)
	}
	if out, err := runCommand(t, "synonyms", "dismiss", "看牙, 口腔医学", "带娃 => 家庭教育"); err != nil || out != "dismissed 2 rules\n" {
		t.Errorf("dismiss: %v\n%s", err, out)
	}
}
