package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xunke/xunke/ops"
)

// TestARunDirThatCannotBeWrittenTo keeps nothing from starting; a second process does.
func TestARunDirThatCannotBeWrittenTo(t *testing.T) {
	var log bytes.Buffer
	a := &app{log: slog.New(slog.NewTextHandler(&log, nil))}
	inTheWay := filepath.Join(t.TempDir(), "run")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a.config.RunDir = inTheWay
	release, err := a.writePID("api")
	if err != nil || !strings.Contains(log.String(), "run_dir cannot be written to") {
		t.Fatalf("%v\n%s", err, log.String())
	}
	release()
	a.config.RunDir = t.TempDir()
	release, err = a.writePID("api")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, err := a.writePID("api"); !errors.Is(err, ops.ErrRunning) || !strings.Contains(err.Error(), "api is running already with pid ") {
		t.Errorf("a second time: %v", err)
	}
}
