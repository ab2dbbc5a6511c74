package events

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// SpillLimit is how many bytes of events wait in a file at most.
const SpillLimit = 64 << 20

// ErrSpillFull says that the file has no room.
var ErrSpillFull = errors.New("the file of spilled events is full")

// Spill is a file of lines that wait for the queue. Several processes may share its folder:
// the files are locked while they are changed. A line is as safe as the machine: it
// survives the end of the process, not that of the machine.
//
//	events.spill   lines are appended here
//	events.replay  was events.spill, and is being read
//	events.lock    held while one is appended to or renamed
//	replay.lock    held while the other is read
type Spill struct {
	dir   string
	limit int64
	mu    sync.Mutex // file locks do not tell goroutines apart
}

// NewSpill keeps its files in a folder, which it makes; limit is in bytes. With an error the
// spill is there all the same: the folder is made by the first Append that can.
func NewSpill(dir string, limit int64) (*Spill, error) {
	s := &Spill{dir: dir, limit: limit}
	return s, s.makeFolder()
}

func (s *Spill) makeFolder() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("make folder of spilled events: %w", err)
	}
	return nil
}

func (s *Spill) path(name string) string { return filepath.Join(s.dir, name) }

// Append adds a line. ErrSpillFull when it has no room.
func (s *Spill) Append(line []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.withLock("events.lock", syscall.LOCK_EX, func() (err error) {
		file, err := os.OpenFile(s.path("events.spill"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		info, err := file.Stat()
		if err != nil {
			return err
		}
		if info.Size()+int64(len(line))+1 > s.limit {
			return ErrSpillFull
		}
		if _, err = file.Write(append(bytes.Clone(line), '\n')); err != nil {
			// Half a line would spoil the next one.
			err = errors.Join(err, file.Truncate(info.Size()))
		}
		return err
	})
}

// Replay gives every line to a function, oldest first, and forgets those for which it
// returns nil. It stops at the first error and returns it with the number of lines that
// are forgotten. While another process replays it does nothing.
func (s *Spill) Replay(give func(line []byte) error) (done int, err error) {
	if s.empty() {
		return 0, nil
	}
	err = s.withLock("replay.lock", syscall.LOCK_EX|syscall.LOCK_NB, func() error {
		if err := s.take(); err != nil {
			return err
		}
		var err error
		done, err = s.give(give)
		return err
	})
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return 0, nil
	}
	return done, err
}

func (s *Spill) empty() bool {
	for _, name := range []string{"events.spill", "events.replay"} {
		if info, err := os.Stat(s.path(name)); err == nil && info.Size() > 0 {
			return false
		}
	}
	return true
}

// take renames the file that is appended to, unless an earlier one is still to be read.
func (s *Spill) take() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.withLock("events.lock", syscall.LOCK_EX, func() error {
		if _, err := os.Stat(s.path("events.replay")); err == nil {
			return nil
		}
		err := os.Rename(s.path("events.spill"), s.path("events.replay"))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

func (s *Spill) give(give func(line []byte) error) (done int, err error) {
	file, err := os.Open(s.path("events.replay"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	reader := bufio.NewReader(file)
	var offset int64
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			if stop := give(bytes.TrimSuffix(line, []byte("\n"))); stop != nil {
				return done, errors.Join(stop, s.keep(file, offset))
			}
			done++
			offset += int64(len(line))
		}
		if errors.Is(err, io.EOF) {
			return done, os.Remove(s.path("events.replay"))
		}
		if err != nil {
			return done, err
		}
	}
}

// keep makes a file of what is left of the one that is read, and puts it in its place.
func (s *Spill) keep(file *os.File, offset int64) (err error) {
	if offset == 0 {
		return nil
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	rest, err := os.CreateTemp(s.dir, "events.rest-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(rest.Name()))
		}
	}()
	if _, err := io.Copy(rest, file); err != nil {
		return errors.Join(err, rest.Close())
	}
	if err := rest.Close(); err != nil {
		return err
	}
	return os.Rename(rest.Name(), s.path("events.replay"))
}

// withLock does something while a lock file is held. Closing the file gives it back, also
// when the process dies.
func (s *Spill) withLock(name string, how int, do func() error) (err error) {
	if err := s.makeFolder(); err != nil {
		return err
	}
	file, err := os.OpenFile(s.path(name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := syscall.Flock(int(file.Fd()), how); err != nil {
		return fmt.Errorf("lock %s: %w", name, err)
	}
	return do()
}
