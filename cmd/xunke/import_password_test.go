package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPasswordOfAPlatformNeedsNoArgument(t *testing.T) {
	const odd = "p:w@/?x ü"
	dir := t.TempDir()
	file := func(name, content string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const dsn = "reader@tcp(db:3306)/mxonline"
	for name, c := range map[string]struct {
		dsn, file, env, stdin string
		want, fails           string
	}{
		"an argument alone":     {dsn: "reader:old@tcp(db:3306)/mxonline", want: "reader:old@tcp(db:3306)/mxonline"},
		"none at all":           {dsn: dsn, want: dsn},
		"a file":                {dsn: dsn, file: file("pw", odd+"\n"), want: "reader:" + odd + "@tcp(db:3306)/mxonline"},
		"Windows' ends of line": {dsn: dsn, file: file("crlf", "secret\r\n"), want: "reader:secret@tcp(db:3306)/mxonline"},
		"the environment":       {dsn: dsn, env: odd, want: "reader:" + odd + "@tcp(db:3306)/mxonline"},
		"a file first":          {dsn: dsn, file: file("first", "a"), env: "b", want: "reader:a@tcp(db:3306)/mxonline"},
		"standard input":        {dsn: dsn, file: "-", stdin: "piped\n", want: "reader:piped@tcp(db:3306)/mxonline"},
		"two that differ":       {dsn: "reader:old@tcp(db:3306)/mxonline", env: "new", fails: "dsn"},
		"an empty file":         {dsn: dsn, file: file("empty", "\n"), fails: "password-file"},
		"some other file":       {dsn: dsn, file: file("long", strings.Repeat("x\n", 5000)), fails: "password-file"},
		"no file":               {dsn: dsn, file: filepath.Join(dir, "nowhere"), fails: "nowhere"},
		"no DSN":                {dsn: "reader@db", env: "secret", fails: "dsn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("XUNKE_IMPORT_PASSWORD", c.env)
			got, err := withPassword(c.dsn, c.file, strings.NewReader(c.stdin))
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) || strings.Contains(err.Error(), "secret") {
					t.Errorf("%q, %v; want an error about %s", got, err, c.fails)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}
