package intake_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xunke/xunke/intake"
)

func TestReadText(t *testing.T) {
	for name, tt := range map[string]struct{ content, want, problem string }{
		"plain":        {"# a\nb, c\n", "# a\nb, c\n", ""},
		"a mark":       {"\xEF\xBB\xBF# 注释, 不是规则\n", "# 注释, 不是规则\n", ""},
		"empty":        {"", "", ""},
		"GBK":          {"# ok\n\xca\xfd\xbe\xdd, data\n", "", "line 2 of words.txt is not valid UTF-8"},
		"UTF-16":       {"\xff\xfea\x00,\x00b\x00\n\x00", "", "line 1 of words.txt is not valid UTF-8"},
		"zero bytes":   {"a\x00b\n", "", "line 1 of words.txt"},
		"a mark alone": {"\xEF\xBB\xBF", "", ""},
	} {
		path := filepath.Join(t.TempDir(), "words.txt")
		if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := intake.ReadText(path)
		if string(got) != tt.want || (err != nil) != (tt.problem != "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := intake.ReadText(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is read")
	}
}
