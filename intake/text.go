package intake

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// byteOrderMark is what Windows editors put before UTF-8.
var byteOrderMark = []byte("\xEF\xBB\xBF")

// ReadText reads a whole file of text that somebody hands in, as files of an import are
// read: without the mark that some editors begin it with, and refused with the line that is
// not UTF-8, as nothing of a file in GBK or UTF-16 is what its author meant.
func ReadText(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read text: %w", err)
	}
	raw = bytes.TrimPrefix(raw, byteOrderMark)
	if utf8.Valid(raw) && !bytes.ContainsRune(raw, 0) {
		return raw, nil
	}
	number := 0
	for line := range bytes.Lines(raw) {
		if number++; !utf8.Valid(line) || bytes.ContainsRune(line, 0) {
			break
		}
	}
	return nil, fmt.Errorf("read text: line %d of %s is not valid UTF-8; save the file as UTF-8 (it may be GBK or UTF-16) and hand it in again", number, filepath.Base(path))
}
