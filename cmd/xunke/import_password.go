package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/config"
)

// maxPasswordFile is how much of a password's file is read; a longer one is some other file.
const maxPasswordFile = 4096

// withPassword puts the password of a platform's database into its DSN: that of a file ("-" is
// standard input), or else that of the environment. An argument is seen by everybody who may
// list processes, and stays in the shell's history.
func withPassword(dsn, file string, stdin io.Reader) (string, error) {
	password := config.ImportPassword()
	if file != "" {
		var err error
		if password, err = readPassword(file, stdin); err != nil {
			return "", err
		}
	}
	if password == "" {
		return dsn, nil
	}
	parsed, err := mysql.ParseDSN(dsn)
	if err != nil {
		// The parser's own error may quote the DSN.
		return "", catalog.Invalidf("dsn", "is not user@tcp(host:port)/database")
	}
	if parsed.Passwd != "" && parsed.Passwd != password {
		return "", catalog.Invalidf("dsn", "has a password, and another one comes from --password-file or XUNKE_IMPORT_PASSWORD")
	}
	parsed.Passwd = password
	return parsed.FormatDSN(), nil
}

func readPassword(file string, stdin io.Reader) (string, error) {
	from := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("read password: %w", err)
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	raw, err := io.ReadAll(io.LimitReader(from, maxPasswordFile+1))
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	password := strings.TrimRight(string(raw), "\r\n")
	if password == "" || len(raw) > maxPasswordFile || strings.ContainsAny(password, "\r\n") {
		return "", catalog.Invalidf("password-file", "%s holds no single line that could be a password", file)
	}
	return password, nil
}
