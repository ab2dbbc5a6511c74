package ops

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestProcesses(t *testing.T) {
	dir := t.TempDir()
	release, err := WritePID(dir, "api")
	if err != nil {
		t.Fatal(err)
	}
	// A file that was left behind, with the pid of a process that is somebody else's.
	if err := os.WriteFile(filepath.Join(dir, "indexer.pid"), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := Processes(dir)
	want := []ProcessStatus{{"api", os.Getpid(), true}, {"indexer", os.Getpid(), false}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("processes: %+v, want %+v", got, want)
	}
	release()
	if got := Processes(dir); got[0] != (ProcessStatus{Name: "api"}) {
		t.Errorf("after the end: %+v", got)
	}
}
