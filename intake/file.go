package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// MaxLine is how many bytes a line may have.
const MaxLine = 4 << 20

// file is one source of an import, which can be opened as often as it has to be read.
type file struct {
	name string // as messages name it
	path string
}

// spool makes every path readable more than once: "-" (standard input) and whatever is
// no regular file are copied to temporary files, which remove deletes. A path that
// cannot be read is an error before anything is written.
func spool(paths []string, stdin io.Reader) (files []file, remove func() error, err error) {
	var temporary []string
	remove = func() error {
		var errs []error
		for _, path := range temporary {
			errs = append(errs, os.Remove(path))
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, remove())
		}
	}()
	for _, path := range paths {
		if path == "-" {
			copied, err := copyAside(stdin, &temporary)
			if err != nil {
				return nil, remove, fmt.Errorf("keep standard input: %w", err)
			}
			files = append(files, file{name: "stdin", path: copied})
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, remove, fmt.Errorf("open catalogue: %w", err)
		}
		entry := file{name: filepath.Base(path), path: path}
		info, err := f.Stat()
		switch {
		case err == nil && info.IsDir():
			err = fmt.Errorf("%s is a directory", path)
		case err == nil && !info.Mode().IsRegular():
			entry.path, err = copyAside(f, &temporary)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, remove, fmt.Errorf("open catalogue: %w", err)
		}
		files = append(files, entry)
	}
	for i, a := range files {
		for j, b := range files {
			if i != j && a.name == b.name {
				files[i].name = paths[i] // two files of one name are told apart by their folders
			}
		}
	}
	return files, remove, nil
}

func copyAside(from io.Reader, temporary *[]string) (path string, err error) {
	f, err := os.CreateTemp("", "xunke-import-*.jsonl")
	if err != nil {
		return "", err
	}
	*temporary = append(*temporary, f.Name())
	_, err = io.Copy(f, from)
	return f.Name(), errors.Join(err, f.Close())
}

// lineReader reads lines of any length in bounded memory.
type lineReader struct {
	in     *bufio.Reader
	long   []byte // a line that did not fit in the buffer
	number int64
}

func newLineReader(r io.Reader) *lineReader {
	in := bufio.NewReaderSize(r, 256<<10)
	if mark, err := in.Peek(3); err == nil && bytes.Equal(mark, byteOrderMark) {
		_, _ = in.Discard(len(mark))
	}
	return &lineReader{in: in}
}

// errLongLine is what next returns for a line of more than MaxLine bytes. The next call
// goes on with the line after it.
var errLongLine = fmt.Errorf("is longer than %d bytes", MaxLine)

// next returns the next line without its end, valid until the call after; io.EOF when
// there is none. The number of the line is then in number.
func (l *lineReader) next() ([]byte, error) {
	l.number++
	line, err := l.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		l.long = append(l.long[:0], line...)
		tooLong := false
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = l.in.ReadSlice('\n')
			if tooLong = tooLong || len(l.long)+len(line) > MaxLine; !tooLong {
				l.long = append(l.long, line...)
			}
		}
		if tooLong && (err == nil || errors.Is(err, io.EOF)) {
			return nil, errLongLine
		}
		line = l.long
	}
	switch {
	case err == nil:
		return bytes.TrimRight(line, "\r\n"), nil
	case errors.Is(err, io.EOF) && len(line) > 0:
		return bytes.TrimRight(line, "\r\n"), nil
	default:
		return nil, err
	}
}
